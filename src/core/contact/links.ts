/**
 * The live links to one peer: where we listen, whom we dial, and which link a frame takes. They belong to this process;
 * what they mean for the contact is decided by the link machine. Docs: architecture.md, "From a link to the host".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { CryptoService } from "../crypto/crypto.ts"
import { split } from "../fragments.ts"
import { encodeFrame } from "../frame.ts"
import { type Address, type Link, MAX_LINK_FRAME, type Path, type Transport, type Unreachable } from "../transport.ts"

/** Links to us over which nothing genuine came yet: anybody who learnt an address can open one. The oldest makes way. */
export const MAX_UNPROVEN = 3
/** Peers that find each other at the same time open two links; the second is closed after this long, in milliseconds. */
const SECOND_LINK_GRACE = 3_000

interface Open {
  readonly id: string
  readonly link: Link
  readonly dialed: boolean
  readonly scope: Scope.Closeable
  proven: boolean
}

/** What links tell their contact. */
export interface LinkEvents {
  readonly opened: (link: string, binding: Uint8Array | undefined) => void
  readonly closed: (link: string) => void
  /** None is left that may be the peer's own. */
  readonly lost: () => void
  /** The peer that we dial was found; a path to it is being opened. */
  readonly found: () => void
  readonly dialFailed: (failure: Unreachable | "nobody") => void
  /** Before anything is made of it, and after it was handed to the link. */
  readonly carried: (way: "out" | "in", bytes: Uint8Array) => void
  readonly frame: (link: string, binding: Uint8Array | undefined, bytes: Uint8Array) => Effect.Effect<void>
}

export interface LinksOptions {
  readonly crypto: CryptoService
  readonly transports: ReadonlyArray<Transport>
  /** Where the peer listens, as far as it is known now. */
  readonly peer: () => ReadonlyArray<Address>
  /** Of two links, the one that the joiner dialled stays. */
  readonly keepsDialed: boolean
  /** Whether a link that somebody opened to us may be the peer's: before pairing nobody knows where a joiner listens. */
  readonly mayBeFound: () => boolean
  readonly events: LinkEvents
}

export type Links = Effect.Success<ReturnType<typeof makeLinks>>

export const makeLinks = Effect.fnUntraced(function* (options: LinksOptions) {
  const { crypto, events, keepsDialed, mayBeFound, peer, transports } = options
  const scope = yield* Effect.scope
  const open = new Map<string, Open>()
  let opened = 0
  let dialing = false
  let probed: { readonly number: number; readonly at: number; readonly over: ReadonlyArray<string> } | undefined
  let roundTrip: number | undefined

  const hangUpOn = (one: Open): Effect.Effect<void> => Scope.close(one.scope, Exit.void)

  const gone = (one: Open) => {
    if (!open.delete(one.id)) return
    events.closed(one.id)
    // A stranger may keep a link open for as long as they like: it does not stand for the peer's.
    const other = [...open.values()].findLast(({ dialed, proven }) => dialed || proven)
    // What was under way on the lost one goes again over the other, and a greeting is bound to the other's channel.
    if (other !== undefined) return events.opened(other.id, other.link.binding)
    if (open.size > 0 && !(one.dialed || one.proven)) return
    roundTrip = undefined
    events.lost()
  }

  /** Takes a link in, and reads it until it ends. */
  const adopt = Effect.fnUntraced(function* (link: Link, dialed: boolean, within: Scope.Closeable) {
    const one: Open = { id: `link-${++opened}`, link, dialed, scope: within, proven: false }
    open.set(one.id, one)
    yield* Scope.addFinalizer(
      within,
      Effect.andThen(
        link.close,
        Effect.sync(() => gone(one)),
      ),
    )
    const unproven = [...open.values()].filter(({ dialed, proven }) => !proven && !dialed)
    for (const old of unproven.slice(0, -MAX_UNPROVEN)) yield* hangUpOn(old)
    const reading = Effect.gen(function* () {
      while (true) {
        const bytes = yield* link.receive
        if (bytes.length > MAX_LINK_FRAME) continue
        events.carried("in", bytes)
        yield* events.frame(one.id, link.binding, bytes)
      }
    })
    yield* Effect.forkIn(Effect.andThen(Effect.ignore(reading), hangUpOn(one)), scope)
    if (dialed || mayBeFound()) events.opened(one.id, link.binding)
    if (open.size > 1) yield* Effect.forkIn(closeSecond, scope)
  })

  /** The side whose dialled links give way closes them, so that both ends keep the same one. */
  const closeSecond = Effect.gen(function* () {
    yield* Effect.sleep(SECOND_LINK_GRACE)
    if (keepsDialed) return
    const others = [...open.values()].some(({ dialed, proven }) => !dialed && proven)
    if (others) for (const one of [...open.values()]) if (one.dialed) yield* hangUpOn(one)
  })

  const dialOnce = Effect.fnUntraced(function* (address: Address) {
    const transport = transports.find(({ kind }) => kind === address.kind)
    if (transport === undefined) return undefined
    const within = yield* Scope.fork(scope)
    const result = yield* Effect.exit(Scope.provide(transport.connect(address, events.found), within))
    if (Exit.isSuccess(result)) {
      yield* adopt(result.value, true, within)
      return undefined
    }
    yield* Scope.close(within, Exit.void)
    const failure = result.cause.reasons.find((reason) => reason._tag === "Fail")
    return failure === undefined ? yield* Effect.failCause(result.cause as never) : (failure.error as Unreachable)
  })

  const dialAll = Effect.gen(function* () {
    const addresses = peer().filter(({ kind }) => transports.some((transport) => transport.kind === kind))
    if (addresses.length === 0) return events.dialFailed("nobody")
    let failure: Unreachable | undefined
    for (const address of addresses) {
      failure = yield* dialOnce(address)
      if (failure === undefined) return
    }
    if (failure !== undefined && open.size === 0) events.dialFailed(failure)
  }).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        dialing = false
      }),
    ),
  )

  /** The link that a frame takes: the one asked for, else one that has proved itself, the newest first. */
  const choose = (via: string | undefined): ReadonlyArray<Open> => {
    const asked = via === undefined ? undefined : open.get(via)
    if (asked !== undefined) return [asked]
    const all = [...open.values()].reverse()
    const proven = all.filter((one) => one.proven)
    // Nobody has shown itself on any of them: whoever sits on the wrong one reads nothing, but must not be the only one asked.
    return proven.length > 0 ? proven.slice(0, 1) : all
  }

  const transmit = Effect.fnUntraced(function* (frame: Uint8Array, via?: string, only = false) {
    if (only && (via === undefined || !open.has(via))) return false
    const parts = frame.length <= MAX_LINK_FRAME ? [frame] : split(frame, crypto.sha256(frame).slice(0, 8))
    let sent = false
    for (const { link } of choose(via)) {
      const result = yield* Effect.exit(Effect.forEach(parts, (part) => link.send(part), { discard: true }))
      sent ||= Exit.isSuccess(result)
    }
    if (sent) for (const part of parts) events.carried("out", part)
    return sent
  })

  return {
    transmit,
    /** Begins to dial, unless it is under way or there is a link; what comes of it is told as an event. */
    dial: Effect.suspend(() => {
      const known = [...open.values()].filter(({ dialed }) => dialed || mayBeFound())
      const own = known.findLast(({ dialed, proven }) => dialed || proven)
      const best = own ?? known.at(-1)
      if (best !== undefined) events.opened(best.id, best.link.binding)
      if (own !== undefined || dialing) return Effect.void
      dialing = true
      return Effect.asVoid(Effect.forkIn(dialAll, scope))
    }),
    probe: Effect.gen(function* () {
      // Only who sees the probe can answer it.
      const number = new DataView(crypto.random(4).buffer).getUint32(0)
      probed = { number, at: yield* Clock.currentTimeMillis, over: choose(undefined).map(({ id }) => id) }
      yield* transmit(encodeFrame({ kind: "probe", number: probed.number }))
    }),
    /** An echo came back over a link: true if it answers our last probe there. */
    echoed: Effect.fnUntraced(function* (number: number, link: string) {
      if (probed === undefined || probed.number !== number || !probed.over.includes(link)) return false
      roundTrip = Math.max(0, (yield* Clock.currentTimeMillis) - probed.at)
      return true
    }),
    hangUp: Effect.suspend(() => Effect.forEach([...open.values()], hangUpOn, { discard: true })),
    /** Closes one link: another life of the peer than the latest speaks over it. */
    leave: (id: string) =>
      Effect.suspend(() => {
        const one = open.get(id)
        return one === undefined ? Effect.void : hangUpOn(one)
      }),
    /** Closes all others, if the peer has shown itself over this one: a stranger's must not be the one that stays. */
    leaveOthers: (id: string) =>
      Effect.suspend(() => {
        const others = [...open.values()].filter((one) => one.id !== id)
        return open.get(id)?.proven === true ? Effect.forEach(others, hangUpOn, { discard: true }) : Effect.void
      }),
    /** A link that came in by listening, or by hand. */
    adopt: (link: Link, dialed: boolean) => Effect.flatMap(Scope.fork(scope), (within) => adopt(link, dialed, within)),
    /** A genuine frame came over this link. */
    proven: (id: string) => {
      const one = open.get(id)
      if (one !== undefined) one.proven = true
    },
    isOpen: () => open.size > 0,
    /** There is no link, and none is looked for. */
    isQuiet: () => open.size === 0 && !dialing,
    path: Effect.suspend((): Effect.Effect<Path | undefined> => {
      const [best] = choose(undefined)
      if (best === undefined) return Effect.succeed(undefined)
      return Effect.map(best.link.path, (path) => ({ ...path, ...(roundTrip !== undefined && { roundTrip }) }))
    }),
  }
})
