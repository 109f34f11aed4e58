/** What belongs to the user and to no contact: a name and the switches. One host of records, without machines. */
import * as Effect from "effect/Effect"
import { bool, codec, text, uint } from "../codec/codec.ts"
import { optional, struct } from "../codec/composite.ts"
import { MAX_NAME_BYTES } from "../content.ts"
import type { Conflict, HostId, StoreService, Unavailable } from "../store.ts"
import type { Settings } from "./values.ts"

/** Contacts have random ids of 32 digits, so none is called like this. */
export const PROFILE_HOST: HostId = "profile"
/** The one record in it that speaks of the user. */
export const PROFILE_RECORD = "profile"

const shape = codec(
  struct({
    name: [1, text(MAX_NAME_BYTES)],
    readReceipts: [2, bool],
    typingNotices: [3, bool],
    /** In milliseconds; absent: never. */
    autoLock: [4, optional(uint())],
  }),
  MAX_NAME_BYTES + 32,
)

/** For explaining the bytes of one. */
export const profileForm = shape.form

export interface OwnProfile {
  readonly name: string
  readonly readReceipts: boolean
  readonly typingNotices: boolean
  readonly autoLock: number | null
}

const NEW: OwnProfile = { name: "", readReceipts: true, typingNotices: true, autoLock: null }

/** A profile as its record holds it, with what is usual for what is not said. */
export const profileBytes = (said: Partial<OwnProfile>): Uint8Array => encode({ ...NEW, ...said })
export const readProfile = (bytes: Uint8Array): OwnProfile | undefined => {
  const found = shape.decode(bytes)
  return found && { ...found, autoLock: found.autoLock ?? null }
}

export const loadProfile = Effect.fnUntraced(function* (
  store: StoreService,
): Effect.fn.Return<OwnProfile | undefined, Unavailable> {
  return readProfile((yield* store.read(PROFILE_HOST, PROFILE_RECORD)) ?? new Uint8Array())
})

export const saveProfile = Effect.fnUntraced(function* (
  store: StoreService,
  change: Partial<OwnProfile>,
): Effect.fn.Return<OwnProfile, Conflict | Unavailable> {
  const profile = { ...((yield* loadProfile(store)) ?? NEW), ...change }
  const { version } = yield* store.load(PROFILE_HOST)
  yield* store.commit({
    host: PROFILE_HOST,
    expected: version,
    rows: new Map(),
    records: new Map([[PROFILE_RECORD, encode(profile)]]),
    outward: [],
    confirmed: [],
  })
  return profile
})

const encode = ({ autoLock, ...rest }: OwnProfile): Uint8Array =>
  shape.encode({ ...rest, ...(autoLock !== null && { autoLock }) })

/** Shorter than a second nobody can use it. */
export const isAutoLock = (after: number | null): boolean =>
  after === null || (Number.isSafeInteger(after) && after >= 1_000)

export const settingsOf = ({ autoLock, readReceipts, typingNotices }: OwnProfile): Settings => ({
  readReceipts,
  typingNotices,
  autoLock,
})
