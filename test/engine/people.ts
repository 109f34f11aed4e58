/** People of a story: a messenger with its storage and its way into the network, and all that was seen of it. */
import { makeShelves, memory, type Shelves } from "../../src/adapters/storage/memory.ts"
import type { CryptoService } from "../../src/core/crypto/crypto.ts"
import type { Storage } from "../../src/core/store.ts"
import type { HandTransport, Transport } from "../../src/core/transport.ts"
import {
  type Contact,
  createMessenger,
  type InspectedTransition,
  type Message,
  type Messenger,
  type MessengerEvent,
  type Unlock,
} from "../../src/index.ts"
import { type Tap, tapped } from "./tap.ts"
import type { World } from "./world.ts"

export interface Person {
  readonly me: Messenger
  readonly shelves: Shelves
  readonly tap: Tap
  readonly events: Array<MessengerEvent>
  readonly transitions: Array<InspectedTransition>
}

export interface PersonOptions {
  readonly name?: string
  readonly shelves?: Shelves
  /** Around the storage in memory. */
  readonly storage?: (memory: Storage) => Storage
  /** Around the network. */
  readonly transport?: (network: Transport) => Transport
  readonly transports?: ReadonlyArray<Transport | HandTransport>
  readonly crypto?: CryptoService
  /** Has its hand on the links before anything goes over them. */
  readonly onTap?: (tap: Tap) => void
  readonly unlock?: Unlock | ReadonlyArray<Unlock>
  readonly startLocked?: boolean
  readonly maxAwake?: number
  /** Whether to write down every transition. */
  readonly inspected?: boolean
}

export const person = async (world: World, options: PersonOptions = {}): Promise<Person> => {
  const { name, shelves = makeShelves(), storage = (inner) => inner, transport = (inner) => inner } = options
  const tap = tapped(transport(world.network.transport()), world.stir)
  options.onTap?.(tap)
  const me = await world.hear(
    createMessenger({
      storage: storage(memory(shelves)),
      transports: options.transports ?? [tap],
      appUrl: "https://chat.example/",
      ...(name !== undefined && { name }),
      ...(options.crypto && { crypto: options.crypto }),
      ...(options.unlock && { unlock: options.unlock }),
      ...(options.startLocked && { startLocked: true }),
      ...(options.maxAwake !== undefined && { maxAwake: options.maxAwake }),
    }),
  )
  const events: Array<MessengerEvent> = []
  const transitions: Array<InspectedTransition> = []
  void (async () => {
    for await (const event of me.events) {
      world.stir()
      events.push(event)
    }
  })()
  me.inspect((transition) => {
    world.stir()
    if (options.inspected !== false) transitions.push(transition)
  })
  return { me, shelves, tap, events, transitions }
}

export interface Pair {
  readonly alice: Person
  readonly bob: Person
  /** Bob as Alice sees him, and the other way round. Alice made the invite. */
  readonly toBob: Contact
  readonly toAlice: Contact
}

export const isEstablished = (contact: Contact): boolean => contact.session.get().state === "established"

/** Two who have paired, and whose pairing is all over. */
export const pair = async (world: World, alice: Person, bob: Person): Promise<Pair> => {
  const invite = await world.hear(alice.me.invite())
  const toAlice = await world.hear(bob.me.accept(invite.url))
  const toBob = await world.hear(invite.joined())
  await world.until("both have paired", () => isEstablished(toAlice) && isEstablished(toBob))
  await world.until("the handshake is over", () => isSettled(toAlice) && isSettled(toBob))
  return { alice, bob, toBob, toAlice }
}

/** Nothing of the handshake is left, and nothing that was written is under way. */
export const isSettled = (contact: Contact): boolean =>
  contact.session.get().waiting === 0 &&
  contact.machines.get().every(({ machine }) => machine !== "inviter" && machine !== "joiner")

/** The conversation as it stands. */
export const talk = async (world: World, contact: Contact): Promise<ReadonlyArray<Message>> => {
  const all: Array<Message> = []
  for (let before: string | undefined; ; ) {
    const page = await world.hear(contact.history({ limit: 500, ...(before !== undefined && { before }) }))
    all.unshift(...page)
    if (page.length < 500) return all
    before = page[0]!.cursor
  }
}

export const textsFrom = (messages: ReadonlyArray<Message>, contact: Contact): ReadonlyArray<string> =>
  messages.filter(({ from }) => from === contact.id).map(({ text }) => text)
