/**
 * Where a process reaches outside: every call of its store and its network passes a boundary, at which the process may die
 * before, after, or in the middle of what it does. Docs: simulator.md, "Crashes".
 */
import * as Effect from "effect/Effect"
import type { Batch, Storage, StoreService } from "../../core/store.ts"
import type { Link, Transport } from "../../core/transport.ts"
import type { Opened } from "./disk.ts"
import type { WatchedProcess } from "./encryptions.ts"
import type { Boundary, Fate } from "./faults.ts"
import type { Process } from "./process.ts"
import type { Sealed } from "./sealed.ts"
import type { Witness } from "./witness.ts"

export interface Guard {
  readonly process: Process
  /** What becomes of the process at this boundary; undefined: it lives. */
  readonly fate: (boundary: Boundary) => Fate | undefined
}

/** Runs an outside effect at a boundary. `torn`: what is left of it when the process dies in the middle. */
const at =
  ({ fate, process }: Guard) =>
  <A, E>(boundary: Boundary, act: Effect.Effect<A, E>, torn: (marked: boolean) => Effect.Effect<unknown, E>) =>
    Effect.suspend((): Effect.Effect<A, E> => {
      if (!process.alive()) return Effect.never
      const came = fate(boundary)
      const die = Effect.suspend(() => {
        process.kill()
        return Effect.never
      })
      if (came === undefined) {
        return Effect.flatMap(act, (a) => (process.alive() ? Effect.succeed(a) : Effect.never))
      }
      if (came === "lost") return die
      if (came === "committed") return Effect.andThen(Effect.ignore(act), die)
      return Effect.andThen(Effect.ignore(torn(came === "marked")), die)
    })

const NOTHING = () => Effect.void

export const guardedStorage = (
  guard: Guard,
  options: {
    readonly kind: string
    readonly durable: boolean
    readonly open: Effect.Effect<Opened, Effect.Error<Storage["open"]>>
    readonly takeOver?: Effect.Effect<Opened, Effect.Error<Storage["open"]>>
    readonly freed?: Effect.Effect<void>
    readonly watched: WatchedProcess
    readonly witness: Witness
    /** How long the next commit takes, in milliseconds. */
    readonly pause: () => number
    /** Of a batch that a vault has sealed: what its owner reads there. Default: it is not sealed. */
    readonly sealed?: Pick<Sealed, "kept" | "plainOf"> | undefined
    /** Whether somebody else has taken the disk over: a writer that lost its place must leave no trace. */
    readonly isWriter: () => boolean
  },
): Storage => {
  const outside = at(guard)
  const { pause, sealed, watched, witness } = options
  const seen = (batch: Batch | undefined) => {
    if (batch === undefined) return
    sealed?.kept(batch)
    witness.committed(guard.process.peer, batch, options.isWriter())
  }
  const around = ({ store, tear }: Opened): StoreService => ({
    ...(store.lost && { lost: store.lost }),
    hosts: outside("hosts", store.hosts, NOTHING),
    load: (host) => outside("load", store.load(host), NOTHING),
    read: (host, record) => outside("read", store.read(host, record), NOTHING),
    list: (host, range) => outside("list", store.list(host, range), NOTHING),
    erase: (host) => outside("erase", store.erase(host), NOTHING),
    commit: (batch) =>
      Effect.gen(function* () {
        const durable = yield* watched.committing
        const plain = sealed === undefined ? batch : yield* sealed.plainOf(batch)
        const wait = pause()
        if (wait > 0) yield* Effect.sleep(wait)
        const applied = Effect.tap(store.commit(batch), () =>
          Effect.sync(() => {
            durable()
            seen(plain)
          }),
        )
        yield* outside("commit", applied, (marked) =>
          Effect.sync(() => {
            // What the journal holds whole is durable, though nobody was told.
            if (!tear(batch, marked) || !marked) return
            durable()
            seen(plain)
          }),
        )
      }),
  })
  const opening = (open: Effect.Effect<Opened, Effect.Error<Storage["open"]>>): Storage["open"] =>
    Effect.map(
      Effect.acquireRelease(outside("open", open, NOTHING), ({ release }) => Effect.sync(release)),
      around,
    )
  return {
    kind: options.kind,
    durable: options.durable,
    open: opening(options.open),
    ...(options.takeOver && { takeOver: opening(options.takeOver) }),
    ...(options.freed && { freed: options.freed }),
  }
}

/** More than a process ever has. */
const LINKS_A_LIFE = 1_000_000

/** `sent`: hears of every frame that is handed over, with a number for its link. */
export const guardedTransport = (
  guard: Guard,
  inner: Transport,
  sent: (link: number, frame: Uint8Array) => void = () => {},
): Transport => {
  const outside = at(guard)
  let links = 0
  const around = (link: Link): Link => {
    const number = guard.process.id * LINKS_A_LIFE + ++links
    const send = (frame: Uint8Array) =>
      Effect.suspend(() => {
        sent(number, frame)
        return link.send(frame)
      })
    return {
      ...link,
      send: (frame) =>
        outside("transmit", send(frame), () =>
          // The other side gets what had left by then.
          frame.length < 2 ? Effect.void : send(frame.slice(0, frame.length >> 1)),
        ),
    }
  }
  return {
    ...inner,
    listen: (address) =>
      Effect.map(
        outside("listen", Effect.suspend(() => inner.listen(address)) as never, NOTHING) as ReturnType<
          Transport["listen"]
        >,
        (listener) => ({ ...listener, accept: Effect.map(listener.accept, around) }),
      ),
    connect: (address, onFound) =>
      Effect.map(
        outside("dial", inner.connect(address, onFound) as never, NOTHING) as ReturnType<Transport["connect"]>,
        around,
      ),
  }
}
