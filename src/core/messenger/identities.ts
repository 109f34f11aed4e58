/** What of both sides' static keys people compare: read once, and small. Docs: protocol.md, "Safety number". */
import * as Effect from "effect/Effect"
import { RECORD } from "../contact/records.ts"
import { concat, fromBase64url, toBase64url } from "../crypto/bytes.ts"
import { Crypto, type CryptoService } from "../crypto/crypto.ts"
import { ownStatics, publicOf } from "../handshake/own-keys.ts"
import { staticPublic } from "../handshake/static-keys.ts"
import { identityOf, type Side } from "../safety-number.ts"
import type { HostId, StoreService, Unavailable } from "../store.ts"

/** Ours and theirs as one text: four small arrays would take five times as much. */
export type Sides = string

const IDENTITY = 33

const pack = (ours: Side, theirs: Side): Sides =>
  toBase64url(concat(ours.identity, ours.id, theirs.identity, theirs.id))

export const unpack = (sides: Sides): readonly [Side, Side] => {
  const bytes = fromBase64url(sides)!
  const half = bytes.length / 2
  const side = (from: number): Side => ({
    identity: bytes.slice(from, from + IDENTITY),
    id: bytes.slice(from + IDENTITY, from + half),
  })
  return [side(0), side(half)]
}

/** Undefined while there is no peer. An identity that waits to be accepted is the one to compare. */
export const loadSides = Effect.fnUntraced(function* (
  { crypto, store }: { readonly crypto: CryptoService; readonly store: StoreService },
  id: HostId,
): Effect.fn.Return<Sides | undefined, Unavailable> {
  const own = ownStatics.decode((yield* store.read(id, RECORD.ownStatics)) ?? new Uint8Array())
  const waiting = yield* store.read(id, RECORD.candidate)
  const peer = staticPublic.decode(waiting ?? (yield* store.read(id, RECORD.peerStatics)) ?? new Uint8Array())
  if (own === undefined || peer === undefined) return undefined
  const ours = yield* Effect.provideService(publicOf(own), Crypto, crypto)
  return pack(identityOf(crypto, ours), identityOf(crypto, peer))
})
