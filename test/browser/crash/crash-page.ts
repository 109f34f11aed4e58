/** What runs inside a tab: a messenger over IndexedDB that writes one numbered message after the other. The test carries its frames. */
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { createMessenger, type Messenger, type SottoError } from "../../../src/index.ts"
import { type Carried, carried } from "../../spec/carried.ts"

/** What the test puts into every tab. */
declare const carry: (message: Carried) => void
declare const accepted: (id: string) => void

const AT_ONCE = 3
/** Milliseconds between bursts: the point is when it ends, not how much was written. */
const BETWEEN = 15

let me: Messenger
let isWriting = false
let writing: Promise<void> = Promise.resolve()
const heard: Array<(message: Carried) => void> = []

export const hear = (message: Carried): void => {
  for (const one of heard) one(message)
}

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Opens the profile, and waits for the place where another tab has it only if it is to. */
export const start = async (place: string, waits: boolean): Promise<void> => {
  me = await createMessenger({
    storage: indexeddb(place),
    transports: [carried({ tell: (message) => carry(message), hear: (fn) => heard.push(fn) })],
    appUrl: "https://chat.example/",
    name: "In a tab",
  })
  while (waits && me.status.get() !== "ready") await soon(2)
}

export const accept = async (invite: string): Promise<void> => {
  await me.accept(invite)
}

/** Writes whenever it has the place, until `rest`. What is refused is not written again, so numbers only ever rise. */
export const write = (name: string): void => {
  isWriting = true
  writing = (async () => {
    for (let i = 0; isWriting; i += AT_ONCE) {
      const contact = me.status.get() === "ready" ? me.contacts.get()[0] : undefined
      const sending = Array.from({ length: AT_ONCE }, (_, k) => contact?.send(`${name} ${i + k}`))
      const sent = await Promise.allSettled(sending)
      for (const one of sent) if (one.status === "fulfilled" && one.value !== undefined) accepted(one.value.id)
      await soon(BETWEEN)
    }
  })()
}

export const rest = async (): Promise<void> => {
  isWriting = false
  await writing
}

/** Takes the place, and has it then: a tab that was robbed and has not heard of it still calls itself ready, and commits nothing. */
export const takeOver = async (): Promise<void> => {
  for (let isOurs = false; !isOurs; ) {
    await me.takeOver()
    isOurs = await me.configure({}).then(
      () => true,
      (error: SottoError) => {
        if (error.code !== "elsewhere" && error.code !== "locked") throw error
        return false
      },
    )
    if (!isOurs) await soon(2)
  }
}

export const status = (): string => me.status.get()

/** The conversation, oldest first: what is ours with its state. */
export const conversation = async () => {
  const contact = me.contacts.get()[0]!
  const all: Array<{ mine: boolean; id: string; gap: number; state: string | undefined }> = []
  for (let before: string | undefined; ; ) {
    const page = await contact.history({ limit: 500, ...(before !== undefined && { before }) })
    all.unshift(...page.map(({ from, gap, id, state }) => ({ mine: from === "me", id, gap, state: state?.get() })))
    if (page.length < 500) return all
    before = page[0]!.cursor
  }
}

/** Writes a message, and what it is to be instead. */
export const writeOver = async (text: string, instead: string): Promise<void> => {
  const contact = me.contacts.get()[0]!
  const sent = await contact.send(text)
  await contact.edit(sent.id, instead)
}

/** How long everything stays, as this side knows it, in milliseconds. */
export const timer = (): number | undefined => me.contacts.get()[0]!.timer.get()?.after

/** What the conversation shows. */
export const texts = async (): Promise<ReadonlyArray<string>> =>
  (await me.contacts.get()[0]!.history({ limit: 500 })).map(({ text }) => text).filter((text) => text !== "")

/** Those of the words that stand in any key or value of any database of this origin. */
export const wordsIn = async (words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const found = new Set<string>()
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name!))
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store)
      const [keys, values] = await Promise.all([asked(all.getAllKeys()), asked(all.getAll())])
      const text = textOf([keys, values])
      for (const word of words) if (text.includes(word)) found.add(word)
    }
    database.close()
  }
  return [...found]
}

const asked = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** All of it, bytes as text: words are ASCII. */
const textOf = (value: unknown): string => {
  if (value instanceof ArrayBuffer) return textOf(new Uint8Array(value))
  if (ArrayBuffer.isView(value)) {
    return new TextDecoder("latin1").decode(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  }
  if (value instanceof Map) return textOf([...value])
  if (typeof value === "object" && value !== null) return Object.entries(value).flat().map(textOf).join("\n")
  return String(value)
}
