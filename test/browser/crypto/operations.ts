/** Every operation that the WebCrypto supplier may take from the runtime, with inputs that fit. Runs in Node and in a page. */
import * as Effect from "effect/Effect"
import { equal } from "../../../src/core/crypto/bytes.ts"
import type { CryptoService, Refused } from "../../../src/core/crypto/crypto.ts"
import { filled } from "../../../src/spec/conformance/crypto-check.ts"
import { noble } from "./agreement.ts"

export interface Operation {
  readonly inputs: ReadonlyArray<Uint8Array>
  readonly run: (crypto: CryptoService, inputs: ReadonlyArray<Uint8Array>) => Effect.Effect<unknown, Refused>
}

/** By name. Each gives the same every time. */
export const operations = async (): Promise<Readonly<Record<string, Operation>>> => {
  const make = <A>(effect: Effect.Effect<A, Refused>): Promise<A> => Effect.runPromise(effect)
  const [key, peer, nonce, iv] = [filled(32, 1), filled(32, 2), filled(12, 3), filled(16, 4)]
  const text = filled(2_000, 5)
  const signing = await make(noble.ed25519.publicKey(key))
  const signature = await make(noble.ed25519.sign(key, text))
  const sealed = await make(noble.aes256Gcm.seal(key, nonce, text, iv))
  const encrypted = await make(noble.aes256Cbc.encrypt(key, iv, text))
  const list: Record<string, Operation> = {
    "x25519.publicKey": { inputs: [key], run: (c, i) => c.x25519.publicKey(i[0]!) },
    "x25519.agree": { inputs: [key, peer], run: (c, i) => c.x25519.agree(i[0]!, i[1]!) },
    "ed25519.publicKey": { inputs: [key], run: (c, i) => c.ed25519.publicKey(i[0]!) },
    "ed25519.sign": { inputs: [key, text], run: (c, i) => c.ed25519.sign(i[0]!, i[1]!) },
    "ed25519.verify": { inputs: [signing, text, signature], run: (c, i) => c.ed25519.verify(i[0]!, i[1]!, i[2]!) },
    "aes256Gcm.seal": { inputs: [key, nonce, text, iv], run: (c, i) => c.aes256Gcm.seal(i[0]!, i[1]!, i[2]!, i[3]!) },
    "aes256Gcm.open": { inputs: [key, nonce, sealed, iv], run: (c, i) => c.aes256Gcm.open(i[0]!, i[1]!, i[2]!, i[3]!) },
    "aes256Cbc.encrypt": { inputs: [key, iv, text], run: (c, i) => c.aes256Cbc.encrypt(i[0]!, i[1]!, i[2]!) },
    "aes256Cbc.decrypt": { inputs: [key, iv, encrypted], run: (c, i) => c.aes256Cbc.decrypt(i[0]!, i[1]!, i[2]!) },
  }
  for (const name of ["mlKem768", "mlKem1024"] as const) {
    const seed = filled(64, 6)
    const publicKey = await make(noble[name].publicKey(seed))
    const { ciphertext } = await make(noble[name].encapsulate(publicKey))
    list[`${name}.publicKey`] = { inputs: [seed], run: (c, i) => c[name].publicKey(i[0]!) }
    list[`${name}.decapsulate`] = { inputs: [seed, ciphertext], run: (c, i) => c[name].decapsulate(i[0]!, i[1]!) }
    // What it makes is new each time; that the holder of the seed gets the same secret out of it is not.
    list[`${name}.encapsulate`] = {
      inputs: [publicKey],
      run: (c, i) =>
        Effect.flatMap(c[name].encapsulate(i[0]!), (made) =>
          Effect.map(noble[name].decapsulate(seed, made.ciphertext), (secret) => equal(secret, made.sharedSecret)),
        ),
    }
  }
  return list
}

/** Starts the operation, changes every input at once, and gives the result. */
export const disturbed = (crypto: CryptoService, { inputs, run }: Operation): Promise<unknown> => {
  const given = inputs.map((input) => input.slice())
  const result = Effect.runPromise(run(crypto, given))
  for (const array of given) array.fill(0)
  return result
}

/** The operations that read an array after the caller had it back: while their probe was under way, or after that. */
export const readLate = async (fresh: () => CryptoService): Promise<ReadonlyArray<string>> => {
  const late: Array<string> = []
  for (const [name, operation] of Object.entries(await operations())) {
    const crypto = fresh()
    for (const when of ["at first", "later"]) {
      const [ours, theirs] = [
        await disturbed(crypto, operation),
        await Effect.runPromise(operation.run(noble, operation.inputs)),
      ]
      if (String(ours) !== String(theirs)) late.push(`${name}, ${when}`)
    }
  }
  return late
}

/** Which of the operations end in `crypto.subtle`: each runs twice, so that its probe is over, and the second is watched. */
export const servedByRuntime = async (crypto: CryptoService): Promise<ReadonlyArray<string>> => {
  let calls = 0
  // Any of them: what was imported before need not be again.
  const prototype = Object.getPrototypeOf(globalThis.crypto.subtle) as Record<
    string,
    (...given: Array<never>) => unknown
  >
  const originals = new Map(Object.getOwnPropertyNames(prototype).map((name) => [name, prototype[name]!]))
  originals.delete("constructor")
  for (const [name, original] of originals) {
    prototype[name] = function (...given) {
      calls++
      return original.apply(this, given)
    }
  }
  try {
    const served: Array<string> = []
    for (const [name, { inputs, run }] of Object.entries(await operations())) {
      await Effect.runPromise(run(crypto, inputs))
      calls = 0
      await Effect.runPromise(run(crypto, inputs))
      if (calls > 0) served.push(name)
    }
    return served
  } finally {
    for (const [name, original] of originals) prototype[name] = original
  }
}
