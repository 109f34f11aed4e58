/**
 * The Crypto port over the runtime's own cryptography, where it has `node:crypto`: 8–15 times as fast as JavaScript with
 * public keys, constant-time as far as OpenSSL is. The module is asked of the running process, never imported, so bundlers
 * see nothing and browsers get undefined. Chosen per operation, by measurement: with keys as KeyObjects every one is faster in
 * Node 24, down to an HMAC of 32 bytes. What a runtime lacks (ML-KEM before Node 24.7) comes from noble.
 */
import * as Effect from "effect/Effect"
import type { CryptoService, Kem } from "../../core/crypto/crypto.ts"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { ed25519, ML_KEM_768, ML_KEM_1024, mlKem, type ParameterSet, x25519 } from "./native-public-key.ts"
import {
  aes256Cbc,
  aes256Gcm,
  digest,
  hkdf,
  hmac,
  type NodeCrypto,
  shake256,
  xChaCha20Poly1305,
} from "./native-symmetric.ts"
import { systemRandom } from "./random.ts"

/**
 * The supplier over `node:crypto`, or undefined in a runtime without it. Its KEM encapsulations draw inside OpenSSL, not
 * through `random`: a run that must replay from a seed takes `nobleCrypto`.
 */
export const nativeCrypto = (): CryptoService | undefined => {
  const node = nodeCrypto()
  if (node === undefined) return undefined
  const noble = nobleCrypto(systemRandom)
  return {
    name: "node",
    random: systemRandom,
    sha256: digest(node, "sha256"),
    sha512: digest(node, "sha512"),
    sha3_256: digest(node, "sha3-256"),
    sha3_512: digest(node, "sha3-512"),
    shake256: shake256(node),
    hmacSha256: hmac(node, "sha256"),
    hmacSha512: hmac(node, "sha512"),
    hkdfSha256: hkdf(node, "sha256", noble.hkdfSha256),
    hkdfSha512: hkdf(node, "sha512", noble.hkdfSha512),
    x25519: x25519(node),
    ed25519: ed25519(node),
    mlKem768: kem(node, ML_KEM_768, noble.mlKem768),
    mlKem1024: kem(node, ML_KEM_1024, noble.mlKem1024),
    aes256Gcm: aes256Gcm(node),
    xChaCha20Poly1305: xChaCha20Poly1305(node),
    aes256Cbc: aes256Cbc(node),
  }
}

/** Electron and other builds over BoringSSL lack some of these; a supplier with holes is no supplier. */
const NEEDED_HASHES = ["sha256", "sha512", "sha3-256", "sha3-512", "shake256"]
const NEEDED_CIPHERS = ["aes-256-gcm", "aes-256-cbc", "chacha20-poly1305"]

const nodeCrypto = (): NodeCrypto | undefined => {
  const node = globalThis.process?.getBuiltinModule?.("node:crypto")
  if (typeof node?.hash !== "function" || typeof node.diffieHellman !== "function") return undefined
  const hashes = node.getHashes()
  const ciphers = node.getCiphers()
  const complete =
    NEEDED_HASHES.every((name) => hashes.includes(name)) && NEEDED_CIPHERS.every((name) => ciphers.includes(name))
  return complete ? node : undefined
}

/** The runtime's ML-KEM if it can encapsulate and import a seed; the fallback otherwise. */
const kem = (node: NodeCrypto, set: ParameterSet, fallback: Kem): Kem => {
  if (typeof node.encapsulate !== "function") return fallback
  const native = mlKem(node, set)
  const probe = Effect.runSyncExit(native.publicKey(new Uint8Array(64)))
  return probe._tag === "Success" && probe.value.length === set.publicKeyBytes ? native : fallback
}
