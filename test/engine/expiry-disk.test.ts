/**
 * EX-1 over a real SQLite file: what disappeared is in no byte of the database or its log, while it is open, after a process that
 * ended without a word, and under a clock that is set forth and back. Real time: the file is nobody's to pretend.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it, vi } from "vitest"
import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { type Contact, createMessenger } from "../../src/index.ts"
import { type ExpiryObservation, expiryInvariants, type Look } from "../../src/spec/invariants/expiry.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"

const WORDS = ["canary said", "canary edited", "canary answered", "canary waiting"] as const
/** How long everything stays: long enough to be written first. */
const LIFE = 3_000
const HOUR = 3_600_000

const until = async (what: string, holds: () => Promise<boolean>) => {
  for (const end = performance.now() + 60_000; !(await holds()); ) {
    if (performance.now() > end) throw new Error(`it never came to this: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const textsOf = async (contact: Contact) =>
  (await contact.history({ limit: 500 }))
    .filter(({ kind, text }) => kind === "text" && text !== "")
    .map(({ text }) => text)

const wordsIn = (folder: string): ReadonlyArray<string> => {
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString("latin1"))
  return WORDS.filter((word) => bytes.some((text) => text.includes(word)))
}

describe("what disappears from a real disk", () => {
  it("is in no byte of it, after a crash and under any clock (EX-1)", { timeout: 120_000 }, async () => {
    const [here, crashed] = ["here", "crashed"].map((name) => mkdtempSync(join(tmpdir(), `sotto-expiry-${name}-`)))
    const network = memoryNetwork()
    const open = (folder: string, net = network) =>
      createMessenger({ storage: sqlite(join(folder, "file")), transports: [net.transport()], appUrl: "https://x/" })
    const look = async (
      folder: string,
      contact: Contact,
      after: string,
      over: ReadonlyArray<string>,
    ): Promise<Look> => ({
      after,
      over,
      kept: wordsIn(folder),
      shown: await textsOf(contact),
      frames: 0,
    })
    const disks: Array<ReadonlyArray<Look>> = []
    try {
      const alice = await open(here!)
      const bob = await createMessenger({ transports: [network.transport()], appUrl: "https://x/" })
      const invite = await alice.invite()
      const toAlice = await bob.accept(invite.url)
      const toBob = await invite.joined()
      await toBob.setTimer({ after: LIFE, from: "sending" })
      const first = await toBob.send(WORDS[0])
      await toBob.edit(first.id, WORDS[1])
      await until("Bob has it", async () => (await textsOf(toAlice)).includes(WORDS[1]))
      await (await toAlice.send(WORDS[2])).until("delivered")
      await bob.close()
      await toBob.send(WORDS[3])
      const before = wordsIn(here!)
      // As a process that is gone leaves it: the log is not folded in.
      for (const name of readdirSync(here!)) copyFileSync(join(here!, name), join(crashed!, name))
      await until("all has disappeared", async () => (await textsOf(toBob)).length === 0)
      await until("the log is folded in", async () => wordsIn(here!).length === 0)
      disks.push([await look(here!, toBob, "its time in the open", WORDS)])
      await alice.close()
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + HOUR })
      const later = await open(crashed!, memoryNetwork())
      const contact = later.contacts.get()[0]!
      assert.deepEqual(await textsOf(contact), [])
      await until("the log is folded in", async () => wordsIn(crashed!).length === 0)
      const looks = [await look(crashed!, contact, "a crash, and a clock set forth", WORDS)]
      await later.close()
      vi.setSystemTime(Date.now() - 30 * 24 * HOUR)
      const earlier = await open(crashed!, memoryNetwork())
      assert.deepEqual(await textsOf(earlier.contacts.get()[0]!), [])
      looks.push(await look(crashed!, earlier.contacts.get()[0]!, "a clock set back by a month", WORDS))
      await earlier.close()
      disks.push(looks)
      assert.includeMembers([...before], [WORDS[1], WORDS[2], WORDS[3]], "the scan sees what is there")
      assert.deepEqual(violations(expiryInvariants, { disks } satisfies ExpiryObservation), [])
    } finally {
      vi.useRealTimers()
      for (const folder of [here!, crashed!]) rmSync(folder, { recursive: true, force: true })
    }
  })
})
