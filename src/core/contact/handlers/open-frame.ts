/**
 * Opening a sealed frame: all four layers or nothing. What was opened becomes an event; what was not leaves no trace.
 * Docs: protocol.md, "Delivery".
 */
import * as Effect from "effect/Effect"
import type { InviterContext } from "../../../machines/inviter.ts"
import { isNew as isNewNumber, type SessionContext, type SessionEvent } from "../../../machines/session-state.ts"
import { type Content, content, isNumbered, type Numbered } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import { Crypto, type CryptoService } from "../../crypto/crypto.ts"
import type { At, Prepared } from "../../host/handlers.ts"
import type { Transition } from "../../host/transition.ts"
import { applyRekey, counterOf, type SottoState } from "../../layers/profile.ts"
import type { RecordId } from "../../store.ts"
import { type CascadeRecords, opened } from "../cascade-records.ts"
import { type ContactMachines, INVITER_AGAIN, JOINER, JOINER_AGAIN, SESSION } from "../machines.ts"
import { RECORD, seen } from "../records.ts"
import { counting, findMessage } from "./removal.ts"

/** Frames whose repetition is recognised: more than the peer ever has under way. */
const REMEMBERED_FRAMES = 1_024
const INCOMING = "incoming/"

type Result = Prepared<ContactMachines, SessionEvent>

/** Of the frames that are remembered, none stands later in the chain than this; undefined: not looked for yet. */
export interface Remembered {
  latest: number | undefined
}

/** What is remembered of a frame with this counter. Most are later than all before: the store need not be asked for those. */
const before = Effect.fnUntraced(function* (at: At, counter: number, remembered: Remembered) {
  if (remembered.latest === undefined) {
    const [last] = yield* at.list({ prefix: SEEN, limit: 1, fromEnd: true })
    remembered.latest ??= last === undefined ? -1 : Number(last[0].slice(SEEN.length))
  }
  if (counter > remembered.latest) return undefined
  return seen.decode((yield* at.read(RECORD.seen(counter))) ?? new Uint8Array())
})
const SEEN = "seen/"

/** The joiner seals nothing before its Confirm. */
const CONFIRM_COUNTER = 0
const NOTHING = new Uint8Array()

/** By which a frame is known again. */
export const frameDigest = (crypto: CryptoService, ciphertext: Uint8Array): Uint8Array =>
  crypto.sha256(ciphertext).slice(0, 16)

export const openFrame = Effect.fnUntraced(function* (
  records: CascadeRecords,
  frame: string,
  genuine: (frame: string) => void,
  remembered: Remembered,
  at: At,
): Effect.fn.Return<Result, never, Crypto> {
  // An Accept was taken, and what we said of the session in our Confirm must stay true until the peer's comes.
  if ((at.contextOf(INVITER_AGAIN) as InviterContext | undefined)?.agreed === true) return {}
  const crypto = yield* Crypto
  const ciphertext = (yield* at.read(frame))!
  const counter = counterOf(ciphertext)
  if (counter === undefined) return {}
  const digest = frameDigest(crypto, ciphertext)
  // It comes as long as nothing of ours has reached the joiner, which waits for that.
  if (counter === CONFIRM_COUNTER && equal(digest, (yield* at.read(RECORD.confirmed)) ?? NOTHING)) {
    return { events: [{ type: "FrameRepeated" }] }
  }
  const known = yield* before(at, counter, remembered)
  if (known !== undefined && equal(known.digest, digest)) {
    return known.numbered ? { events: [{ type: "FrameRepeated" }] } : {}
  }
  const result = yield* Effect.option(opened(records, at, ciphertext))
  if (result._tag === "None") return {}
  genuine(frame)
  remembered.latest = Math.max(remembered.latest ?? -1, counter)
  const { content: plaintext, state, transitions } = result.value
  const what = content.decode(plaintext)
  const numbered = what !== undefined && isNumbered(what)
  const taken: Taken = what === undefined ? { state } : yield* take(at, state, what, plaintext)
  const expired = counter - REMEMBERED_FRAMES
  return {
    ...taken.prepared,
    write: [
      ...records.writes(taken.state),
      ...(taken.prepared?.write ?? []),
      [RECORD.seen(counter), seen.encode({ digest, numbered })],
    ],
    erase: expired < 0 ? [] : [RECORD.seen(expired)],
    // The peer writes only once it is established: our Confirm has arrived.
    tell: [
      ...([JOINER, JOINER_AGAIN] as const)
        .filter((id) => at.contextOf(id) !== undefined)
        .map((to) => ({ to, event: { type: "PeerConfirmed" } as const })),
      ...(taken.prepared?.tell ?? []),
    ],
    transitions: [...transitions, ...(taken.transitions ?? [])],
  }
})

interface Taken {
  readonly state: SottoState
  readonly prepared?: Pick<Result, "write" | "events" | "start" | "tell">
  readonly transitions?: ReadonlyArray<Transition>
}

/** What a genuine content means. The peer is authenticated here, but not trusted: its numbers and times prove nothing. */
const take = Effect.fnUntraced(function* (
  at: At,
  state: SottoState,
  what: Content,
  plaintext: Uint8Array,
): Effect.fn.Return<Taken, never, Crypto> {
  switch (what.kind) {
    case "text":
    case "profile":
    case "edit":
    case "deletion":
    case "reaction":
    case "timer":
    case "void":
    case "tombstone":
    case "rekey": {
      const event = { type: "NumberedOpened", number: what.number, kind: what.kind } as const
      if (!isNew(at, what.number)) return { state, prepared: { events: [event] } }
      const had = yield* hadBefore(at, what)
      if (had === "known") return { state, prepared: { events: [{ ...event, kind: "known" }] } }
      if (had !== undefined) return { state, prepared: moved(what, had) }
      if (what.kind === "edit" || what.kind === "reaction") {
        const target = yield* targetOf(at, what)
        // Words about a message that is gone are kept nowhere. It may also be that the message has not come: then these come again,
        // sealed anew, and by that time it is known which.
        if (target === "gone") return { state, prepared: { events: [{ ...event, kind: "void" }] } }
        if (target === "unknown") return { state }
      }
      if (what.kind !== "rekey" && what.kind !== "tombstone" && what.kind !== "void") {
        const write: ReadonlyArray<readonly [RecordId, Uint8Array]> = [[RECORD.incoming(what.number), plaintext]]
        // Its time runs while one before it is missing.
        const counts = what.kind === "text" && what.timer?.from === "sending"
        return { state, prepared: { write, events: [event], ...(counts && counting) } }
      }
      const renewed = what.kind === "rekey" ? yield* Effect.option(applyRekey(state, what.commit)) : undefined
      return { state: renewed?._tag === "Some" ? renewed.value : state, prepared: { events: [event] } }
    }
    case "acknowledgement": {
      const { also, readUpTo = 0, upTo } = what
      return { state, prepared: { events: [{ type: "AcknowledgementOpened", upTo, also, readUpTo }] } }
    }
    case "typing":
      return { state, prepared: { events: [{ type: "TypingOpened", active: what.active }] } }
    case "confirm":
      return { state }
  }
})

/** Whether the message that a change is about is here, as far as it can be known before the change's turn. */
const targetOf = Effect.fnUntraced(function* (
  at: At,
  { number, target }: { readonly number: number; readonly target: Uint8Array },
): Effect.fn.Return<"here" | "gone" | "unknown"> {
  const found = yield* findMessage(at, target)
  if (found !== undefined) {
    const { became } = found.entry
    return became === "deleted" || became === "expired" ? "gone" : "here"
  }
  // In its turn: whatever was written before it has come.
  if (number === (at.contextOf(SESSION) as SessionContext).next) return "gone"
  const waiting = yield* at.list({ prefix: INCOMING, limit: Number.MAX_SAFE_INTEGER })
  const isWaiting = waiting.some(([, bytes]) => {
    const other = content.decode(bytes)
    return other?.kind === "text" && equal(other.id, target)
  })
  return isWaiting ? "here" : "unknown"
})

/** What waits since before the peer's numbers were given anew. */
interface SetAside {
  readonly number: number
  readonly content: Numbered
}

/**
 * After keys were agreed anew the peer may repeat under another number what it does not know us to have: it was shown, or waits
 * under its new number (`known`), or was set aside.
 */
const hadBefore = Effect.fnUntraced(function* (
  at: At,
  { id, number }: { readonly id: Uint8Array; readonly number: number },
): Effect.fn.Return<SetAside | "known" | undefined> {
  const { aside, repeatsBelow } = at.contextOf(SESSION) as SessionContext
  if (number >= repeatsBelow) return undefined
  const found = yield* findMessage(at, id)
  if (found !== undefined) return found.entry.mine ? undefined : "known"
  for (const [record, bytes] of yield* at.list({ prefix: INCOMING, limit: Number.MAX_SAFE_INTEGER })) {
    const other = content.decode(bytes)
    if (other === undefined || !isNumbered(other) || !equal(other.id, id)) continue
    const before = Number(record.slice(INCOMING.length))
    return aside.some((one) => one.number === before) ? { number: before, content: other } : "known"
  }
  return undefined
})

/** What was set aside goes to the number that it has now. What came first counts, unless its sender took it back since. */
const moved = (
  { kind, number }: { readonly kind: Numbered["kind"]; readonly number: number },
  { content: other, number: before }: SetAside,
): Pick<Result, "write" | "events"> => {
  if (kind === "void") return { events: [{ type: "NumberedOpened", number, kind, before }] }
  return {
    write: [[RECORD.incoming(number), content.encode({ ...other, number })]],
    events: [{ type: "NumberedOpened", number, kind: other.kind, before }],
  }
}

const isNew = (at: At, number: number): boolean =>
  isNewNumber({ context: at.contextOf(SESSION) as SessionContext }, number)
