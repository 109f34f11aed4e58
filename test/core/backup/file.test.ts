/** A backup as a file: what goes in comes out, and what is not as it was written is refused whole. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { argon2 } from "../../../src/adapters/unlock/argon2.ts"
import { paddedChunks, SEALED_BYTES } from "../../../src/core/backup/chunks.ts"
import { collectItems, encodeItems } from "../../../src/core/backup/collect.ts"
import { deriveWith } from "../../../src/core/backup/derive.ts"
import { concat, utf8 } from "../../../src/core/crypto/bytes.ts"
import { attempt, CANARY, fileOf, kept, madeUp, restoreOnto, withStore } from "./files.ts"

const crypto = nativeCrypto()!
const derive = deriveWith(argon2)
const passphrase = "correct horse battery staple"

const cut = (file: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for (let at = 0, i = 0; at < file.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? file.length)
    parts.push(file.slice(at, at + size))
    at += size
  }
  return parts
}

const flipped = (file: Uint8Array, at: number, mask = 1): Uint8Array => {
  const copy = file.slice()
  copy[at]! ^= mask
  return copy
}

/** Where the chunks begin. */
const bodyAt = (file: Uint8Array) => 16 + ((file[14]! << 8) | file[15]!) + 32

describe("a backup", () => {
  it("gives back every contact, message and setting, in portions of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          contacts: fc.nat(3),
          messages: fc.constantFrom(0, 1, 7, 80, 300),
          waiting: fc.constant(0),
        }),
        fc.array(fc.constantFrom(1, 15, 16, 100, 16_400, 50_000), { minLength: 1, maxLength: 4 }),
        async (wanted, sizes) => {
          const shelves = await madeUp(wanted)
          const file = await fileOf(crypto, shelves, { passphrase })
          // A byte at a time takes long and says no more.
          const parts = cut(file, sizes.every((size) => size < 100) ? [...sizes, 16_000] : sizes)
          const { outcome, shelves: restored } = await restoreOnto(crypto, parts, { passphrase })
          assert.equal(outcome, "restored")
          assert.deepEqual(kept(restored), kept(shelves))
        },
      ),
      { numRuns: 12 },
    )
  })

  it("keeps what waits to be sent, and takes the numbers that have no content any more", async () => {
    const shelves = await madeUp({ seed: 4, contacts: 1, messages: 20, waiting: 5 })
    const [id] = [...shelves.hosts.keys()].filter((host) => host !== "profile")
    const records = shelves.hosts.get(id!)!.records
    const removed = [...records.keys()].filter((record) => record.startsWith("outgoing/"))[2]!
    records.delete(removed)
    const file = await fileOf(crypto, shelves, { passphrase })
    const { outcome, shelves: restored } = await restoreOnto(crypto, file, { passphrase })
    assert.equal(outcome, "restored")
    const outgoing = [...restored.hosts.get(id!)!.records].filter(([record]) => record.startsWith("outgoing/"))
    assert.lengthOf(outgoing, 5)
    for (const [record, bytes] of outgoing) {
      if (record !== removed) assert.deepEqual(bytes, records.get(record))
    }
  })

  for (const standing of ["open", "paused", "blocked", "blockedPaused"] as const) {
    it(`remembers that a conversation was ${standing}`, async () => {
      const shelves = await madeUp({ seed: 5, contacts: 1, messages: 2, waiting: 0, standing })
      const items = await withStore(shelves, (store) =>
        Effect.gen(function* () {
          const next = collectItems(store, 0)
          const all = []
          for (let page = yield* next; page !== undefined; page = yield* next) all.push(...page)
          return all
        }),
      )
      assert.deepInclude(
        items.find(({ item }) => item === "contact"),
        { standing },
      )
    })
  }

  it("holds nothing of the ratchets", async () => {
    const shelves = await madeUp({ seed: 6, contacts: 2, messages: 4, waiting: 1 })
    const plain = await withStore(shelves, (store) =>
      Effect.gen(function* () {
        const next = collectItems(store, 0)
        const parts = []
        for (let page = yield* next; page !== undefined; page = yield* next) parts.push(encodeItems(page))
        return Buffer.from(concat(...parts))
      }),
    )
    assert.isTrue([...shelves.hosts.values()].some(({ records }) => records.has("layer/mls")))
    assert.isFalse(plain.includes(CANARY))
    assert.isTrue(plain.includes("Contact 1"), "the scan sees what is there")
  })

  it("shows nothing of its contents, and little of its length", async () => {
    const sizes = new Set<number>()
    for (let messages = 0; messages < 40; messages++) {
      const file = await fileOf(crypto, await madeUp({ seed: 7, contacts: 1, messages, waiting: 0 }), { passphrase })
      sizes.add(file.length)
      assert.isFalse(Buffer.from(file).includes("Contact"))
      assert.isFalse(Buffer.from(file).includes("word"))
      assert.equal((file.length - bodyAt(file)) % SEALED_BYTES, 0)
    }
    assert.lengthOf([...sizes], 1, "a few messages more make no difference")
    for (let chunks = 1; chunks < 100_000; chunks = Math.ceil(chunks * 1.1)) {
      const padded = paddedChunks(chunks)
      assert.isAtLeast(padded, chunks)
      assert.isAtMost(padded, Math.max(4, chunks * 1.12))
      assert.equal(paddedChunks(padded), padded)
    }
  })

  it("is never the same twice", async () => {
    const shelves = await madeUp({ seed: 8, contacts: 1, messages: 4, waiting: 0 })
    const [one, other] = [await fileOf(crypto, shelves, { passphrase }), await fileOf(crypto, shelves, { passphrase })]
    assert.equal(one.length, other.length)
    let same = 0
    for (let i = bodyAt(one); i < one.length; i++) if (one[i] === other[i]) same++
    assert.isBelow(same / one.length, 0.01)
  })
})

describe("a backup that is not as it was written", () => {
  const told = async (file: Uint8Array) => {
    const { outcome, shelves } = await restoreOnto(crypto, file, { passphrase })
    for (const [host, { records }] of shelves.hosts) {
      assert.isTrue(outcome === "restored" || (host === "profile" && records.size === 0), "nothing of it is restored")
    }
    return outcome
  }

  it("is refused whole, with the reason", async () => {
    const file = await fileOf(crypto, await madeUp({ seed: 11, contacts: 2, messages: 400, waiting: 2 }), {
      passphrase,
    })
    const body = bodyAt(file)
    const chunks = (file.length - body) / SEALED_BYTES
    assert.isAbove(chunks, 6)
    const chunk = (i: number) => file.slice(body + i * SEALED_BYTES, body + (i + 1) * SEALED_BYTES)
    const withChunks = (order: ReadonlyArray<number>) => concat(file.slice(0, body), ...order.map(chunk))
    const all = Array.from({ length: chunks }, (_, i) => i)
    assert.equal(await told(file), "restored")

    assert.equal(await told(new Uint8Array(0)), "notABackup")
    assert.equal(await told(utf8("PK\u0003\u0004 and so on, a zip")), "notABackup")
    assert.equal(await told(file.slice(0, 5)), "truncated")
    assert.equal(await told(file.slice(0, 15)), "truncated")
    assert.equal(await told(file.slice(0, body - 1)), "truncated")
    assert.equal(await told(file.slice(0, body)), "truncated")
    assert.equal(await told(file.slice(0, -1)), "truncated")
    for (const i of all.slice(1)) assert.equal(await told(withChunks(all.slice(0, i))), "truncated", `${i} chunks`)

    assert.equal(await told(concat(file, Uint8Array.of(0))), "altered")
    assert.equal(await told(withChunks([...all, chunks - 1])), "altered")
    assert.equal(await told(concat(file, file)), "altered")
    assert.equal(await told(withChunks([...all.slice(0, -2), chunks - 1])), "altered", "one in the middle is missing")
    assert.equal(await told(withChunks([1, 0, ...all.slice(2)])), "altered")
    assert.equal(await told(withChunks([0, 0, ...all.slice(1)])), "altered")

    assert.equal(await told(flipped(file, 0)), "notABackup")
    assert.equal(await told(flipped(file, 13, 2)), "newer")
    assert.equal(await told(flipped(file, 13, 1)), "altered", "there was no version 0")
    for (const at of [14, 15, 20, 100, body - 1, body, body + SEALED_BYTES, file.length - 1]) {
      assert.notEqual(await told(flipped(file, at, 128)), "restored")
    }
    for (let at = 16; at < body; at++) assert.equal(await told(flipped(file, at)), "altered", `header byte ${at}`)
  })

  it("is refused where two are spliced", async () => {
    const shelves = await madeUp({ seed: 12, contacts: 1, messages: 400, waiting: 0 })
    const [one, other] = [await fileOf(crypto, shelves, { passphrase }), await fileOf(crypto, shelves, { passphrase })]
    const body = bodyAt(one)
    assert.equal(await told(concat(one.slice(0, body), other.slice(body))), "altered")
    assert.equal(await told(concat(one.slice(0, body + SEALED_BYTES), other.slice(body + SEALED_BYTES))), "altered")
    const last = one.length - SEALED_BYTES
    assert.equal(await told(concat(one.slice(0, last), other.slice(last))), "altered")
  })

  it("is refused where its own maker lies about what is in it", async () => {
    const shelves = await madeUp({ seed: 13, contacts: 1, messages: 4, waiting: 0 })
    const [, contact] = [...shelves.hosts].find(([id]) => id !== "profile")!
    const again = async () => told(await fileOf(crypto, shelves, { passphrase }))
    const row = contact.rows.get("session/main")!
    const claims = (change: object) => {
      const said = JSON.parse(row)
      contact.rows.set("session/main", JSON.stringify({ ...said, context: { ...said.context, ...change } }))
    }
    claims({ written: 2 ** 40, peerHas: 0 })
    assert.equal(await again(), "altered", "a trillion numbers without a message")
    contact.rows.set("session/main", row)
    assert.equal(await again(), "restored")
  })
})

describe("a backup of the first version", () => {
  it("is restored by every later one", async () => {
    const file = new Uint8Array(readFileSync(new URL("./version-1.backup", import.meta.url)))
    const wanted = JSON.parse(readFileSync(new URL("./version-1.json", import.meta.url), "utf8"))
    const recoveryPhrase = `${"abandon ".repeat(23)}art`
    for (const secrets of [{ passphrase: "the first version" }, { recoveryPhrase }]) {
      const shelves = makeShelves()
      assert.equal(await withStore(shelves, (store) => attempt(crypto, store, file, secrets, derive)), "restored")
      assert.deepEqual(JSON.parse(JSON.stringify(kept(shelves))), wanted)
    }
  })
})
