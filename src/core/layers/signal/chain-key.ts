/**
 * A chain key: a hash ratchet that gives one seed a message and cannot be turned back. Docs: protocol.md, "Signal layer"; the
 * Double Ratchet specification, §3.1 and §7.2 (KDF_CK).
 */
import type { CryptoService } from "../../crypto/crypto.ts"
import { type MessageSeed, messageSeed } from "./message-keys.ts"

declare const brand: unique symbol
/** 32 bytes. */
export type ChainKey = Uint8Array & { readonly [brand]: "chain" }

export const chainKey = (bytes: Uint8Array): ChainKey => bytes as ChainKey

/** Fixed by Signal's wire: the inputs that separate a message's seed from the next chain key. */
const SEED = Uint8Array.of(0x01)
const NEXT = Uint8Array.of(0x02)

/** The seed of the message at this place of the chain. */
export const seedAt = (crypto: CryptoService, chain: ChainKey): MessageSeed =>
  messageSeed(crypto.hmacSha256(chain, SEED))

/** The chain key of the next place. */
export const chainStep = (crypto: CryptoService, chain: ChainKey): ChainKey => chainKey(crypto.hmacSha256(chain, NEXT))
