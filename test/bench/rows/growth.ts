/** What grows with contacts and with history, and what must not. */
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { about, entry, RECORD } from "../../../src/core/contact/records.ts"
import type { Saved } from "../../../src/core/store.ts"
import { type Contact, createMessenger, type Messenger } from "../../../src/index.ts"
import { atMost } from "../harness.ts"
import { pair, textOf, when } from "../people.ts"
import { type Figure, type Row, spreadOf } from "../result.ts"

/** A conversation as it lies on a shelf when nobody has it open. */
interface Laid {
  readonly shelves: Shelves
  readonly host: string
}

/** Two who have paired and closed: their shelves. */
const parted = async (): Promise<{ readonly alice: Laid; readonly bob: Laid }> => {
  const [alice, bob] = [makeShelves(), makeShelves()]
  const together = await pair({ storage: (name) => memory(name === "Alice" ? alice : bob) })
  const sent = await together.toBob.send("hello")
  await sent.until("delivered")
  const laid = { alice: { shelves: alice, host: together.toBob.id }, bob: { shelves: bob, host: together.toAlice.id } }
  await together.close()
  return laid
}

/** An address at which nobody listens. */
const elsewhere = (i: number) => Uint8Array.from({ length: 16 }, (_, place) => (i >> (8 * (place % 4))) & 0xff)

/** As it is when nothing has happened for a while: an acknowledgement that was about to be sent has been. */
const rested = ([id, row]: readonly [string, string]): readonly [string, string] => [
  id,
  id.startsWith("session/") ? JSON.stringify({ ...JSON.parse(row), timers: [] }) : row,
]

/** Copies of a conversation beside it, each with addresses of its own: contacts that are never heard of again. */
const multiply = ({ host, shelves }: Laid, count: number): void => {
  const one = shelves.hosts.get(host as never)!
  const known = about.decode(one.records.get(RECORD.about)!)!
  const moved = (addresses: typeof known.own, i: number) =>
    addresses.map((address) => ({ ...address, at: elsewhere(i) }))
  for (let i = shelves.hosts.size - 1; i < count; i++) {
    const id = `${host.slice(0, -8)}${i.toString(16).padStart(8, "0")}`
    const record = about.encode({ ...known, own: moved(known.own, i + 1), peer: moved(known.peer, -i - 1) })
    shelves.hosts.set(id as never, {
      ...one,
      rows: new Map([...one.rows].map(rested)) as typeof one.rows,
      records: new Map(one.records).set(RECORD.about, record),
      outward: new Map(),
    })
  }
}

const open = (shelves: Shelves): Promise<Messenger> =>
  createMessenger({
    storage: memory(shelves),
    transports: [memoryNetwork().transport()],
    appUrl: "https://chat.example/",
  })

/** What is in use, buffers outside V8's heap included. */
const heap = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const IDLE = 10_000

export const contacts: Row = {
  id: "contacts",
  title: "10,000 idle contacts",
  how:
    "A storage in memory with 10,000 contacts is opened, whose peers are not there; the heap, buffers included, is what opening and listing them added, after a collection, " +
    "and again when some have been woken to look for their peers. Then a message is sent to some of them: the time until it is durable here, by the clock on the wall.",
  run: async () => {
    const { alice } = await parted()
    multiply(alice, IDLE)
    const before = heap()
    const start = performance.now()
    const me = await open(alice.shelves)
    const opening = performance.now() - start
    const contacts = me.contacts.get()
    const grown = [(heap() - before) / 1e6]
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      grown.push((heap() - before) / 1e6)
    }
    const times: Array<number> = []
    for (const contact of contacts.slice(-41)) {
      const asked = performance.now()
      await contact.send(textOf(1_000))
      times.push(performance.now() - asked)
    }
    await me.close()
    return {
      contenders: [],
      figures: [
        atMost("heap of 10,000 idle contacts", spreadOf(grown), 40, "MB"),
        atMost("first message to one of them, durable", spreadOf(times), 10, "ms"),
        { says: "opening 10,000 of them", unit: "ms", value: spreadOf([opening]) },
      ],
    }
  },
}

/** Processor time of a message that is sent and opened, microseconds. */
const sending = async (toBob: Contact, count: number): Promise<number> => {
  const before = process.threadCpuUsage()
  for (let i = 0; i < count; i++) await (await toBob.send(textOf(1_000))).until("delivered")
  const { system, user } = process.threadCpuUsage(before)
  return (user + system) / count
}

/** Two at it again, over shelves that were laid before. */
const reopened = async (alice: Laid, bob: Laid) => {
  const network = memoryNetwork()
  const person = (shelves: Shelves) =>
    createMessenger({ storage: memory(shelves), transports: [network.transport()], appUrl: "https://chat.example/" })
  const theirs = await person(bob.shelves)
  const start = performance.now()
  const ours = await person(alice.shelves)
  const opening = performance.now() - start
  const toBob = ours.contacts.get().find(({ id }) => id === alice.host)!
  await when(toBob.connection, ({ state }) => state === "direct")
  return { toBob, opening, close: () => Promise.all([ours.close(), theirs.close()]) }
}

const lengthen = ({ host, shelves }: Laid, count: number): void => {
  const shelf = shelves.hosts.get(host as never)!
  const id = (i: number) => Uint8Array.from({ length: 16 }, (_, place) => (i >> (8 * (place % 4))) & 0xff)
  const row = JSON.parse(shelf.rows.get("session/main")!) as Saved["rows"] extends ReadonlyMap<unknown, infer R>
    ? R
    : never
  const context = row.context as { history: number }
  for (let i = context.history; i < count; i++) {
    const message = { id: id(i), number: i, at: Date.now(), mine: true, text: "a message of some words", gap: 0 }
    shelf.records.set(RECORD.history(i), entry.encode(message as never))
  }
  shelf.rows.set("session/main", JSON.stringify({ ...row, context: { ...context, history: count } }))
}

export const growth: Row = {
  id: "growth",
  title: "Cost growth",
  how:
    "A message, one at a time, sent, opened and acknowledged between two engines in one process, in processor time: with 10 and with 10,000 contacts beside it, with 100 and with 100,000 messages before it; " +
    "and the time to open the storage. Storages in memory.",
  run: async () => {
    const measure = async (many: number, long: number) => {
      const { alice, bob } = await parted()
      multiply(alice, many)
      lengthen(alice, long)
      return reopened(alice, bob)
    }
    const few = await measure(1, 100)
    const long = await measure(1, 100_000)
    const costs: { readonly few: Array<number>; readonly long: Array<number>; readonly many: Array<number> } = {
      few: [],
      long: [],
      many: [],
    }
    await sending(few.toBob, 40)
    await sending(long.toBob, 40)
    for (let round = 0; round < 7; round++) {
      costs.few.push(await sending(few.toBob, 16))
      costs.long.push(await sending(long.toBob, 16))
    }
    await long.close()
    const ten = await measure(10, 100)
    const many = await measure(10_000, 100)
    await sending(ten.toBob, 20)
    await sending(many.toBob, 20)
    const tens: Array<number> = []
    for (let round = 0; round < 7; round++) {
      tens.push(await sending(ten.toBob, 16))
      costs.many.push(await sending(many.toBob, 16))
    }
    const quotient = (left: ReadonlyArray<number>, right: ReadonlyArray<number>) =>
      spreadOf(left.map((value, i) => value / right[i]!))
    const startUp = (1_000 * (long.opening - few.opening)) / (100_000 - 100)
    await Promise.all([few, ten, many].map(({ close }) => close()))
    const figures: ReadonlyArray<Figure> = [
      atMost("100,000 messages of history ÷ 100", quotient(costs.long, costs.few), 1.2),
      atMost("10,000 contacts ÷ 10", quotient(costs.many, tens), 1.2),
      atMost("start-up, for each message of history", spreadOf([startUp]), 1, "µs"),
    ]
    return {
      contenders: [
        { name: "100 messages", unit: "µs", ...spreadOf(costs.few) },
        { name: "100,000 messages", unit: "µs", ...spreadOf(costs.long) },
        { name: "10 contacts", unit: "µs", ...spreadOf(tens) },
        { name: "10,000 contacts", unit: "µs", ...spreadOf(costs.many) },
      ],
      figures,
    }
  },
}
