/**
 * The run behind docs/worked-example.md: two engines, a network in memory and Effect's test clock, everything random from seeds.
 * Every frame is noted as it goes over the link. The same bytes come out every time.
 */
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { makeShelves, memory, type Shelves } from "../../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { makeEngine } from "../../src/core/engine.ts"
import type { Role } from "../../src/core/ids.ts"
import type { LayerName } from "../../src/core/layers/layer.ts"
import type { Link, Transport } from "../../src/core/transport.ts"
import { seededCrypto } from "../../src/spec/games/seeded.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"

export const SEEDS = { inviter: 1, joiner: 2, network: 3 } as const
export const START = Date.UTC(2026, 0, 1)
export const MESSAGE = "Hello, Bob"

export interface SentFrame {
  readonly by: Role
  readonly bytes: Uint8Array
}

type Records = { readonly [record: string]: Uint8Array }

export interface ExampleRun {
  readonly inviteText: string
  readonly binding: Uint8Array
  /** All of the handshake and what followed from it, in the order of sending. */
  readonly handshake: ReadonlyArray<SentFrame>
  /** The frame of MESSAGE. */
  readonly message: Uint8Array
  /** The joiner's records just before that frame came. */
  readonly joinerBefore: Records
  /** The inviter's records while its invite waited. */
  readonly inviterBefore: Records
  readonly digits: string
}

const recordsOf = ({ hosts }: Shelves): Records => {
  const [, shelf] = [...hosts].find(([id]) => id !== "profile") ?? []
  return Object.fromEntries([...(shelf?.records ?? [])].map(([id, bytes]) => [id, bytes.slice()]))
}

/** Notes what a side sends. */
const tapped = (inner: Transport, sent: (frame: Uint8Array, over: Link) => void): Transport => {
  const tap = (link: Link): Link => ({
    ...link,
    send: (frame) =>
      Effect.andThen(
        Effect.sync(() => sent(frame.slice(), link)),
        link.send(frame),
      ),
  })
  return {
    ...inner,
    listen: (address) =>
      Effect.map(inner.listen(address), (listener) => ({ ...listener, accept: Effect.map(listener.accept, tap) })),
    connect: (address, onFound) => Effect.map(inner.connect(address, onFound), tap),
  }
}

/** Rounds of the event loop: enough for everything that takes no time. */
const settled = Effect.promise(async () => {
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve))
})

export const runExample = (): Promise<ExampleRun> => {
  const dice = makeDice(SEEDS.network)
  const network = memoryNetwork({ random: (length) => Uint8Array.from({ length }, () => dice.upTo(255)) })
  const frames: Array<SentFrame> = []
  let binding: Uint8Array | undefined
  const shelves = { inviter: makeShelves(), joiner: makeShelves() }

  const engineOf = (name: string, role: Role) =>
    makeEngine({
      name,
      storage: memory(shelves[role]),
      transports: [
        tapped(network.transport(), (bytes, link) => {
          frames.push({ by: role, bytes })
          binding ??= link.binding
        }),
      ],
      appUrl: "https://app.example/",
      crypto: seededCrypto(SEEDS[role]),
    })

  const story = Effect.gen(function* () {
    yield* TestClock.setTime(START)
    const alice = yield* engineOf("Alice", "inviter")
    const bob = yield* engineOf("Bob", "joiner")
    const invite = yield* alice.invite({ expiresIn: "10 minutes" })
    yield* settled
    const inviterBefore = recordsOf(shelves.inviter)

    yield* bob.accept(invite.text)
    yield* settled
    // What is repeated, gathered or acknowledged needs time to pass; a second is less than any repetition.
    for (let i = 0; i < 20; i++) {
      yield* TestClock.adjust("40 millis")
      yield* settled
    }
    const toBob = yield* invite.joined
    const handshake = [...frames]
    const joinerBefore = recordsOf(shelves.joiner)

    frames.length = 0
    yield* toBob.conversation.send(MESSAGE)
    yield* settled
    return {
      inviteText: invite.text,
      binding: binding!,
      handshake,
      message: frames[0]!.bytes,
      joinerBefore,
      inviterBefore,
      digits: toBob.fingerprints()?.digits ?? "",
    }
  })
  return Effect.runPromise(Effect.scoped(story).pipe(Effect.provide(TestClock.layer())))
}

export const layerRecords = (records: Records): { readonly [L in LayerName]: Uint8Array } => ({
  mls: records["layer/mls"]!,
  signal: records["layer/signal"]!,
  kem: records["layer/kem"]!,
  aes: records["layer/aes"]!,
})
