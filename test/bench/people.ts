/** Two people in one process: the real engine behind its public face, over a network in memory unless told otherwise. */
import { memory } from "../../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import type { Storage } from "../../src/core/store.ts"
import type { HandTransport, Transport } from "../../src/core/transport.ts"
import { type Contact, createMessenger, type Messenger } from "../../src/index.ts"

export interface Pair {
  readonly alice: Messenger
  readonly bob: Messenger
  readonly toBob: Contact
  readonly toAlice: Contact
  readonly close: () => Promise<void>
}

export interface PairOptions {
  readonly storage?: (name: string) => Storage
  readonly transport?: () => Transport | HandTransport
}

/** Resolves when the condition holds; looks again at every change of the store. */
export const when = <A>(
  store: { readonly subscribe: (fn: (value: A) => void) => () => void },
  holds: (value: A) => boolean,
): Promise<void> =>
  new Promise((resolve) => {
    let over = false
    let stop: (() => void) | undefined
    stop = store.subscribe((value) => {
      if (over || !holds(value)) return
      over = true
      queueMicrotask(() => stop?.())
      resolve()
    })
  })

export const isEstablished = (contact: Contact): Promise<void> =>
  when(contact.session, ({ state }) => state === "established")

/** The handshake is over on this side: nothing of it is kept, and nothing waits. */
export const isSettled = (contact: Contact): Promise<void> =>
  when(contact.machines, (machines) => machines.every(({ machine }) => machine !== "inviter" && machine !== "joiner"))

export const pair = async (options: PairOptions = {}): Promise<Pair> => {
  const network = memoryNetwork()
  const { storage = () => memory(), transport = network.transport } = options
  const person = (name: string) =>
    createMessenger({ name, storage: storage(name), transports: [transport()], appUrl: "https://chat.example/" })
  const [alice, bob] = await Promise.all([person("Alice"), person("Bob")])
  const invite = await alice.invite()
  const toAlice = await bob.accept(invite.text)
  const toBob = await invite.joined()
  await Promise.all([toAlice, toBob].map(isEstablished))
  await Promise.all([toAlice, toBob].map(isSettled))
  return {
    alice,
    bob,
    toBob,
    toAlice,
    close: async () => {
      await Promise.all([alice.close(), bob.close()])
    },
  }
}

/** A text that makes content of about this many bytes. */
export const textOf = (bytes: number): string => "x".repeat(bytes)

/** Sends this many messages with so many under way at a time, and waits until the other side has been told of the last. */
export const stream = async (
  from: Contact,
  to: Messenger,
  text: string,
  count: number,
  inFlight: number,
): Promise<void> => {
  const arrived = arrivals(to, count)
  let started = 0
  const one = async (): Promise<void> => {
    while (started < count) {
      started += 1
      const sent = await from.send(text)
      await sent.until("delivered")
    }
  }
  await Promise.all([arrived, ...Array.from({ length: Math.min(inFlight, count) }, one)])
}

/** Resolves when this many messages have been told to the application. */
const arrivals = async (me: Messenger, count: number): Promise<void> => {
  let left = count
  for await (const event of me.events) {
    if (event.type === "messageArrived" && --left === 0) return
  }
}
