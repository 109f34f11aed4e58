/**
 * One key's way of sealing what lies on the disk: AES-256-GCM over padded bytes, bound to what they are, where they belong and
 * which version of it this is. Docs: storage.md, "A sealed record".
 *
 * Nonces are random. A counter would come again with an old copy of the storage, under the same key and over other bytes; 96
 * random bits do not, within 2³² sealings of one key (NIST SP 800-38D §8.3), which the manifest of a host counts.
 */
import * as Effect from "effect/Effect"
import { concat, u64be, utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { Unavailable } from "../store.ts"
import { padded, unpadded } from "./sizes.ts"

/** NIST SP 800-38D §8.3: with random nonces one key seals no more often. */
export const MAX_SEALINGS = 2 ** 32

const NONCE_BYTES = 12

/** What a box may hold. The number is part of the associated data. */
const KINDS = { record: 1, manifest: 2, page: 3, catalogue: 4 } as const
export type Kind = keyof typeof KINDS

/** What the bytes are: the same key opens them as this, and as nothing else. */
export interface Name {
  readonly kind: Kind
  readonly id: string
  readonly version: number
}

const DOMAIN = utf8("sotto/1 vault")

export const associatedWith = ({ id, kind, version }: Name): Uint8Array =>
  concat(DOMAIN, Uint8Array.of(KINDS[kind]), u64be(version), utf8(id))

/** It does not open: it was altered, stands in another's place, or is not the latest. */
export const damaged = (what: string): Unavailable => new Unavailable({ reason: "damaged", cause: new Error(what) })

export interface Box {
  readonly seal: (name: Name, bytes: Uint8Array) => Effect.Effect<Uint8Array>
  readonly open: (name: Name, sealed: Uint8Array | undefined) => Effect.Effect<Uint8Array, Unavailable>
}

/** The key's array is the caller's, to be wiped when the box is done with. */
export const boxOf = ({ aes256Gcm, random }: CryptoService, key: Uint8Array): Box => ({
  seal: (name, bytes) =>
    Effect.suspend(() => {
      const nonce = random(NONCE_BYTES)
      const plain = padded(bytes)
      return Effect.map(aes256Gcm.seal(key, nonce, plain, associatedWith(name)), (ciphertext) => {
        plain.fill(0)
        return concat(nonce, ciphertext)
      })
    }),
  open: (name, sealed) =>
    Effect.suspend(() => {
      if (sealed === undefined || sealed.length <= NONCE_BYTES) return damaged(`a ${name.kind} is missing`)
      const nonce = sealed.subarray(0, NONCE_BYTES)
      return aes256Gcm.open(key, nonce, sealed.subarray(NONCE_BYTES), associatedWith(name)).pipe(
        Effect.mapError(() => damaged(`a ${name.kind} does not open`)),
        Effect.flatMap((plain) => {
          const bytes = unpadded(plain)
          plain.fill(0)
          return bytes === undefined ? damaged(`a ${name.kind} is not padded`) : Effect.succeed(bytes)
        }),
      )
    }),
})
