/**
 * A store of one's own, without knowing Effect: a folder with one JSON file, written anew for every batch. A conversation
 * outlives its process, and the acceptance suite says whether the port's promises are kept. Run it with `node`.
 *
 * The promise that matters: a batch is there whole, or not at all, and `commit` answers when it is on the disk.
 */
import { mkdtempSync } from "node:fs"
import { mkdtemp, open, readFile, rename, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { memoryNetwork } from "../src/adapters/transport/memory.ts"
import { Conflict, Elsewhere } from "../src/effect.ts"
import { createMessenger, defineStorage, type Storage } from "../src/index.ts"
import { storeConformance } from "../src/spec/conformance/store.ts"

type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

interface Host {
  readonly version: number
  readonly rows: ReadonlyMap<string, Json>
  /** In base64. */
  readonly records: ReadonlyMap<string, string>
  readonly outward: ReadonlyMap<string, Json>
}

const NEW: Host = { version: 0, rows: new Map(), records: new Map(), outward: new Map() }

const folder = (path: string): Storage =>
  defineStorage({
    kind: "folder",
    durable: true,
    open: async () => {
      // One writer at a time. After a crash the lock is left to be removed by hand; sqlite.ts lets the system hold it.
      const lock = await open(join(path, "lock"), "wx").catch(() => {
        throw new Elsewhere()
      })
      let hosts = await load(path)
      /** Writes what is to be, and only then believes it. */
      const become = async (next: typeof hosts) => {
        await save(path, next)
        hosts = next
      }
      const found = (id: string) => hosts.get(id) ?? NEW
      return {
        hosts: async () => [...hosts.keys()].sort(),
        load: async (id) => {
          const { outward, rows, version } = found(id)
          return structuredClone({ version, rows, outward: [...outward.values()] }) as never
        },
        read: async (id, record) => {
          const text = found(id).records.get(record)
          return text === undefined ? undefined : new Uint8Array(Buffer.from(text, "base64"))
        },
        list: async (id, { after, before, fromEnd = false, limit, prefix }) => {
          const names = [...found(id).records.keys()]
            .filter((name) => name.startsWith(prefix))
            .filter((name) => (after === undefined || name > after) && (before === undefined || name < before))
            .sort()
          const chosen = limit === 0 ? [] : fromEnd ? names.slice(-limit) : names.slice(0, limit)
          return chosen.map((name) => [name, new Uint8Array(Buffer.from(found(id).records.get(name)!, "base64"))])
        },
        commit: async ({ confirmed, expected, host, outward, records, rows }) => {
          const before = found(host)
          if (before.version !== expected) throw new Conflict({ expected, found: before.version })
          const texts = [...records].map(
            ([name, bytes]) => [name, bytes && Buffer.from(bytes).toString("base64")] as const,
          )
          const waiting = new Map([
            ...before.outward,
            ...outward.map((each) => [each.id, each as unknown as Json] as const),
          ])
          for (const done of confirmed) waiting.delete(done)
          const after: Host = {
            version: expected + 1,
            rows: changed(before.rows, [...rows] as ReadonlyArray<readonly [string, Json | undefined]>),
            records: changed(before.records, texts),
            outward: waiting,
          }
          await become(new Map(hosts).set(host, after))
        },
        erase: async (host) => become(changed(hosts, [[host, undefined]])),
        close: async () => {
          await lock.close()
          await rm(join(path, "lock"))
        },
      }
    },
  })

const changed = <A>(before: ReadonlyMap<string, A>, changes: ReadonlyArray<readonly [string, A | undefined]>) => {
  const after = new Map(before)
  for (const [key, value] of changes) value === undefined ? after.delete(key) : after.set(key, value)
  return after
}

/** Maps as lists of pairs: a JSON object would take the key `__proto__` for something else. */
const save = async (path: string, hosts: ReadonlyMap<string, Host>): Promise<void> => {
  const text = JSON.stringify([...hosts], (_, value) => (value instanceof Map ? [...value] : value))
  const draft = join(path, "hosts.new")
  const file = await open(draft, "w", 0o600)
  await file.writeFile(text)
  await file.sync()
  await file.close()
  await rename(draft, join(path, "hosts.json"))
  const directory = await open(path)
  await directory.sync()
  await directory.close()
}

const load = async (path: string): Promise<ReadonlyMap<string, Host>> => {
  const text = await readFile(join(path, "hosts.json"), "utf8").catch(() => "[]")
  const hosts = JSON.parse(text) as ReadonlyArray<readonly [string, Record<keyof Host, never>]>
  return new Map(
    hosts.map(([id, { outward, records, rows, version }]) => [
      id,
      { version, rows: new Map(rows), records: new Map(records), outward: new Map(outward) },
    ]),
  )
}

// A conversation that outlives its process: Bob closes, and opens again on what was kept.
const path = await mkdtemp(join(tmpdir(), "sotto-example-"))
const network = memoryNetwork()
const alice = await createMessenger({ name: "Alice", transports: [network.transport()] })
const bob = await createMessenger({ name: "Bob", transports: [network.transport()], storage: folder(path) })
const invite = await alice.invite()
const toAlice = await bob.accept(invite.text)
const toBob = await invite.joined()
await (await toAlice.send("written before")).until("delivered")
await bob.close()

const sent = await toBob.send("written meanwhile")
const bobAgain = await createMessenger({ transports: [network.transport()], storage: folder(path) })
await sent.until("delivered")
const history = (await bobAgain.contacts.get()[0]?.history()) ?? []
console.log(`${bobAgain.name.get()} has:`, history.map(({ text }) => text).join(", "))
await alice.close()
await bobAgain.close()

// The acceptance suite, each check in a place of its own.
for (const { name, run } of storeConformance) {
  const places = new Map<string, Storage>()
  const root = await mkdtemp(join(path, "check-"))
  const at = (place: string): Storage => {
    const known = places.get(place)
    if (known !== undefined) return known
    const fresh = folder(mkdtempSync(join(root, "place-")))
    places.set(place, fresh)
    return fresh
  }
  await Effect.runPromise(run({ at, runs: 5 })).catch((error: unknown) => {
    console.error(`broken: ${name}`, error)
    process.exitCode = 1
  })
}
await rm(path, { recursive: true })
if (process.exitCode === undefined) console.log(`and all ${storeConformance.length} promises of a store are kept`)
