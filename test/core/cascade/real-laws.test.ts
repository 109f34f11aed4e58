/** The ratchet's invariants on the MLS and Signal layers, and on the whole cascade taken as one layer. */
import * as Effect from "effect/Effect"
import { concat, equal } from "../../../src/core/crypto/bytes.ts"
import { type Crypto, Refused } from "../../../src/core/crypto/crypto.ts"
import { peerOf, type Role } from "../../../src/core/ids.ts"
import { LAYER_NAMES } from "../../../src/core/layers/cascade.ts"
import type { Layer } from "../../../src/core/layers/layer.ts"
import { mlsLayer } from "../../../src/core/layers/mls/layer.ts"
import { MAX_FORWARD_STEPS } from "../../../src/core/layers/mls/limits.ts"
import { type SottoState, sottoCascade } from "../../../src/core/layers/profile.ts"
import { signalLayer } from "../../../src/core/layers/signal/layer.ts"
import { MAX_RECEIVER_CHAINS } from "../../../src/core/layers/signal/receiver-chain.ts"
import { MAX_STORED, SKIPPED_LIFETIME } from "../../../src/core/layers/skipped-keys.ts"
import type { Promises } from "../../../src/spec/games/ratchet-observation.ts"
import { ratchetLaws } from "../layers/ratchet-laws.ts"
import { agree } from "./subjects.ts"

/** Both have spoken once: what an unanswered Signal session does with time is not a ratchet's matter. */
const acquainted: Effect.Effect<Readonly<Record<Role, SottoState>>, never, Crypto> = Effect.gen(function* () {
  const states = { ...(yield* agree) }
  for (const from of ["inviter", "joiner"] as const) {
    const sealed = yield* sottoCascade.seal(states[from], new Uint8Array(1))
    states[from] = sealed.state
    states[peerOf(from)] = (yield* sottoCascade.open(states[peerOf(from)], sealed.ciphertext)).state
  }
  return states
}).pipe(Effect.orDie)

const establishes = <State>(pick: (state: SottoState) => State) => {
  // States are values: one agreement serves every schedule.
  let once: Promise<Readonly<Record<Role, SottoState>>> | undefined
  return Effect.flatMap(Effect.context<Crypto>(), (context) =>
    Effect.promise(() => (once ??= Effect.runPromise(Effect.provideContext(acquainted, context)))),
  ).pipe(Effect.map(({ inviter, joiner }) => ({ inviter: pick(inviter), joiner: pick(joiner) })))
}

const common = { stored: MAX_STORED, lifetime: SKIPPED_LIFETIME, forgetsDerivations: false } as const

const mls: Promises = {
  ...common,
  skip: MAX_FORWARD_STEPS,
  turns: Number.POSITIVE_INFINITY,
  // Commits heal, and travel as content: not the layer's own turns.
  heals: false,
  // One signature. Each step is a few HKDF-Expand.
  work: { publicKey: 1, symmetric: 4 * MAX_FORWARD_STEPS + 50 },
}

const signal: Promises = {
  ...common,
  skip: 25_000,
  turns: MAX_RECEIVER_CHAINS,
  heals: true,
  // A Diffie-Hellman step for the frame, and what the braid does for a chunk; 25,000 steps of two chains.
  work: { publicKey: 8, symmetric: 4 * 25_000 },
}

/** The cascade binds its own associated data, so the schedule's is carried inside, as the Signal layer carries ours. */
const whole: Layer<SottoState> = {
  name: "aes",
  seal: (state, plaintext, associated) => sottoCascade.seal(state, concat(associated, plaintext)),
  open: (state, ciphertext, associated) =>
    Effect.flatMap(sottoCascade.open(state, ciphertext), ({ content, ...opened }) =>
      equal(content.slice(0, 32), associated)
        ? Effect.succeed({ ...opened, plaintext: content.slice(32) })
        : Effect.fail(new Refused()),
    ),
  expire: sottoCascade.expire,
  encode: (state) => {
    const records = sottoCascade.encode(state)
    const parts = LAYER_NAMES.map((name) => records[name])
    return concat(state.transcript, Uint8Array.of(state.role === "inviter" ? 1 : 2), ...parts.flatMap(framed))
  },
  decode: (bytes) => {
    const parts: Array<Uint8Array> = []
    for (let at = 33; at < bytes.length; ) {
      const end = at + 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
      parts.push(bytes.slice(at + 4, end))
      at = end
    }
    const [inner, second, third, outer] = parts
    if (inner === undefined || second === undefined || third === undefined || outer === undefined) return undefined
    const role = bytes[32] === 1 ? "inviter" : "joiner"
    return sottoCascade.decode(bytes.slice(0, 32), role, { mls: inner, signal: second, kem: third, aes: outer })
  },
  view: (state) => {
    const views = sottoCascade.view(state)
    return { ...views[3]!, skipped: Math.max(...views.map(({ skipped }) => skipped)) }
  },
}

const framed = (part: Uint8Array): ReadonlyArray<Uint8Array> => {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, part.length)
  return [length, part]
}

ratchetLaws(
  "mls",
  { layer: mlsLayer, promises: mls, establish: establishes(({ layers }) => layers.mls) },
  { schedules: 40, steps: 60 },
)
ratchetLaws(
  "signal",
  { layer: signalLayer, promises: signal, establish: establishes(({ layers }) => layers.signal) },
  { schedules: 40, steps: 60 },
)
ratchetLaws(
  "the whole cascade",
  {
    layer: whole,
    promises: { ...common, skip: 1_000, turns: MAX_RECEIVER_CHAINS, heals: true, work: signal.work },
    establish: establishes((state) => state),
  },
  { schedules: 15, steps: 40 },
)
