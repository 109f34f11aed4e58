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
import { encodeBeginning, type Lock, MAX_MEMORY_KIB } from "../../../src/core/backup/header.ts"
import { entropyOf, phraseOf } from "../../../src/core/backup/phrase.ts"
import { eraseHalfRestored } from "../../../src/core/backup/stage.ts"
import { concat, utf8 } from "../../../src/core/crypto/bytes.ts"
import { type StoreService, Unavailable } from "../../../src/core/store.ts"
import { attempt, CANARY, cheap, fileOf, kept, madeUp, restoreOnto, withStore } from "./files.ts"

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

describe("the locks of a backup", () => {
  const phrase = phraseOf(crypto.random(32))

  it("open for a passphrase, for a recovery phrase, or for either", async () => {
    const shelves = await madeUp({ seed: 9, contacts: 1, messages: 2, waiting: 0 })
    const opens = async (file: Uint8Array, secrets: { passphrase?: string; recoveryPhrase?: string }) =>
      (await restoreOnto(crypto, file, secrets)).outcome
    const byPassphrase = await fileOf(crypto, shelves, { passphrase })
    const byPhrase = await fileOf(crypto, shelves, { recoveryPhrase: phrase })
    const byBoth = await fileOf(crypto, shelves, { passphrase, recoveryPhrase: phrase })
    assert.equal(await opens(byPassphrase, { passphrase }), "restored")
    assert.equal(await opens(byPassphrase, { passphrase: `${passphrase} ` }), "wrongSecret")
    assert.equal(await opens(byPassphrase, { recoveryPhrase: phrase }), "wrongSecret")
    assert.equal(await opens(byPhrase, { recoveryPhrase: phrase }), "restored")
    assert.equal(
      await opens(byPhrase, { recoveryPhrase: `  ${phrase.toUpperCase().replaceAll(" ", "\n")} ` }),
      "restored",
    )
    assert.equal(await opens(byPhrase, { recoveryPhrase: phraseOf(crypto.random(32)) }), "wrongSecret")
    assert.equal(await opens(byPhrase, { passphrase }), "wrongSecret")
    for (const secrets of [{ passphrase }, { recoveryPhrase: phrase }, { passphrase: "x", recoveryPhrase: phrase }]) {
      assert.equal(await opens(byBoth, secrets), "restored")
    }
    assert.equal(await opens(byBoth, { passphrase: "x" }), "wrongSecret")
    assert.equal(await opens(byBoth, {}), "optionInvalid")
  })

  it("are not made of nothing", async () => {
    const shelves = makeShelves()
    for (const secrets of [{}, { passphrase: "" }, { recoveryPhrase: "twelve words" }, { recoveryPhrase: "" }]) {
      const refused = await fileOf(crypto, shelves, secrets).catch((error: { code: string }) => error.code)
      assert.include(["optionInvalid", "recoveryPhraseInvalid"], refused)
    }
  })

  it("are words that name their own mistakes", () => {
    const words = phrase.split(" ")
    assert.lengthOf(words, 24)
    assert.deepEqual(phraseOf(entropyOf(phrase)!), phrase)
    assert.isUndefined(entropyOf(words.slice(1).join(" ")))
    assert.isUndefined(entropyOf([...words.slice(1), "sotto"].join(" ")))
    assert.isUndefined(entropyOf(`${"abandon ".repeat(11)}about`), "12 words are not enough")
    assert.isUndefined(entropyOf("abandon ".repeat(100_000)))
    assert.isUndefined(entropyOf(""))
  })

  it("are Argon2id for a passphrase", async () => {
    const shelves = await madeUp({ seed: 10, contacts: 1, messages: 1, waiting: 0 })
    const file = await withStore(shelves, () => Effect.succeed(undefined)).then(() =>
      fileOf(crypto, shelves, { passphrase }),
    )
    assert.equal(
      await withStore(makeShelves(), (store) => attempt(crypto, store, file, { passphrase }, derive)),
      "wrongSecret",
      "the cheap stand-in derives another key",
    )
    const [one, other] = await Promise.all(
      ["pässword", "pa\u0308ssword"].map((typed) =>
        Effect.runPromise(derive(typed, new Uint8Array(16).fill(2), { memory: 64, passes: 2, lanes: 1 })),
      ),
    )
    assert.deepEqual(one, other, "one passphrase, typed on two keyboards")
    assert.lengthOf(one!, 32)
  })

  it("that would take more memory or time than anybody has are refused before any is spent", async () => {
    const lock = {
      by: "passphrase",
      salt: crypto.random(32),
      proof: crypto.random(32),
      wrapped: crypto.random(48),
    } as const
    const unaffordable: ReadonlyArray<Pick<Extract<Lock, { by: "passphrase" }>, "memory" | "passes" | "lanes">> = [
      { memory: MAX_MEMORY_KIB, passes: 16, lanes: 1 },
      { memory: 7, passes: 1, lanes: 1 },
      { memory: 64, passes: 0, lanes: 1 },
      { memory: 64, passes: 1, lanes: 0 },
    ]
    for (const parameters of unaffordable) {
      assert.throws(() => encodeBeginning(crypto, { salt: crypto.random(32), locks: [{ ...lock, ...parameters }] }))
    }
    const asked: Array<unknown> = []
    const watching = (...all: Parameters<ReturnType<typeof cheap>>) => {
      asked.push(all)
      return cheap(crypto)(...all)
    }
    const affordable = encodeBeginning(crypto, {
      salt: crypto.random(32),
      locks: [{ ...lock, memory: 1_000, passes: 1, lanes: 1 }],
    })
    // 1,000 is 19 03 e8; the same two bytes say 65,535, and so on up: every larger number the shape does not hold is refused.
    const at = Buffer.from(affordable).indexOf(Buffer.from([4, 0x19, 0x03, 0xe8]))
    assert.isAbove(at, 0)
    for (const head of [
      [0x1a, 0xff, 0xff, 0xff, 0xff],
      [0x1b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x1a, 0, 8, 0, 1],
    ]) {
      const body = concat(affordable.slice(16, at + 1), Uint8Array.from(head), affordable.slice(at + 4, -32))
      const before = concat(affordable.slice(0, 14), Uint8Array.of(body.length >> 8, body.length & 255), body)
      const file = concat(before, crypto.sha256(before), crypto.random(4 * SEALED_BYTES))
      assert.equal(
        await withStore(makeShelves(), (store) => attempt(crypto, store, file, { passphrase }, watching)),
        "altered",
      )
    }
    assert.lengthOf(asked, 0)
    await withStore(makeShelves(), (store) => attempt(crypto, store, affordable, { passphrase }, watching))
    assert.lengthOf(asked, 1, "the watch sees what is asked")
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

describe("restoring", () => {
  it("that dies at any commit leaves nothing, or all of it", async () => {
    const shelves = await madeUp({ seed: 14, contacts: 3, messages: 30, waiting: 2 })
    const file = await fileOf(crypto, shelves, { passphrase })
    const seen = new Set<string>()
    for (let dies = 1, done = false; !done; dies++) {
      for (const applied of [true, false]) {
        const target = makeShelves()
        let commits = 0
        const dying = (store: StoreService): StoreService => ({
          ...store,
          commit: (batch) =>
            Effect.suspend(() => {
              commits += 1
              const died = Effect.fail(new Unavailable({ reason: "broken" }))
              if (commits < dies) return store.commit(batch)
              return applied && commits === dies ? Effect.andThen(store.commit(batch), died) : died
            }),
          erase: (host) => (commits >= dies ? Effect.fail(new Unavailable({ reason: "broken" })) : store.erase(host)),
        })
        const outcome = await withStore(target, (store) =>
          Effect.catchDefect(attempt(crypto, dying(store), file, { passphrase }), () => Effect.succeed("died")),
        )
        if (outcome === "restored") done = true
        // The process is gone; the next one opens the storage.
        await withStore(target, eraseHalfRestored)
        const people = [...target.hosts.keys()].filter((id) => id !== "profile")
        const isWhole = JSON.stringify(kept(target)).length >= JSON.stringify(kept(shelves)).length
        seen.add(people.length === 0 ? "nothing" : isWhole ? "all" : "half")
        if (people.length === 0) assert.isFalse(target.hosts.get("profile")?.records.has("restoring") ?? false)
      }
      assert.isBelow(dies, 50)
    }
    assert.deepEqual([...seen].sort(), ["all", "nothing"])
  })

  it("that dies while it is undone is undone at the next opening", async () => {
    const file = await fileOf(crypto, await madeUp({ seed: 15, contacts: 3, messages: 3, waiting: 0 }), { passphrase })
    const target = makeShelves()
    const truncated = file.slice(0, -1)
    let erased = 0
    const outcome = await withStore(target, (store) =>
      Effect.catchDefect(
        attempt(
          crypto,
          {
            ...store,
            erase: (host) => (++erased > 1 ? Effect.fail(new Unavailable({ reason: "broken" })) : store.erase(host)),
          },
          truncated,
          { passphrase },
        ),
        () => Effect.succeed("died"),
      ),
    )
    assert.equal(outcome, "died")
    assert.isAbove(target.hosts.size, 1, "some of it is still there")
    await withStore(target, eraseHalfRestored)
    assert.deepEqual([...target.hosts.keys()], ["profile"])
    assert.equal(await withStore(target, (store) => attempt(crypto, store, file, { passphrase })), "restored")
  })

  it("writes a long history in many commits", async () => {
    const shelves = await madeUp({ seed: 16, contacts: 1, messages: 6_000, waiting: 0 })
    const file = await fileOf(crypto, shelves, { passphrase })
    let largest = 0
    const target = makeShelves()
    await withStore(target, (store) =>
      attempt(
        crypto,
        {
          ...store,
          commit: (batch) => {
            let bytes = 0
            for (const record of batch.records.values()) bytes += record?.length ?? 0
            largest = Math.max(largest, bytes)
            return store.commit(batch)
          },
        },
        file,
        { passphrase },
      ),
    )
    assert.isAbove(file.length, 1_000_000)
    assert.isBelow(largest, 700_000)
    assert.deepEqual(kept(target), kept(shelves))
  })
})
