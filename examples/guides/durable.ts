/** A conversation that outlives its process: SQLite in a folder of its own. Run it with `node`. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { createMessenger } from "../../src/index.ts"

const folder = mkdtempSync(join(tmpdir(), "sotto-"))
const network = memoryNetwork()
const open = (name: string) =>
  createMessenger({ name, storage: sqlite(join(folder, `${name}.db`)), transports: [network.transport()] })

let alice = await open("Alice")
const bob = await open("Bob")
const invite = await alice.invite()
const toAlice = await bob.accept(invite.text)
await invite.joined()

await alice.close() // Alice's process ends …
const sent = await toAlice.send("Are you there?") // … and Bob writes meanwhile
alice = await open("Alice")
await sent.until("delivered")
const [toBob] = alice.contacts.get()
for (const { text } of (await toBob?.history()) ?? []) console.log(`Bob: ${text}`)

await alice.close()
await bob.close()
rmSync(folder, { recursive: true })
