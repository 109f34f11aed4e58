/** Unlocking from outside: wrong keys tell nothing, and what a hostile file asks for is not done. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { assert, describe, it } from "vitest"
import { makeShelves, memory } from "../../../src/adapters/storage/memory.ts"
import { argon2 } from "../../../src/adapters/unlock/argon2.ts"
import { passphrase } from "../../../src/adapters/unlock/passphrase.ts"
import { Refused } from "../../../src/core/crypto/crypto.ts"
import {
  type Argon2Parameters,
  decodeArgon2,
  derive,
  encodeArgon2,
  isBounded,
  LEAST_MEMORY,
} from "../../../src/core/vault/argon2.ts"
import { idOf } from "../../../src/core/vault/header.ts"
import { unwrapped, wrapped } from "../../../src/core/vault/keyring.ts"
import { openVault } from "../../../src/core/vault/vault.ts"
import { makeDice } from "../../../src/spec/simulation/dice.ts"
import { CHEAP, cheapPassphrase, crypto, run, sealedMemory } from "./people.ts"

const vault = new Uint8Array(16).fill(3)
const root = new Uint8Array(32).fill(5)
const right = () => new Uint8Array(32).fill(8)

const method = () =>
  Effect.runPromise(
    wrapped(
      crypto,
      vault,
      { id: new Uint8Array(8), kind: "passphrase", label: "", addedAt: 0, params: Uint8Array.of(1, 2, 3) },
      right(),
      root,
    ),
  )

describe("unwrapping a vault's key", () => {
  it("10,000 wrong attempts of every kind are all one refusal, of one shape", async () => {
    const good = await method()
    const dice = makeDice(11)
    const shapes = new Set<string>()
    for (let i = 0; i < 10_000; i++) {
      const key = right()
      const one = { ...good, wrapped: good.wrapped.slice(), params: good.params.slice(), id: good.id.slice() }
      let id = idOf(good)
      const bit = 1 << Math.floor(dice.next() * 8)
      if (i % 5 === 0) key[Math.floor(dice.next() * 32)]! ^= bit
      else if (i % 5 === 1) one.wrapped[Math.floor(dice.next() * one.wrapped.length)]! ^= bit
      else if (i % 5 === 2) one.params[Math.floor(dice.next() * 3)]! ^= bit
      else if (i % 5 === 3) id = "ffffffffffffffff"
      else key.set(crypto.random(32))
      const exit = await Effect.runPromiseExit(unwrapped(crypto, vault, [one], [{ id, key }]))
      assert.isTrue(Exit.isFailure(exit))
      if (Exit.isSuccess(exit)) continue
      const [reason] = exit.cause.reasons
      assert.isTrue(reason?._tag === "Fail" && reason.error instanceof Refused)
      const { stack: _, ...own } = (reason as { readonly error: Refused }).error as unknown as Record<string, unknown>
      shapes.add(
        JSON.stringify([exit.cause.reasons.length, own, (reason as { readonly error: Refused }).error.message]),
      )
      assert.isTrue(
        key.every((byte) => byte === 0),
        "what was tried is wiped",
      )
    }
    assert.equal(shapes.size, 1)
    const opened = await Effect.runPromise(unwrapped(crypto, vault, [good], [{ id: idOf(good), key: right() }]))
    assert.deepEqual(opened, root)
  })

  it("is bound to the vault and to the method's kind", async () => {
    const good = await method()
    const refused = async (given: Uint8Array, one: typeof good) =>
      Exit.isFailure(await Effect.runPromiseExit(unwrapped(crypto, given, [one], [{ id: idOf(one), key: right() }])))
    assert.isFalse(await refused(vault, good))
    assert.isTrue(await refused(new Uint8Array(16), good))
    assert.isTrue(await refused(vault, { ...good, kind: "rawKey" }))
  })
})

describe("a passphrase", () => {
  it("derives alike in JavaScript and in the runtime's own hand, as RFC 9106 says in version 1.3", async () => {
    const [secret, salt] = [new TextEncoder().encode("correct horse"), new Uint8Array(16).fill(1)]
    for (const parameters of [
      { memory: 8, passes: 1, lanes: 1 },
      { memory: 64, passes: 3, lanes: 4 },
    ]) {
      const ours = await Effect.runPromise(derive(secret, salt, parameters))
      assert.deepEqual(await Effect.runPromise(argon2(secret, salt, parameters)), ours)
      assert.lengthOf(ours, 32)
    }
  })

  it("stores its cost, and runs none that is out of bounds", async () => {
    const salt = new Uint8Array(16)
    const costs: ReadonlyArray<Argon2Parameters> = [
      { memory: 2 ** 20, passes: 5, lanes: 1 },
      { memory: 2 ** 20 + 1, passes: 1, lanes: 1 },
      { memory: 64, passes: 65, lanes: 1 },
      { memory: 64, passes: 1, lanes: 17 },
      { memory: 8, passes: 1, lanes: 2 },
      { memory: 0, passes: 1, lanes: 1 },
      { memory: 64, passes: 0, lanes: 1 },
      { memory: 64.5, passes: 1, lanes: 1 },
    ]
    for (const cost of costs) assert.isFalse(isBounded(cost), JSON.stringify(cost))
    assert.deepEqual(decodeArgon2(encodeArgon2({ memory: 64, passes: 2, lanes: 1, salt })), {
      memory: 64,
      passes: 2,
      lanes: 1,
      salt,
    })
    const hostile = encodeArgon2({ memory: 2 ** 20, passes: 64, lanes: 1, salt })
    assert.isUndefined(decodeArgon2(hostile))
    let asked = 0
    const unlock = passphrase(() => {
      asked += 1
      return "x"
    })
    const derived = unlock.derive(vault, [{ id: "1", params: hostile }], { why: "unlock", wrong: 0 })
    assert.equal((await Effect.runPromise(Effect.flip(derived))).reason, "invalid")
    assert.equal(asked, 0)
  })

  it("costs at least 64 MiB unless it is told otherwise, and is the same text in every spelling", async () => {
    const decomposed = "Zu\u0308rich"
    const enrolled = await Effect.runPromise(passphrase(() => decomposed).enrol(vault, { why: "create", wrong: 0 }))
    const { lanes, memory, passes } = decodeArgon2(enrolled.params)!
    assert.equal(memory, LEAST_MEMORY)
    assert.isAtLeast(passes, 1)
    assert.equal(lanes, 1)
    const cheap = passphrase(() => decomposed, CHEAP)
    const made = await Effect.runPromise(cheap.enrol(vault, { why: "create", wrong: 0 }))
    const composed = passphrase(() => "Z\u00fcrich", CHEAP)
    const [candidate] = await Effect.runPromise(
      composed.derive(vault, [{ id: "1", params: made.params }], { why: "unlock", wrong: 0 }),
    )
    assert.deepEqual(candidate?.key, made.key)
  })
})

describe("a vault", () => {
  it("of a later release is refused as newer, and nothing in it is touched", async () => {
    const shelves = makeShelves()
    await run(sealedMemory(shelves).open)
    const records = shelves.hosts.get("vault")!.records
    records.get("header")![0] = 2
    const before = [...records].map(([name, bytes]) => [name, bytes.slice()])
    const opening = Effect.flip(sealedMemory(shelves).open)
    assert.equal(((await run(opening)) as { readonly reason?: string }).reason, "newer")
    assert.deepEqual(
      [...records].map(([name, bytes]) => [name, bytes]),
      before,
    )
  })

  it("wipes its keys and answers nothing once it is closed", async () => {
    const shelves = makeShelves()
    const drawn: Array<Uint8Array> = []
    const watched = {
      ...crypto,
      hkdfSha256: (...inputs: Parameters<typeof crypto.hkdfSha256>) => {
        const key = crypto.hkdfSha256(...inputs)
        drawn.push(key)
        return key
      },
      random: (length: number) => {
        const bytes = crypto.random(length)
        if (length === 32) drawn.push(bytes)
        return bytes
      },
    }
    const unlocks = [cheapPassphrase(() => "words")]
    const store = await run(
      Effect.gen(function* () {
        const vault = yield* openVault(yield* memory(shelves).open, { crypto: watched, unlocks })
        const batch = {
          host: "h",
          expected: 0,
          rows: new Map(),
          records: new Map([["r", Uint8Array.of(1)]]),
          outward: [],
          confirmed: [],
        }
        yield* vault.store.commit(batch)
        assert.isTrue(drawn.some((key) => key.some((byte) => byte !== 0)))
        return vault.store
      }),
    )
    assert.isAtLeast(drawn.length, 4)
    for (const key of drawn) assert.isTrue(key.every((byte) => byte === 0))
    for (const asked of [store.hosts, store.load("h"), store.read("h", "r")]) {
      assert.equal((await Effect.runPromiseExit<unknown, unknown>(asked))._tag, "Failure")
    }
  })
})
