/** ST-2 with real people and a real file: what a locked profile shows to whoever has its disk. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { assert, describe, it } from "vitest"
import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { createMessenger } from "../../src/index.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { vaultInvariants } from "../../src/spec/invariants/vault.ts"
import { type Canary, canary, leaksIn } from "../attacks/fixture/canary.ts"
import { cheapPassphrase } from "../core/vault/people.ts"

const story = async (file: string, sealed: boolean): Promise<ReadonlyArray<Canary>> => {
  const network = memoryNetwork()
  const alice = await createMessenger({
    name: "Alexandra Canaria",
    storage: sqlite(file),
    transports: [network.transport()],
    appUrl: "https://chat.example/",
    ...(sealed && { unlock: cheapPassphrase(() => "open sesame, canary") }),
  })
  const bob = await createMessenger({
    name: "Benedict Canarius",
    transports: [network.transport()],
    appUrl: "https://x/",
  })
  const invite = await alice.invite()
  const toAlice = await bob.accept(invite.url)
  const toBob = await invite.joined()
  for (let i = 0; i < 12; i++) {
    const sent = await toBob.send(`canary number one sings, ${i}`)
    const answer = await toAlice.send(`canary number two answers, ${i}`)
    await Promise.all([sent.until("delivered"), answer.until("delivered")])
  }
  await alice.rename("Alexandra Serinus")
  const id = toBob.id
  const digits = toBob.safetyNumber?.digits ?? ""
  // What is written ahead lies in a file of its own until the profile is closed.
  const folder = dirname(file)
  const ahead = readdirSync(folder).filter((name) => name.endsWith("-wal"))
  for (const name of ahead) copyFileSync(join(folder, name), join(folder, "kept-log"))
  await alice.lock()
  await bob.close()
  await alice.close()
  return [
    canary("our name", "Alexandra Canaria"),
    canary("our new name", "Alexandra Serinus"),
    canary("their name", "Benedict Canarius"),
    canary("a message sent", "canary number one"),
    canary("a message received", "canary number two"),
    canary("the contact's id", id),
    { what: "the contact's id, in bytes", bytes: Buffer.from(id, "hex") },
    canary("the safety number", digits),
    canary("the invite", invite.text),
    canary("the passphrase", "open sesame"),
    canary("a record's name", "history/"),
    canary("a machine's name", "session/"),
    canary("a layer's record", "layer/"),
    canary("a command", "transmit"),
  ]
}

const scan = (folder: string, canaries: ReadonlyArray<Canary>) =>
  readdirSync(folder).flatMap((name) => leaksIn(name, readFileSync(join(folder, name)), canaries))

describe("the file of a locked profile", () => {
  it("ST-2: shows no canary in the file, its log or its index, in any encoding; the same unsealed shows them", async () => {
    const folders = [mkdtempSync(join(tmpdir(), "sotto-canary-")), mkdtempSync(join(tmpdir(), "sotto-control-"))]
    try {
      const [sealed, plain] = folders as [string, string]
      const canaries = await story(join(sealed, "profile.sqlite"), true)
      assert.include(readdirSync(sealed), "kept-log")
      const leaks = scan(sealed, canaries)
      const observation = { tamperings: [], lookedFor: canaries.map(({ what }) => what), leaks }
      assert.deepEqual(violations(vaultInvariants, observation), [], JSON.stringify(leaks))
      const control = scan(plain, await story(join(plain, "profile.sqlite"), false))
      const seen = new Set(control.map(({ what }) => what))
      for (const what of ["our new name", "their name", "a message sent", "a message received", "the contact's id"]) {
        assert.isTrue(seen.has(what), `the scan sees ${what}`)
      }
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    }
  })
})
