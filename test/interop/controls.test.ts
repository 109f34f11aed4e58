/**
 * Negative controls: our side with one constant wrong. libsignal must notice each of them, or these tests would say nothing
 * about any.
 */
import { expect, it } from "vitest"
import { concat, utf8 } from "../../src/core/crypto/bytes.ts"
import type { CryptoService } from "../../src/core/crypto/crypto.ts"
import { exchange, logged, other, read, SEED, type Side, write } from "./couple.ts"
import { newPeer } from "./peer.ts"
import { newUs, seededCrypto } from "./us.ts"

/** Long enough for a whole epoch, and a message in the next. */
const MESSAGES = 100

const contains = (bytes: Uint8Array, part: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.from(part))

/** With one label spelt otherwise wherever it occurs. */
const relabelled =
  (label: string) =>
  (crypto: CryptoService): CryptoService => {
    const wrong = utf8("another label")
    return {
      ...crypto,
      hkdfSha256: (ikm, salt, info, length) =>
        crypto.hkdfSha256(ikm, salt, contains(info, utf8(label)) ? concat(wrong, info) : info, length),
      hmacSha256: (key, data) => crypto.hmacSha256(key, contains(data, utf8(label)) ? concat(wrong, data) : data),
    }
  }

/** Round 3's last step left out: what FIPS 203 ends with. */
const plainFips = (crypto: CryptoService): CryptoService => ({
  ...crypto,
  shake256: (data, length) => (data.length === 64 && length === 32 ? data.slice(0, 32) : crypto.shake256(data, length)),
})

const unchanged = (crypto: CryptoService): CryptoService => crypto

/** How many messages went well before one did not; undefined if all did. */
const conversation = async (initiator: Side, change: (crypto: CryptoService) => CryptoService) => {
  const us = newUs(SEED + 600, change(seededCrypto(SEED + 600)))
  const couple = { us, peer: newPeer() }
  us.trust(couple.peer.identity)
  if (initiator === "us") us.begin(await couple.peer.publish(1, true))
  else await couple.peer.initiate(us.identity, us.publish(1, true))
  for (let i = 0; i < MESSAGES; i++) {
    const from = i % 2 === 0 ? initiator : other(initiator)
    if ((await read(couple, other(from), await write(couple, from, `${i}`))) === undefined) return i
  }
  await logged("control", couple, async () => void (await exchange(couple, "us", "and on")))
  return undefined
}

const wrong: ReadonlyArray<readonly [string, (crypto: CryptoService) => CryptoService]> = [
  ["the plain FIPS 203 secret", plainFips],
  ...[
    "WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024",
    "WhisperRatchet",
    "WhisperMessageKeys",
    "Signal PQ Ratchet V1 Chain  Start",
    "Signal PQ Ratchet V1 Chain Next",
    "Signal PQ Ratchet V1 Chain Add Epoch",
    "Signal_PQCKA_V1_MLKEM768:Authenticator Update",
    "Signal_PQCKA_V1_MLKEM768:SCKA Key",
    "Signal_PQCKA_V1_MLKEM768:ekheader",
    "Signal_PQCKA_V1_MLKEM768:ciphertext",
  ].map((label) => [`another label than "${label}"`, relabelled(label)] as const),
]

it.each(["us", "peer"] satisfies ReadonlyArray<Side>)(
  "with nothing wrong all goes well, %s initiating",
  async (initiator) => {
    expect(await conversation(initiator, unchanged)).toBeUndefined()
  },
)

it.each(wrong)("%s is noticed", async (_, change) => {
  for (const initiator of ["us", "peer"] as const) expect(await conversation(initiator, change)).toBeLessThan(MESSAGES)
})
