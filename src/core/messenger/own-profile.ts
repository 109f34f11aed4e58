/** What belongs to the user and to no contact: a name and the switches. One host of records, without machines. */
import * as Effect from "effect/Effect"
import { bool, codec, text } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"
import { MAX_NAME_BYTES } from "../content.ts"
import type { Conflict, HostId, StoreService, Unavailable } from "../store.ts"

/** Contacts have random ids of 32 digits, so none is called like this. */
export const PROFILE_HOST: HostId = "profile"
/** The one record in it that speaks of the user. */
export const PROFILE_RECORD = "profile"

const shape = codec(
  struct({ name: [1, text(MAX_NAME_BYTES)], readReceipts: [2, bool], typingNotices: [3, bool] }),
  MAX_NAME_BYTES + 16,
)

export interface OwnProfile {
  readonly name: string
  readonly readReceipts: boolean
  readonly typingNotices: boolean
}

const NEW: OwnProfile = { name: "", readReceipts: true, typingNotices: true }

/** A profile as its record holds it, with what is usual for what is not said. */
export const profileBytes = (said: Partial<OwnProfile>): Uint8Array => shape.encode({ ...NEW, ...said })
export const readProfile = shape.decode

export const loadProfile = Effect.fnUntraced(function* (
  store: StoreService,
): Effect.fn.Return<OwnProfile | undefined, Unavailable> {
  return shape.decode((yield* store.read(PROFILE_HOST, PROFILE_RECORD)) ?? new Uint8Array())
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
    records: new Map([[PROFILE_RECORD, shape.encode(profile)]]),
    outward: [],
    confirmed: [],
  })
  return profile
})
