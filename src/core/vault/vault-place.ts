/**
 * The vault's own host in the store below, with the header, the sealed catalogue and the count of wrong tries; or with the one
 * word that everything is being erased. It alone has a name that says what it is. Docs: storage.md, "On the disk".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { waitAfter } from "../../machines/vault.ts"
import { codec, uint, type Value } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"
import { type RecordId, type StoreService, Unavailable } from "../store.ts"
import { damaged } from "./box.ts"
import { decodeHeader, type UnprovenHeader } from "./header.ts"

export const VAULT_HOST = "vault"

export const VAULT_RECORD = {
  header: "header",
  catalogue: "catalogue",
  attempts: "attempts",
  erasing: "erasing",
} as const

/** Wrong tries since the last right one, the one under way included, and when the last of them was (wall clock). */
const attemptsShape = codec(struct({ wrong: [1, uint()], at: [2, uint()] }), 32)
/** For explaining the bytes of one. */
export const attemptsForm = attemptsShape.form
export type Attempts = Value<typeof attemptsShape>
const NO_ATTEMPTS: Attempts = { wrong: 0, at: 0 }

/**
 * How long nothing may be tried yet, in milliseconds. A clock that was turned back makes it begin anew, once; one that was turned
 * forward ends it.
 */
export const waitLeft = Effect.fnUntraced(function* (place: VaultPlace): Effect.fn.Return<number, Unavailable> {
  const { at, wrong } = place.attempts
  const now = yield* Clock.currentTimeMillis
  const wait = waitAfter(wrong)
  if (wait === 0) return 0
  if (at <= now) return Math.max(0, at + wait - now)
  // It was not in the future. Left so, it would be found there again and again, until the clock has caught up.
  yield* place.setAttempts({ wrong, at: now })
  return wait
})

export interface VaultPlace {
  /** `nothing`: no host at all; `plain`: hosts that are not sealed; `erasing`: what is left of a profile that was given up. */
  readonly found: "nothing" | "plain" | "sealed" | "erasing"
  readonly header: UnprovenHeader | undefined
  readonly catalogue: Uint8Array | undefined
  /** Nobody can vouch for it: it is outside what is sealed. One that does not decode counts as none. */
  readonly attempts: Attempts
  readonly commit: (records: ReadonlyMap<RecordId, Uint8Array | undefined>) => Effect.Effect<void, Unavailable>
  readonly setAttempts: (attempts: Attempts) => Effect.Effect<void, Unavailable>
}

export const openVaultPlace = Effect.fnUntraced(function* (
  below: StoreService,
): Effect.fn.Return<VaultPlace, Unavailable> {
  const hosts = yield* below.hosts
  const isSealed = hosts.includes(VAULT_HOST)
  let { version } = yield* below.load(VAULT_HOST)
  const read = (record: string) => below.read(VAULT_HOST, record)
  const bytes = isSealed ? yield* read(VAULT_RECORD.header) : undefined
  const isErasing = isSealed && (yield* read(VAULT_RECORD.erasing)) !== undefined
  if (isSealed && bytes === undefined && !isErasing) return yield* damaged("the vault has no header")
  const header = bytes === undefined ? undefined : decodeHeader(bytes)
  if (header === "newer") return yield* new Unavailable({ reason: "newer" })
  if (header === "invalid") return yield* damaged("the vault's header is not one")
  const kept = isSealed ? yield* read(VAULT_RECORD.attempts) : undefined

  const oneAtATime = Semaphore.makeUnsafe(1).withPermit
  const commit: VaultPlace["commit"] = (records) =>
    Effect.suspend(() =>
      below.commit({ host: VAULT_HOST, expected: version, rows: new Map(), records, outward: [], confirmed: [] }),
    ).pipe(
      Effect.mapError((error) =>
        error._tag === "Conflict" ? new Unavailable({ reason: "broken", cause: error }) : error,
      ),
      Effect.tap(() => Effect.sync(() => void (version += 1))),
      oneAtATime,
    )

  return {
    found: isErasing ? "erasing" : isSealed ? "sealed" : hosts.length > 0 ? "plain" : "nothing",
    header,
    catalogue: isSealed ? yield* read(VAULT_RECORD.catalogue) : undefined,
    attempts: (kept && attemptsShape.decode(kept)) ?? NO_ATTEMPTS,
    commit,
    setAttempts: (attempts) => commit(new Map([[VAULT_RECORD.attempts, attemptsShape.encode(attempts)]])),
  }
})
