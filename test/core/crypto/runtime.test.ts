/** Suppliers on runtimes that have less: no Node, no ML-KEM, no generator. Nothing weaker takes the place of what is missing. */
import * as node from "node:crypto"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { afterEach, describe, expect, test, vi } from "vitest"
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../../src/adapters/crypto/random.ts"
import type { Refused } from "../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"
import { cryptoConformance } from "../../../src/spec/conformance/crypto.ts"

afterEach(() => vi.unstubAllGlobals())

/** Node's module with something changed or gone. */
const withBuiltin = (module: object | undefined) => vi.stubGlobal("process", { getBuiltinModule: () => module })

describe("the native supplier", () => {
  test("is undefined in a browser, in an old Node, and over a library with holes", () => {
    vi.stubGlobal("process", undefined)
    expect(nativeCrypto()).toBeUndefined()
    vi.stubGlobal("process", {})
    expect(nativeCrypto()).toBeUndefined()
    withBuiltin(undefined)
    expect(nativeCrypto()).toBeUndefined()
    withBuiltin({ ...node, getCiphers: () => node.getCiphers().filter((name) => !name.includes("chacha")) })
    expect(nativeCrypto()).toBeUndefined()
    withBuiltin({ ...node, getHashes: () => ["sha256", "sha512"] })
    expect(nativeCrypto()).toBeUndefined()
  })

  test.each([
    ["has no ML-KEM", { encapsulate: undefined, decapsulate: undefined }],
    [
      "cannot import seeds",
      {
        createPrivateKey: () => {
          throw new Error("unsupported")
        },
      },
    ],
  ])("takes noble's ML-KEM where the runtime %s", async (_, missing) => {
    withBuiltin({ ...node, ...missing })
    const crypto = nativeCrypto()
    const publicKey = await Effect.runPromise(crypto!.mlKem768.publicKey(new Uint8Array(64)))
    const { ciphertext, sharedSecret } = await Effect.runPromise(crypto!.mlKem768.encapsulate(publicKey))
    expect(await Effect.runPromise(crypto!.mlKem768.decapsulate(new Uint8Array(64), ciphertext))).toEqual(sharedSecret)
  })

  test("keeps every promise on a runtime without ML-KEM, as Node 22 is", async () => {
    withBuiltin({ ...node, encapsulate: undefined, decapsulate: undefined })
    const crypto = nativeCrypto()!
    vi.unstubAllGlobals()
    for (const { run } of cryptoConformance) await Effect.runPromise(run(crypto))
  })
})

test("the native supplier is strict over a library that accepts everything", async () => {
  const shared = Buffer.alloc(32)
  withBuiltin({
    ...node,
    createPublicKey: (key: node.KeyObject | { readonly format: string }) =>
      key instanceof node.KeyObject ? node.createPublicKey(key) : {},
    verify: () => true,
    diffieHellman: () => shared,
    encapsulate: () => ({ ciphertext: Buffer.alloc(1088), sharedKey: Buffer.alloc(32) }),
    decapsulate: () => Buffer.alloc(32),
  })
  const { ed25519, x25519, mlKem768 } = nativeCrypto()!
  const run = <A>(operation: Effect.Effect<A, Refused>) => Effect.runPromise(Effect.option(operation))
  const refused = Option.none()
  const message = Uint8Array.of(1)

  const key = await Effect.runPromise(ed25519.publicKey(new Uint8Array(32)))
  expect(await run(ed25519.verify(key, message, new Uint8Array(64)))).toEqual(Option.some(true))
  expect(await run(ed25519.verify(key, message, new Uint8Array(63)))).toEqual(Option.some(false))
  expect(await run(ed25519.verify(new Uint8Array(32), message, new Uint8Array(64)))).toEqual(Option.some(false))

  const peer = await Effect.runPromise(x25519.publicKey(new Uint8Array(32)))
  expect(await run(x25519.agree(new Uint8Array(32), peer))).toEqual(refused)
  shared.fill(1)
  expect(await run(x25519.agree(new Uint8Array(32), peer))).not.toEqual(refused)
  expect(await run(x25519.agree(new Uint8Array(32), peer.slice(1)))).toEqual(refused)

  const publicKey = await Effect.runPromise(mlKem768.publicKey(new Uint8Array(64)))
  expect(await run(mlKem768.encapsulate(publicKey))).not.toEqual(refused)
  expect(await run(mlKem768.encapsulate(publicKey.fill(0xff, 0, 3)))).toEqual(refused)
  expect(await run(mlKem768.decapsulate(new Uint8Array(64), new Uint8Array(1087)))).toEqual(refused)
  expect(await run(mlKem768.decapsulate(new Uint8Array(64), new Uint8Array(1088)))).not.toEqual(refused)
})

describe("randomness", () => {
  test("fails closed where the runtime has none, with a sentence that says so", () => {
    vi.stubGlobal("crypto", undefined)
    expect(() => systemRandom(32)).toThrow(/no secure random generator/)
    vi.stubGlobal("crypto", {})
    expect(() => systemRandom(32)).toThrow(/no secure random generator/)
  })

  test("draws at most 65,536 bytes at a time and fills every byte asked for", () => {
    const draws: Array<number> = []
    vi.stubGlobal("crypto", {
      getRandomValues: (array: Uint8Array) => {
        draws.push(array.length)
        return array.fill(0xa5)
      },
    })
    expect(systemRandom(150_000).every((byte) => byte === 0xa5)).toBe(true)
    expect(draws).toEqual([65_536, 65_536, 18_928])
    expect(systemRandom(0)).toHaveLength(0)
  })

  test("a generator that gives too little is a defect, never a weak key", async () => {
    const crypto = nobleCrypto(() => new Uint8Array(16))
    expect(() => crypto.random(32)).toThrow(RangeError)
    const publicKey = await Effect.runPromise(crypto.mlKem768.publicKey(new Uint8Array(64)))
    await expect(Effect.runPromise(crypto.mlKem768.encapsulate(publicKey))).rejects.toThrow("random draw")
  })
})
