/**
 * Every session with one peer, as Signal's peers keep them: the one that we write in, and former ones, in which we may still be
 * written to. Both sides may begin at once; whoever is written to in a session writes in it, so that they come to agree. Docs:
 * signal.md, "Sessions"; the Sesame specification, §3.2.
 *
 * In the cascade a contact has one session and its handshake decides; this is for speaking Signal alone.
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { bytes, codec } from "../../codec/codec.ts"
import { list, optional, struct } from "../../codec/composite.ts"
import { equal } from "../../crypto/bytes.ts"
import { Crypto, type KeyPair, Refused } from "../../crypto/crypto.ts"
import type { Transition } from "../../host/transition.ts"
import { type FindPreKeys, initiate, type Responded, respond } from "./establish.ts"
import { signalLayer } from "./layer.ts"
import { type OpenedMessage, open } from "./open.ts"
import { decodePreKeyMessage, introductionHash, isPreKeyMessage } from "./pre-key-message.ts"
import type { PreKeyBundle } from "./pre-keys.ts"
import { seal } from "./seal.ts"
import type { Session } from "./session.ts"

/** There is no session to write in, or it went unanswered for too long: begin one from a fresh bundle. */
export class NoSession extends Data.TaggedError("NoSession")<Record<never, never>> {}

/** As Signal's peers: former sessions kept. Bounds the work for a message that opens in none of them. */
export const MAX_ARCHIVED_SESSIONS = 40

export interface SessionRecord {
  readonly current: Session | undefined
  /** The latest first. */
  readonly archived: ReadonlyArray<Session>
}

export const NO_SESSIONS: SessionRecord = { current: undefined, archived: [] }

/** The session becomes the current one, whether it is new or one of the former. */
const promote = ({ archived, current }: SessionRecord, before: Session | undefined, after: Session): SessionRecord => {
  if (before !== undefined && before === current) return { current: after, archived }
  const others = archived.filter((session) => session !== before)
  return {
    current: after,
    archived: (current === undefined ? others : [current, ...others]).slice(0, MAX_ARCHIVED_SESSIONS),
  }
}

/** A new session with who published the bundle; the current one is archived. */
export const beginSession = Effect.fnUntraced(function* (
  record: SessionRecord,
  options: { readonly identity: KeyPair; readonly peer: Uint8Array; readonly bundle: PreKeyBundle },
) {
  const { session, transitions } = yield* initiate(options)
  return { record: promote(record, undefined, session), transitions }
})

export interface Written {
  readonly record: SessionRecord
  readonly message: Uint8Array
  readonly transitions: ReadonlyArray<Transition>
}

export const writeMessage: (record: SessionRecord, plaintext: Uint8Array) => Effect.Effect<Written, NoSession, Crypto> =
  Effect.fnUntraced(function* (record, plaintext) {
    const { current } = expireSessions(record, yield* Clock.currentTimeMillis)
    if (current === undefined) return yield* new NoSession()
    const { session, ...rest } = yield* seal(current, plaintext)
    return { record: { ...record, current: session }, ...rest }
  })

export interface Read {
  readonly record: SessionRecord
  readonly plaintext: Uint8Array
  /** Set where the message began a session: the caller erases them in the commit that stores the record. */
  readonly usedPreKeys: Responded["usedPreKeys"] | undefined
  readonly transitions: ReadonlyArray<Transition>
}

/**
 * Opens a message in the session that it belongs to, or in the one that it begins. `peer` is the identity key that it must come
 * from; after a change of identity the caller begins an empty record.
 */
export const readMessage: (
  record: SessionRecord,
  options: {
    readonly identity: KeyPair
    readonly peer: Uint8Array
    readonly preKeys: FindPreKeys
    readonly message: Uint8Array
  },
) => Effect.Effect<Read, Refused, Crypto> = Effect.fnUntraced(function* (record, options) {
  const crypto = yield* Crypto
  const sessions = [...(record.current === undefined ? [] : [record.current]), ...record.archived]
  const opening = (session: Session) =>
    Effect.map(open(session, options.message), ({ session: after, ...rest }: OpenedMessage) => ({
      ...rest,
      record: promote(record, session, after),
      usedPreKeys: undefined,
    }))
  if (!isPreKeyMessage(options.message)) {
    for (const session of sessions) {
      const read = yield* Effect.option(opening(session))
      if (read._tag === "Some") return read.value
    }
    return yield* new Refused()
  }
  const outer = decodePreKeyMessage(options.message)
  const hash = outer && introductionHash(crypto, outer)
  const begun = hash && sessions.find(({ introducedBy }) => introducedBy !== undefined && equal(introducedBy, hash))
  if (begun !== undefined) return yield* opening(begun)
  const { session, ...rest } = yield* respond(options)
  return { ...rest, record: promote(record, undefined, session) }
})

/** Without what is past its lifetime; a session that nobody answered goes whole. `now` in milliseconds of the wall clock. */
export const expireSessions = ({ archived, current }: SessionRecord, now: number): SessionRecord => {
  const left = (session: Session): ReadonlyArray<Session> => {
    const after = signalLayer.expire(session, now)
    return after.keys === undefined ? [] : [after]
  }
  return { current: current && left(current)[0], archived: archived.flatMap(left) }
}

/** A session's own codec bounds it more closely. */
const MAX_SESSION = 1024 * 1024
const session = bytes(MAX_SESSION)

const encoding = codec(
  struct({ current: [1, optional(session)], archived: [2, list(session, MAX_ARCHIVED_SESSIONS)] }),
  (MAX_ARCHIVED_SESSIONS + 2) * MAX_SESSION,
)

export const encodeSessionRecord = ({ archived, current }: SessionRecord): Uint8Array =>
  encoding.encode({
    ...(current && { current: signalLayer.encode(current) }),
    archived: archived.map(signalLayer.encode),
  })

/** Undefined for bytes that are no record. Never throws. */
export const decodeSessionRecord = (record: Uint8Array): SessionRecord | undefined => {
  const decoded = encoding.decode(record)
  if (decoded === undefined) return undefined
  const archived = decoded.archived.map(signalLayer.decode)
  const current = decoded.current && signalLayer.decode(decoded.current)
  if (archived.includes(undefined) || (decoded.current !== undefined && current === undefined)) return undefined
  return { current, archived: archived.filter((it) => it !== undefined) }
}
