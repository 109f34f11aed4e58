/**
 * RT-1 over a whole run: what every key and nonce encrypted, across contacts, processes and crashes. An encryption counts once
 * the commit that it belongs to is durable: a ciphertext that a crash threw away has never left, and its key may serve again.
 */
import * as Effect from "effect/Effect"
import type { Aead, CryptoService } from "../../core/crypto/crypto.ts"

/** Encryptions that are remembered, at most; the oldest go first. A reuse comes soon after or not at all. */
const MAX_REMEMBERED = 1_000_000

interface Encryption {
  readonly place: string
  readonly what: string
}

/** One process's share: what it has not committed is forgotten with it. */
export interface WatchedProcess {
  readonly crypto: CryptoService
  /** What this fiber has encrypted is about to become durable: the function says that it has. */
  readonly committing: Effect.Effect<() => void>
}

export type EncryptionsMemory = ReadonlyMap<string, string>

export interface Encryptions {
  readonly process: (crypto: CryptoService) => WatchedProcess
  /** How many encryptions became durable. */
  readonly count: () => number
  /** Places (a digest of key and nonce) that encrypted two different things. */
  readonly reused: ReadonlyArray<string>
  /** What encrypted what so far, for runs that go on from here. */
  readonly memory: () => EncryptionsMemory
}

export const makeEncryptions = (before: EncryptionsMemory = new Map()): Encryptions => {
  const durable = new Map(before)
  const reused: Array<string> = []
  let count = 0

  const take = ({ place, what }: Encryption) => {
    const before = durable.get(place)
    count += 1
    if (before !== undefined && before !== what) reused.push(place)
    if (before === undefined && durable.size >= MAX_REMEMBERED) durable.delete(durable.keys().next().value!)
    durable.set(place, what)
  }

  return {
    reused,
    count: () => count,
    process: (crypto) => watchedProcess(crypto, take),
    memory: () => new Map(durable),
  }
}

const watchedProcess = (crypto: CryptoService, take: (encryption: Encryption) => void): WatchedProcess => {
  /** By fiber: the host that encrypts is the one that commits. */
  const pending = new Map<number, Array<Encryption>>()

  const note = (cipher: string, key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array) =>
    Effect.withFiber((fiber: { readonly id: number }) => {
      const list = pending.get(fiber.id) ?? []
      pending.set(fiber.id, list)
      list.push({ place: `${cipher} ${digest(key, nonce)}`, what: digest(plaintext, associated) })
      return Effect.void
    })

  const aead = (cipher: string, inner: Aead): Aead => ({
    ...inner,
    seal: (key, nonce, plaintext, associated) =>
      Effect.andThen(note(cipher, key, nonce, plaintext, associated), inner.seal(key, nonce, plaintext, associated)),
  })

  return {
    committing: Effect.withFiber((fiber: { readonly id: number }) => {
      const mine = pending.get(fiber.id) ?? []
      pending.delete(fiber.id)
      return Effect.succeed(() => mine.forEach(take))
    }),
    crypto: {
      ...crypto,
      aes256Gcm: aead("gcm", crypto.aes256Gcm),
      xChaCha20Poly1305: aead("xchacha", crypto.xChaCha20Poly1305),
      aes256Cbc: {
        ...crypto.aes256Cbc,
        encrypt: (key, iv, plaintext) =>
          Effect.andThen(note("cbc", key, iv, plaintext, NOTHING), crypto.aes256Cbc.encrypt(key, iv, plaintext)),
      },
    },
  }
}

const NOTHING = new Uint8Array()

/** 53 bits of each: enough to tell what one run encrypts apart, and no hash to rely on against anybody. */
const digest = (a: Uint8Array, b: Uint8Array): string => {
  let high = 0x9e3779b9 ^ a.length
  let low = 0x85ebca6b ^ b.length
  for (const bytes of [a, b]) {
    const words = bytes.length & ~3
    for (let i = 0; i < bytes.length; i += i < words ? 4 : 1) {
      const word =
        i < words ? bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24) : bytes[i]!
      high = Math.imul(high ^ word, 0x5bd1e995)
      low = Math.imul(low ^ word, 0x1b873593)
      high ^= low >>> 15
      low ^= high >>> 13
    }
  }
  return `${(high >>> 0).toString(36)}.${(low >>> 0).toString(36)}`
}
