/** One of two people in two browsers: the real engine over IndexedDB and PeerJS, driven by the measurement from outside. */
import { indexeddb } from "../../src/adapters/storage/indexeddb.ts"
import { type PeerJsOptions, peerjs } from "../../src/adapters/transport/peerjs.ts"
import { type Contact, createMessenger, type Invite, type Messenger } from "../../src/index.ts"
import { isEstablished, isSettled, textOf, when } from "./people.ts"
import { clock, timedStorage } from "./stages.ts"

export * from "./minimal-person.ts"
export { bare } from "./page.ts"
export { takePassed, timeLayers } from "./stages.ts"

let me: Messenger
let contact: Contact
let invite: Invite
/** When the latest message was told, in milliseconds of the machine's clock. */
const told: Array<number> = []

/** When the latest frames left and came; likewise. */
const carried = { out: [] as Array<number>, in: [] as Array<number> }

export const open = async (name: string, options: PeerJsOptions): Promise<void> => {
  me = await createMessenger({ name, storage: timedStorage(indexeddb(name)), transports: [peerjs(options)] })
  me.inspectFrames(({ way }) => void carried[way].push(clock()))
  void (async () => {
    for await (const event of me.events) if (event.type === "messageArrived") told.push(clock())
  })()
}

export const makeInvite = async (): Promise<string> => {
  invite = await me.invite()
  return invite.text
}

export const accept = async (text: string): Promise<void> => {
  contact = await me.accept(text)
}

export const joined = async (): Promise<void> => {
  contact = await invite.joined()
}

export const ready = async (): Promise<void> => {
  await isEstablished(contact)
  await isSettled(contact)
  await when(contact.connection, ({ state }) => state === "direct")
}

/** Microseconds a message, from the first `send` until the peer is known to have the last. */
export const stream = async (count: number, inFlight: number): Promise<number> => {
  const text = textOf(1_000)
  let started = 0
  const start = performance.now()
  const one = async (): Promise<void> => {
    while (started < count) {
      started += 1
      await (await contact.send(text)).until("delivered")
    }
  }
  await Promise.all(Array.from({ length: inFlight }, one))
  return (1_000 * (performance.now() - start)) / count
}

/** Sends one and answers when that was asked. */
export const sendOne = async (): Promise<number> => {
  const asked = clock()
  await contact.send(textOf(1_000))
  return asked
}

/** When the message after so many was told. */
export const toldAfter = async (count: number): Promise<number> => {
  while (told.length <= count) await new Promise((resolve) => setTimeout(resolve, 5))
  return told[count]!
}

/** When frames left or came that have not been asked for. */
export const takeCarried = (way: "out" | "in"): ReadonlyArray<number> => carried[way].splice(0)

/** Milliseconds of a strict transaction that writes as many records of such sizes as a message does: the least that durable takes here. */
export const strictCommit = async (): Promise<number> => {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("beside", 1)
    request.onupgradeneeded = () => void request.result.createObjectStore("records")
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const times: Array<number> = []
  for (let i = 0; i < 9; i++) {
    const start = performance.now()
    await new Promise<void>((resolve, reject) => {
      const tx = db.transaction("records", "readwrite", { durability: "strict" })
      for (let record = 0; record < 10; record++) tx.objectStore("records").put(new Uint8Array(1_024), record)
      tx.oncomplete = () => resolve()
      tx.onerror = () => reject(tx.error)
      tx.commit()
    })
    times.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  db.close()
  return times.sort((a, b) => a - b)[4]!
}

export const toldSoFar = (): number => told.length
