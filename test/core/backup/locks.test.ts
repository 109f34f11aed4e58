/** What opens a backup, and what is asked of whoever opens one that somebody else made. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { argon2 } from "../../../src/adapters/unlock/argon2.ts"
import { SEALED_BYTES } from "../../../src/core/backup/chunks.ts"
import { deriveWith } from "../../../src/core/backup/derive.ts"
import { encodeBeginning, type Lock, MAX_MEMORY_KIB } from "../../../src/core/backup/header.ts"
import { entropyOf, phraseOf } from "../../../src/core/backup/phrase.ts"
import { concat } from "../../../src/core/crypto/bytes.ts"
import { attempt, cheap, fileOf, madeUp, restoreOnto, withStore } from "./files.ts"

const crypto = nativeCrypto()!
const derive = deriveWith(argon2)
const passphrase = "correct horse battery staple"

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
