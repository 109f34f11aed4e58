/**
 * The root key: what both sides' turns feed, and what new chains come from. Docs: protocol.md, "Signal layer"; the Double
 * Ratchet specification, §3.1 and §7.2 (KDF_RK).
 */
import { utf8 } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import { type ChainKey, chainKey } from "./chain-key.ts"

declare const brand: unique symbol
/** 32 bytes. */
export type RootKey = Uint8Array & { readonly [brand]: "root" }

export const rootKey = (bytes: Uint8Array): RootKey => bytes as RootKey

/** Fixed by Signal's wire. */
const INFO = utf8("WhisperRatchet")

/** One Diffie-Hellman step: the next root key, and the chain that starts from it. `agreed` is the 32-byte X25519 result. */
export const rootStep = (
  crypto: CryptoService,
  root: RootKey,
  agreed: Uint8Array,
): { readonly root: RootKey; readonly chain: ChainKey } => {
  const derived = crypto.hkdfSha256(agreed, root, INFO, 64)
  return { root: rootKey(derived.slice(0, 32)), chain: chainKey(derived.slice(32, 64)) }
}
