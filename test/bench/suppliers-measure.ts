/** Times each operation of the Crypto port on several suppliers in turn. Runs in Node and, bundled, in a page. */
import * as Effect from "effect/Effect"
import { nativeCrypto } from "../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../src/adapters/crypto/random.ts"
import { ed25519, ML_KEM_768, ML_KEM_1024, mlKem, x25519 } from "../../src/adapters/crypto/web-public-key.ts"
import { aes256Cbc, aes256Gcm } from "../../src/adapters/crypto/web-symmetric.ts"
import type { CryptoService, Refused } from "../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"

export interface Row {
  readonly operation: string
  readonly supplier: string
  /** Median and fastest round, microseconds a call. */
  readonly median: number
  readonly best: number
}

type Operation = (crypto: CryptoService) => Effect.Effect<unknown, Refused>

const ROUNDS = 9
/** A round lasts about this long for the slowest supplier, in milliseconds: well above a page's clock resolution of 0.1. */
const ROUND_MS = 20

const SIZES = [64, 256, 512, 1_024, 4_096, 65_536]

/** All of WebCrypto, also where `webCrypto` would prefer noble: that is the question here. */
const everythingWeb = (noble: CryptoService): CryptoService => {
  const { subtle } = globalThis.crypto
  return {
    ...noble,
    name: "web",
    x25519: x25519(subtle),
    ed25519: ed25519(subtle),
    mlKem768: mlKem(subtle, ML_KEM_768),
    mlKem1024: mlKem(subtle, ML_KEM_1024),
    aes256Gcm: aes256Gcm(subtle),
    aes256Cbc: aes256Cbc(subtle),
  }
}

/** Every supplier on every operation, alternating by round. What a runtime lacks has no row. */
export const measure = async (): Promise<ReadonlyArray<Row>> => {
  const noble = nobleCrypto(systemRandom)
  const native = nativeCrypto()
  const suppliers = [noble, everythingWeb(noble), ...(native === undefined ? [] : [native])]
  const rows: Array<Row> = []
  for (const [name, operation] of await operations(noble)) {
    const able: Array<CryptoService> = []
    for (const supplier of suppliers)
      if ((await Effect.runPromiseExit(operation(supplier)))._tag === "Success") able.push(supplier)
    let slowest = 0
    for (const supplier of able) slowest = Math.max(slowest, await time(supplier, operation, 3))
    const count = Math.max(3, Math.min(500, Math.round((1_000 * ROUND_MS) / slowest)))
    const rounds = new Map(able.map((supplier) => [supplier, [] as Array<number>]))
    for (let round = 0; round < ROUNDS; round++)
      for (const supplier of able) rounds.get(supplier)!.push(await time(supplier, operation, count))
    for (const [supplier, times] of rounds) {
      times.sort((left, right) => left - right)
      rows.push({ operation: name, supplier: supplier.name, median: times[ROUNDS >> 1]!, best: times[0]! })
    }
  }
  return rows
}

/** Microseconds a call, one after the other in one fiber, as the layers call. */
const time = async (crypto: CryptoService, operation: Operation, count: number): Promise<number> => {
  const loop = Effect.gen(function* () {
    for (let i = 0; i < count; i++) yield* operation(crypto)
  })
  const start = performance.now()
  await Effect.runPromise(loop)
  return (1_000 * (performance.now() - start)) / count
}

const operations = async (noble: CryptoService): Promise<ReadonlyArray<readonly [string, Operation]>> => {
  const key = noble.random(32)
  const seed = noble.random(64)
  const message = noble.random(256)
  const run = <A>(operation: Effect.Effect<A, Refused>) => Effect.runPromise(operation)
  const peer = await run(noble.x25519.publicKey(noble.random(32)))
  const publicKey = await run(noble.ed25519.publicKey(key))
  const signature = await run(noble.ed25519.sign(key, message))
  const list: Array<readonly [string, Operation]> = [
    ["X25519 publicKey", ({ x25519 }) => x25519.publicKey(key)],
    ["X25519 agree", ({ x25519 }) => x25519.agree(key, peer)],
    ["Ed25519 publicKey", ({ ed25519 }) => ed25519.publicKey(key)],
    ["Ed25519 sign", ({ ed25519 }) => ed25519.sign(key, message)],
    ["Ed25519 verify", ({ ed25519 }) => ed25519.verify(publicKey, message, signature)],
  ]
  for (const name of ["mlKem768", "mlKem1024"] as const) {
    const kemKey = await run(noble[name].publicKey(seed))
    const { ciphertext } = await run(noble[name].encapsulate(kemKey))
    list.push(
      [`${name} publicKey`, (crypto) => crypto[name].publicKey(seed)],
      [`${name} encapsulate`, (crypto) => crypto[name].encapsulate(kemKey)],
      [`${name} decapsulate`, (crypto) => crypto[name].decapsulate(seed, ciphertext)],
    )
  }
  const [nonce, iv, associated] = [noble.random(12), noble.random(16), noble.random(48)]
  for (const size of SIZES) {
    const text = noble.random(size)
    const sealed = await run(noble.aes256Gcm.seal(key, nonce, text, associated))
    const encrypted = await run(noble.aes256Cbc.encrypt(key, iv, text))
    list.push(
      [`AES-GCM seal ${size}`, ({ aes256Gcm }) => aes256Gcm.seal(key, nonce, text, associated)],
      [`AES-GCM open ${size}`, ({ aes256Gcm }) => aes256Gcm.open(key, nonce, sealed, associated)],
      [`AES-CBC encrypt ${size}`, ({ aes256Cbc }) => aes256Cbc.encrypt(key, iv, text)],
      [`AES-CBC decrypt ${size}`, ({ aes256Cbc }) => aes256Cbc.decrypt(key, iv, encrypted)],
    )
  }
  return list
}
