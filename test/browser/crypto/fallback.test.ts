/**
 * The supplier over WebCrypto where the runtime has less, lies, or fails: an operation that does not answer its probe comes from
 * noble, and no other. Over Node's WebCrypto with parts changed; the supplier sees `crypto.subtle` and nothing else.
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterEach, describe, expect, test, vi } from "vitest"
import { defaultCrypto } from "../../../src/adapters/crypto/default.ts"
import { webCrypto } from "../../../src/adapters/crypto/web.ts"
import { concat } from "../../../src/core/crypto/bytes.ts"
import type { CryptoService, Refused } from "../../../src/core/crypto/crypto.ts"
import { cryptoConformance } from "../../../src/spec/conformance/crypto.ts"
import { filled } from "../../../src/spec/conformance/crypto-check.ts"
import { agreement } from "./agreement.ts"
import { operations, readLate } from "./operations.ts"

afterEach(() => vi.unstubAllGlobals())

const real = globalThis.crypto.subtle
type Method = (...given: ReadonlyArray<never>) => unknown
const importKey = real.importKey.bind(real) as unknown as (...given: ReadonlyArray<never>) => Promise<CryptoKey>

/** The supplier over this runtime's WebCrypto with some methods changed or gone, and how often each method was called. */
const over = (changed: Readonly<Record<string, Method | undefined>> = {}) => {
  const calls = new Map<string, number>()
  const subtle = new Proxy(real, {
    get: (_, name) => {
      const method = name in changed ? changed[name as string] : Reflect.get(real, name)
      if (typeof method !== "function") return undefined
      return (...given: ReadonlyArray<never>) => {
        calls.set(String(name), (calls.get(String(name)) ?? 0) + 1)
        return method.apply(real, given)
      }
    },
  })
  vi.stubGlobal("crypto", { subtle, getRandomValues: globalThis.crypto.getRandomValues.bind(globalThis.crypto) })
  const crypto = webCrypto()!
  vi.unstubAllGlobals()
  return { crypto, calls }
}

const conforms = async (crypto: CryptoService): Promise<void> => {
  for (const { run } of cryptoConformance) await Effect.runPromise(run(crypto))
}

/** The operations that noble does for it: the second run of each calls no method of the runtime. */
const left = async ({ crypto, calls }: ReturnType<typeof over>): Promise<ReadonlyArray<string>> => {
  const names: Array<string> = []
  for (const [name, { inputs, run }] of Object.entries(await operations())) {
    await Effect.runPromise(run(crypto, inputs))
    calls.clear()
    await Effect.runPromise(run(crypto, inputs))
    if (calls.size === 0) names.push(name)
  }
  return names
}

const rejects = () => Promise.reject(new DOMException("no", "NotSupportedError"))

describe("over all of Node's WebCrypto", () => {
  const { crypto } = over()
  for (const { name, run } of cryptoConformance) test(name, () => Effect.runPromise(run(crypto)))
  test.each(Object.entries(agreement))("agrees with noble: %s", (_, property) => property(crypto, 15))
})

describe("takes from noble exactly what the runtime lacks", () => {
  const kems = (part: string) => [`mlKem768.${part}`, `mlKem1024.${part}`]
  /** Imports as the runtime does, but has never heard of this algorithm. */
  const without =
    (algorithm: string): Method =>
    (...given) =>
      (given[2] as unknown) === algorithm ? rejects() : importKey(...given)

  test.each<[string, Record<string, Method | undefined>, ReadonlyArray<string>]>([
    ["getPublicKey", { getPublicKey: undefined }, ["ed25519.publicKey", ...kems("publicKey")]],
    ["encapsulateBits", { encapsulateBits: undefined }, kems("encapsulate")],
    ["decapsulateBits", { decapsulateBits: undefined }, kems("decapsulate")],
    ["X25519", { importKey: without("X25519") }, ["x25519.publicKey", "x25519.agree"]],
    ["Ed25519", { importKey: without("Ed25519") }, ["ed25519.publicKey", "ed25519.sign", "ed25519.verify"]],
    [
      "ML-KEM-1024",
      { importKey: without("ML-KEM-1024") },
      ["publicKey", "decapsulate", "encapsulate"].map((part) => `mlKem1024.${part}`),
    ],
    ["encrypt", { encrypt: undefined }, ["aes256Gcm.seal", "aes256Cbc.encrypt"]],
    ["decrypt", { decrypt: rejects }, ["aes256Gcm.open", "aes256Cbc.decrypt"]],
  ])("%s", async (_, changed, expected) => {
    const made = over(changed)
    expect([...(await left(made))].sort()).toEqual([...expected].sort())
    await conforms(made.crypto)
  })

  test("all of it", async () => {
    const made = over({ importKey: rejects })
    expect(await left(made)).toEqual(Object.keys(await operations()))
    await conforms(made.crypto)
  })
})

describe("takes from noble what the runtime does its own way", () => {
  test.each<[string, Record<string, Method>, string]>([
    ["accepts every signature", { verify: async () => true }, "ed25519.verify"],
    ["verifies with the cofactor, and unreduced points", { verify: lenient as Method }, "ed25519.verify"],
    [
      "signs with a random nonce",
      { sign: async () => globalThis.crypto.getRandomValues(new Uint8Array(64)).buffer },
      "ed25519.sign",
    ],
    ["agrees on zeros", { deriveBits: async () => new ArrayBuffer(32) }, "x25519.agree"],
    [
      "opens what does not verify",
      {
        decrypt: (...given) =>
          Reflect.apply(real.decrypt, real, given).catch(
            () => new ArrayBuffer((given[2] as unknown as Uint8Array).length - 16),
          ),
      },
      "aes256Gcm.open",
    ],
    [
      "encapsulates to another key",
      { encapsulateBits: async () => ({ ciphertext: new ArrayBuffer(1088), sharedKey: new ArrayBuffer(32) }) },
      "mlKem768.encapsulate",
    ],
    ["rejects ciphertexts aloud", { decapsulateBits: rejects }, "mlKem768.decapsulate"],
  ])("%s", async (_, changed, name) => {
    const made = over(changed)
    expect(await left(made)).toContain(name)
    await conforms(made.crypto)
  })
})

test("refuses by itself what a runtime lets pass that was well when it was probed", async () => {
  let lies = false
  const liar =
    (name: string, answer: unknown): Method =>
    (...given) =>
      lies ? Promise.resolve(answer) : Reflect.apply(Reflect.get(real, name), real, given)
  const { crypto } = over({
    deriveBits: liar("deriveBits", new ArrayBuffer(32)),
    verify: liar("verify", true),
    encapsulateBits: liar("encapsulateBits", { ciphertext: new ArrayBuffer(1_088), sharedKey: new ArrayBuffer(32) }),
    decapsulateBits: liar("decapsulateBits", new ArrayBuffer(32)),
    importKey: (...given) =>
      importKey(...given).catch((refusal) => {
        if (lies) return {}
        throw refusal
      }),
  })
  const all = await operations()
  for (const { inputs, run } of Object.values(all)) await Effect.runPromise(run(crypto, inputs))
  lies = true
  const verdict = (operation: Effect.Effect<unknown, Refused>) =>
    Effect.runPromise(Effect.catchTag(operation, "Refused", () => Effect.succeed("refused")))

  const [secret, peer] = all["x25519.agree"]!.inputs as [Uint8Array, Uint8Array]
  expect(await verdict(crypto.x25519.agree(secret, peer))).toBe("refused")

  const [key, text, signature] = all["ed25519.verify"]!.inputs as [Uint8Array, Uint8Array, Uint8Array]
  const noise = filled(64, 9)
  expect(await verdict(crypto.ed25519.verify(key, text, noise)), "the liar is asked").toBe(true)
  expect(await verdict(crypto.ed25519.verify(key, text, noise.slice(1)))).toBe(false)
  expect(await verdict(crypto.ed25519.verify(new Uint8Array(32), text, noise))).toBe(false)
  const unreduced = new Uint8Array(32).fill(0xff)
  expect(await verdict(crypto.ed25519.verify(unreduced, text, noise))).toBe(false)
  expect(await verdict(crypto.ed25519.verify(key, text, concat(unreduced, signature.slice(32))))).toBe(false)

  const [publicKey] = all["mlKem768.encapsulate"]!.inputs as [Uint8Array]
  expect(await verdict(crypto.mlKem768.encapsulate(publicKey)), "the liar is asked").not.toBe("refused")
  expect(await verdict(crypto.mlKem768.encapsulate(publicKey.slice(1)))).toBe("refused")
  expect(await verdict(crypto.mlKem768.encapsulate(publicKey.slice().fill(0xff, 0, 3)))).toBe("refused")
  expect(await verdict(crypto.mlKem768.decapsulate(filled(64, 6), filled(1_087, 1)))).toBe("refused")
})

test("short texts under CBC are faster in JavaScript and stay there", async () => {
  const { crypto, calls } = over()
  const [key, iv] = [filled(32, 1), filled(16, 2)]
  for (const length of [1_023, 1_024]) {
    const encrypted = await Effect.runPromise(crypto.aes256Cbc.encrypt(key, iv, filled(length, 3)))
    await Effect.runPromise(crypto.aes256Cbc.decrypt(key, iv, encrypted.slice(0, 1_008)).pipe(Effect.ignore))
    expect(calls.size > 0).toBe(length === 1_024)
  }
})

test("what arrays hold when an operation starts is what counts, with the probe under way and after", async () => {
  expect(await readLate(() => over().crypto)).toEqual([])
})

test("a caller who gives up while the probe runs does not decide for the others", async () => {
  const made = over()
  const { inputs, run } = (await operations())["x25519.agree"]!
  const fiber = Effect.runFork(run(made.crypto, inputs))
  await vi.waitUntil(() => made.calls.size > 0)
  await Effect.runPromise(Fiber.interrupt(fiber))
  await Effect.runPromise(run(made.crypto, inputs))
  expect(await left(made)).toEqual([])
})

test("no key that holds a secret can be exported", async () => {
  const kept: Array<boolean> = []
  const { crypto } = over({
    importKey: async (...given) => {
      const key = await importKey(...given)
      if (key.type !== "public") kept.push(key.extractable)
      return key
    },
  })
  for (const { inputs, run } of Object.values(await operations())) await Effect.runPromise(run(crypto, inputs))
  expect(kept.length).toBeGreaterThan(10)
  expect(kept).not.toContain(true)
})

describe("the default", () => {
  test("is Node's, else the web's, else noble's", () => {
    expect(defaultCrypto().name).toBe("node")
    vi.stubGlobal("process", undefined)
    expect(defaultCrypto().name).toBe("web")
    vi.stubGlobal("crypto", { getRandomValues: () => undefined })
    expect(defaultCrypto().name).toBe("noble")
    vi.stubGlobal("crypto", undefined)
    expect(defaultCrypto().name).toBe("noble")
  })
})

/** A verifier as ZIP 215 wants one, and as more than one library had it. */
async function lenient(_: unknown, key: CryptoKey, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  const publicKey = new Uint8Array(await real.exportKey("raw", key))
  return ed25519.verify(signature, message, publicKey, { zip215: true })
}
