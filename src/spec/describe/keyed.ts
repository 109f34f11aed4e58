/**
 * How the key of each ciphertext and each authenticator was derived, step by step, and who could have it. Docs: protocol.md, "MLS
 * layer", "Signal layer", "KEM layer", "AES layer", "Hash ratchet" and "Handshake messages".
 */

export interface Keyed {
  /** Which key it is, in a few words. */
  readonly by: string
  /** How it was derived, a formula a line, in the notation of protocol.md. */
  readonly from: ReadonlyArray<string>
  /** What a thief of it, or of what it follows from, could read, and for how long. */
  readonly thief: string
}

/** `steps`: which key of the chain, from 0. */
const ratchet = (label: string, nonce: number, steps: string): ReadonlyArray<string> => [
  `next chain (32) ‖ seed (32) = HMAC-SHA-512(chain, "sotto/1 ${label} chain step"), ${steps}`,
  `key (32) ‖ nonce (${nonce}) ‖ rest = HMAC-SHA-512(seed, "sotto/1 ${label} message key")`,
]

export const aesKey = (index: string): Keyed => ({
  by: `key ${index} of this direction's hash ratchet, used once and erased`,
  from: [
    `chain = HKDF-SHA-512(the invite's secret, transcript hash, "sotto/1 aes ‹direction›", 32)`,
    ...ratchet("aes", 12, `${index} times and once more`),
  ],
  thief:
    "Whoever copies the chain reads this layer of all later frames of the direction until keys are agreed anew, and of none before. Whoever has the invite's secret and saw the handshake has the chain. The KEM layer's ciphertext is what they then see.",
})

export const kemKey = (turn: string, index: string): Keyed => ({
  by: `key ${index} of turn ${turn}, used once and erased`,
  from: [
    `root₀ = HKDF-SHA-512(secret to the static key ‖ secret to the one-time key, transcript hash, "sotto/1 kem root", 32)`,
    `root ‖ chain = HKDF-SHA-512(X-Wing secret of each turn, root, "sotto/1 kem turn" ‖ u32(turn), 64), up to turn ${turn}`,
    ...ratchet("kem", 24, `${index} times and once more`),
  ],
  thief:
    "Whoever copies a side's state follows until that side has answered: its turn brings a key pair that was made after the theft, and what is encapsulated to that is closed. The Signal message is what they see until then.",
})

export const signalKey: Keyed = {
  by: "a key of the sender's chain and one of the braid together, used once and erased",
  from: [
    "root ‖ chain ‖ braid key = HKDF-SHA-256(32 × ff ‖ DH1 ‖ DH2 ‖ DH3 ‖ DH4 ‖ Kyber secret, 32 zeros, …, 96): PQXDH",
    'root ‖ chain = HKDF-SHA-256(X25519(ratchet keys of both), root, "WhisperRatchet", 64), each turn',
    "seed = HMAC-SHA-256(chain, 01), next chain = HMAC-SHA-256(chain, 02), each message",
    "salt = the braid's key of this epoch and index",
    'cipher key (32) ‖ MAC key (32) ‖ IV (16) = HKDF-SHA-256(seed, salt, "WhisperMessageKeys", 80)',
  ],
  thief:
    "Whoever copies a side's state follows until that side has answered with a new ratchet key; with a quantum computer, until the braid has come to its next epoch. The MLS message is what they see until then.",
}

export const signalMacKey: Keyed = {
  ...signalKey,
  by: "the MAC key beside the cipher key of the same message",
}

export const mlsKey: Keyed = {
  by: "key and nonce of the sender's generation in this epoch, used once and erased",
  from: [
    "epoch secret: RFC 9420, §8, out of the commit secret (X-Wing in HPKE) and the epoch before",
    "secret of the sender's leaf, out of the encryption secret: the secret tree of §9",
    "key and nonce of each generation: the symmetric ratchet of §9.1; the nonce is mixed with the reuse guard",
  ],
  thief:
    "Whoever copies a side's state follows until both have committed: each commit brings a path secret that was made after the theft. The padded content, with the text, is what they see until then.",
}

/** Of an envelope's MAC. */
export const envelopeKey: Keyed = {
  by: "a key from the secret that both have before the handshake: the invite's, or the recovery secret",
  from: [
    'key = HKDF-SHA-256(secret, 32 zeros, "sotto/1 hello" | "sotto/1 bundle" | "sotto/1 accept", 32)',
    "mac = HMAC-SHA-256(key, the envelope without its mac)",
  ],
  thief: "Whoever has the secret can speak in a handshake as one who was invited; it opens no message.",
}

/** Of what is told about where somebody stands. */
export const tellKey: Keyed = {
  by: "a key from the recovery secret that both have, with a random nonce",
  from: [
    'key = HKDF-SHA-256(recovery secret, 32 zeros, "sotto/1 tell inviter" | "sotto/1 tell joiner", 32)',
    "associated data: the secret's name, the challenge of the ask, the binding of the channel",
  ],
  thief:
    "Whoever has the recovery secret and heard the ask reads counters and random names of lives. It opens no message.",
}

const ROOT_KEY = "root key: 32 random bytes, wrapped in the header under the key of each way to unlock"

/** Of the header's MAC. */
export const headerKey: Keyed = {
  by: "a key from the vault's root key",
  from: [ROOT_KEY, 'key = HKDF-SHA-256(root key, vault id, "sotto/1 vault header", 32)'],
  thief: "Whoever has the root key can add ways to unlock, and read everything.",
}

/** Of the catalogue. */
export const catalogueKey: Keyed = {
  by: "a key from the vault's root key",
  from: [
    ROOT_KEY,
    'key = HKDF-SHA-256(root key, vault id, "sotto/1 vault catalogue", 32)',
    'associated data: "sotto/1 vault" ‖ 4 ‖ serial number',
  ],
  thief: "Whoever has it has the key of every host, and reads everything on this disk.",
}

/** Of what lies on a disk. */
export const vaultKey: Keyed = {
  by: "the key of one host of the vault, drawn at random",
  from: [
    "the host's key: 32 random bytes, in the catalogue",
    'the catalogue\'s key = HKDF-SHA-256(root key, vault id, "sotto/1 vault catalogue", 32)',
    "root key: wrapped in the header, under the key of each way to unlock",
    'associated data: "sotto/1 vault" ‖ kind ‖ version ‖ id',
  ],
  thief:
    "Whoever has it reads everything of one contact on this disk. Whoever has the disk alone reads lengths, rounded up.",
}
