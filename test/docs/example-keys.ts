/**
 * The Signal and KEM layers' first keys of the worked example, from the two sides' secrets and the formulas of docs/protocol.md.
 * Primitives come from the Crypto port, HKDF and HMAC from `node:crypto`; nothing of the layers is used but their records.
 */
import { createDecipheriv, createHmac, hkdfSync } from "node:crypto"
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js"
import * as Effect from "effect/Effect"
import { kyber1024 } from "../../src/core/crypto/kyber.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { xWing } from "../../src/core/crypto/x-wing.ts"
import { oneTime, ownStatics } from "../../src/core/handshake/own-keys.ts"
import type { PreKeyMessage } from "../../src/core/layers/signal/pre-key-message.ts"
import { preKeySecrets } from "../../src/core/layers/signal/pre-keys.ts"
import type { ReceivedSignalMessage } from "../../src/core/layers/signal/signal-message.ts"
import type { ExampleRun } from "./example-run.ts"

const crypto = nobleCrypto((length) => new Uint8Array(length))
const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))
const hmac = (hash: "sha256" | "sha512", key: Uint8Array, data: Uint8Array | string) =>
  new Uint8Array(createHmac(hash, key).update(data).digest())
const hkdf = (
  hash: "sha256" | "sha512",
  input: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array | string,
  length: number,
): Uint8Array => new Uint8Array(hkdfSync(hash, input, salt, info, length))
const zeros = new Uint8Array(32)

const inviterSecrets = ({ inviterBefore }: ExampleRun) => {
  const own = ownStatics.decode(inviterBefore["keys/own"]!)!
  const once = oneTime.decode(inviterBefore["keys/one-time"]!)!
  return { own, once, preKeys: preKeySecrets.decode(once.preKeys)! }
}

/** PQXDH and the first SignalMessage, from the responder's side. */
export const signalKeys = (run: ExampleRun, outer: PreKeyMessage, message: ReceivedSignalMessage) => {
  const { own, preKeys } = inviterSecrets(run)
  const agree = (secret: Uint8Array, point: Uint8Array) => Effect.runSync(crypto.x25519.agree(secret, point))
  const { kyber, oneTime: single, signed } = preKeys
  const agreements = [
    agree(signed.pair.secretKey, outer.identityKey),
    agree(own.signalIdentity, outer.baseKey),
    agree(signed.pair.secretKey, outer.baseKey),
    agree(single!.pair.secretKey, outer.baseKey),
  ]
  const shared = Effect.runSync(kyber1024(crypto).decapsulate(kyber.seed, outer.kyberCiphertext))
  const input = joined(new Uint8Array(32).fill(0xff), ...agreements, shared)
  const agreed = hkdf("sha256", input, zeros, "WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024", 96)
  const [root, braidKey] = [agreed.slice(0, 32), agreed.slice(64)]

  // The initiator's first turn.
  const turned = hkdf("sha256", agree(signed.pair.secretKey, message.ratchetKey), root, "WhisperRatchet", 64)
  const seed = hmac("sha256", turned.slice(32), Uint8Array.of(1))
  // The braid's epoch 0, the initiator's chain, its first key.
  const epoch = hkdf("sha256", braidKey, zeros, "Signal PQ Ratchet V1 Chain  Start", 96)
  const next = Uint8Array.of(0, 0, 0, 1)
  const info = joined(next, Buffer.from("Signal PQ Ratchet V1 Chain Next"))
  const salt = hkdf("sha256", epoch.slice(32, 64), zeros, info, 64).slice(32)
  const keys = hkdf("sha256", seed, salt, "WhisperMessageKeys", 80)

  const typed = (key: Uint8Array) => joined(Uint8Array.of(5), key)
  const receiver = Effect.runSync(crypto.x25519.publicKey(own.signalIdentity))
  const covered = joined(typed(outer.identityKey), typed(receiver), message.body)
  const mac = hmac("sha256", keys.slice(32, 64), covered).slice(0, 8)
  const opener = createDecipheriv("aes-256-cbc", keys.slice(0, 32), keys.slice(64))
  const plaintext = joined(opener.update(message.ciphertext), opener.final())
  return { agreements, shared, root, chain: agreed.slice(32, 64), braidKey, turned, seed, salt, keys, mac, plaintext }
}

/** The KEM layer's root, and the inviter's first turn opened with the joiner's static key. */
export const kemKeys = (
  run: ExampleRun,
  kem: Uint8Array,
  transcript: Uint8Array,
  frame: Uint8Array,
  aad: Uint8Array,
) => {
  const { once, own } = inviterSecrets(run)
  const wing = xWing(crypto)
  const toStatic = Effect.runSync(wing.decapsulate(own.kem, kem.slice(0, 1_120)))
  const toOneTime = Effect.runSync(wing.decapsulate(once.kem, kem.slice(1_120)))
  const root = hkdf("sha512", joined(toStatic, toOneTime), transcript, "sotto/1 kem root", 32)
  const joiner = ownStatics.decode(run.joinerBefore["keys/own"]!)!
  const turnSecret = Effect.runSync(wing.decapsulate(joiner.kem, frame.slice(12, 1_132)))
  const info = joined(Buffer.from("sotto/1 kem turn"), Uint8Array.of(0, 0, 0, 1))
  const turned = hkdf("sha512", turnSecret, root, info, 64)
  const seed = hmac("sha512", turned.slice(32), "sotto/1 kem chain step").slice(32)
  const keyed = hmac("sha512", seed, "sotto/1 kem message key")
  const header = frame.slice(0, 2_348)
  const cipher = xchacha20poly1305(keyed.slice(0, 32), keyed.slice(32, 56), joined(aad, header))
  const plaintext = cipher.decrypt(frame.slice(2_348))
  return {
    toStatic,
    toOneTime,
    root,
    turnSecret,
    turned,
    seed,
    key: keyed.slice(0, 32),
    nonce: keyed.slice(32, 56),
    plaintext,
  }
}
