/** ST-2 where it matters: what the profile folder of a real Chromium shows of a profile that is locked, and of one that was not. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { violations } from "../../../src/spec/invariants/invariant.ts"
import { vaultInvariants } from "../../../src/spec/invariants/vault.ts"
import { type Canary, canary, leaksIn } from "../../attacks/fixture/canary.ts"
import { bundleFiles, launchProfile, openModules } from "../chromium.ts"
import type * as Inside from "./folder-page.ts"

declare const bundle: typeof Inside

const KINDS = ["indexeddb", "opfs"] as const
type Kind = (typeof KINDS)[number]

let files: ReadonlyMap<string, string>
const folders = { sealed: "", plain: "" }
beforeAll(async () => {
  files = await bundleFiles(new URL("./folder-page.ts", import.meta.url))
  for (const of of ["sealed", "plain"] as const) folders[of] = mkdtempSync(join(tmpdir(), `sotto-${of}-`))
})
afterAll(() => {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Does something in a browser of that profile, which is closed afterwards: what is on the disk then is what a thief has. */
const visited = async <A>(folder: string, visit: (page: Page) => Promise<A>): Promise<A> => {
  const context = await launchProfile(folder)
  try {
    return await visit(await openModules(context, files))
  } finally {
    await context.close()
  }
}

const converse = (page: Page, kind: Kind, sealed: boolean): Promise<ReadonlyArray<Canary>> =>
  page
    .evaluate(([k, s]) => bundle.converse(k, "p1", s), [kind, sealed] as const)
    .then((secrets) =>
      secrets.map(({ hex, text, what }) =>
        text === undefined ? { what, bytes: Buffer.from(hex!, "hex") } : canary(what, text),
      ),
    )

const KNOWN: ReadonlyArray<Canary> = [
  canary("our name", "Alexandra Canaria"),
  canary("their name", "Benedict Canarius"),
  canary("a message sent", "canary number one"),
  canary("a message received", "canary number two"),
  canary("the passphrase", "open sesame"),
  canary("a record's name", "history/00"),
  canary("a machine's name", "session/main"),
]

const scan = (folder: string, canaries: ReadonlyArray<Canary>) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    // What runs is the page's own script: it quotes some canaries, and is no part of what is stored.
    .filter((path) => !/Code Cache|\/Cache\//.test(path))
    .flatMap((path) => leaksIn(path, readFileSync(path), canaries))

/**
 * What is still to be seen of what was dropped. Chromium drops it after it has said so, and what it had no time for before it was
 * closed, at its next start.
 */
const leftOf = async <A>(folder: string, look: () => ReadonlyArray<A>): Promise<ReadonlyArray<A>> => {
  if (look().length > 0) await visited(folder, (page) => page.evaluate(() => indexedDB.databases()))
  return look()
}

/** Where a kind of store lies in the folder. */
const LIES_IN = { indexeddb: /IndexedDB/, opfs: /File System/ }
const SAID = ["canary number one sings in the mine", "canary number two answers from below"]

describe("the profile folder of a real Chromium", () => {
  const canaries: Record<"sealed" | "plain", Record<Kind, ReadonlyArray<Canary>>> = {
    sealed: { indexeddb: [], opfs: [] },
    plain: { indexeddb: [], opfs: [] },
  }

  it("ST-2: shows no canary in any byte of any file once Sotto is locked, in IndexedDB or OPFS", async () => {
    await visited(folders.sealed, async (page) => {
      for (const kind of KINDS) {
        canaries.sealed[kind] = await converse(page, kind, true)
        assert.sameMembers([...(await page.evaluate((k) => bundle.remembers(k, "p1"), kind))], SAID)
      }
      // It is told from outside that the scan finds what is there: the page writes one canary in the clear.
      await page.evaluate(() => localStorage.setItem("control", "a canary in the open air"))
    })
    const all = [...KNOWN, ...canaries.sealed.indexeddb, ...canaries.sealed.opfs]
    assert.isNotEmpty(scan(folders.sealed, [canary("the control", "a canary in the open air")]), "the scan sees")
    const leaks = scan(folders.sealed, all)
    const observation = { tamperings: [], lookedFor: all.map(({ what }) => what), leaks }
    assert.deepStrictEqual(violations(vaultInvariants, observation), [], JSON.stringify(leaks))
  })

  it("shows names, texts, keys, addresses and ids of the same profile unsealed", async () => {
    await visited(folders.plain, async (page) => {
      for (const kind of KINDS) canaries.plain[kind] = await converse(page, kind, false)
    })
    for (const kind of KINDS) {
      const seen = scan(folders.plain, [...KNOWN, ...canaries.plain[kind]]).filter(({ where }) =>
        LIES_IN[kind].test(where),
      )
      const hidden = new Set(["the passphrase", "the invite", "the safety number"])
      for (const { what } of [...KNOWN, ...canaries.plain[kind]]) {
        if (hidden.has(what) || what.endsWith("in bytes")) continue
        assert.isTrue(
          seen.some((leak) => leak.what === what),
          `${kind} shows ${what}`,
        )
      }
    }
  })

  it("shows nothing more of it after it was sealed in place", async () => {
    await visited(folders.plain, async (page) => {
      for (const kind of KINDS) {
        await page.evaluate((k) => bundle.seal(k, "p1"), kind)
        assert.sameMembers([...(await page.evaluate((k) => bundle.remembers(k, "p1"), kind))], SAID)
      }
    })
    for (const kind of KINDS) {
      const seen = () =>
        scan(folders.plain, [...KNOWN, ...canaries.plain[kind]]).filter(({ where }) => LIES_IN[kind].test(where))
      assert.deepStrictEqual(await leftOf(folders.plain, seen), [])
    }
  })

  it("shows not even that there was a vault, once the profile is removed", async () => {
    const vault = ["header", "catalogue", "attempts"].map((name) => canary(`the vault's ${name}`, name))
    const kept = () => scan(folders.plain, vault).filter(({ where }) => KINDS.some((kind) => LIES_IN[kind].test(where)))
    assert.isNotEmpty(kept(), "the scan sees")
    await visited(folders.plain, async (page) => {
      for (const kind of KINDS) await page.evaluate((k) => bundle.remove(k, "p1"), kind)
    })
    assert.deepStrictEqual(await leftOf(folders.plain, kept), [])
  })
})
