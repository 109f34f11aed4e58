/** What goes wrong with a side's storage, for stories of healing. */
import type { Shelves } from "../../src/adapters/storage/memory.ts"
import type { Contact, Message } from "../../src/index.ts"
import { type Pair, type Person, type PersonOptions, person, talk } from "./people.ts"
import type { World } from "./world.ts"

/** A copy of everything that a storage holds. */
export const copyOf = (shelves: Shelves): Shelves => {
  const copy = structuredClone({ ...shelves, hosts: shelves.hosts }) as Shelves
  copy.taken = false
  return copy
}

/** Closes a person as a process that ends without a word, and opens them again, perhaps on another storage. */
export const again = async (
  world: World,
  before: Person,
  shelves: Shelves = before.shelves,
  options: PersonOptions = {},
): Promise<{ readonly person: Person; readonly contact: Contact }> => {
  await world.hear(before.me.close())
  shelves.taken = false
  const one = await person(world, { ...options, shelves })
  return { person: one, contact: one.me.contacts.get()[0]! }
}

/** The contact's host in a storage. */
export const shelfOf = (shelves: Shelves) => [...shelves.hosts].find(([id]) => id !== "profile")![1]

export const isHealed = (contact: Contact): boolean =>
  contact.session.get().state === "established" &&
  contact.machines.get().every(({ id }) => id !== "inviter/again" && id !== "joiner/again")

/** Both go on, with everything had by both. */
export const whole = (...contacts: ReadonlyArray<Contact>): boolean =>
  contacts.every((contact) => isHealed(contact) && contact.session.get().waiting === 0)

export const noticesOf = (messages: ReadonlyArray<Message>) =>
  messages.filter(({ kind }) => kind === "notice").map(({ notice }) => notice)

export const textsOf = (messages: ReadonlyArray<Message>, mine: boolean): ReadonlyArray<string> =>
  messages.filter(({ from, kind }) => kind === "text" && (from === "me") === mine).map(({ text }) => text)

/** Whether what one wrote is what the other sees, in both directions; and what that is. */
export const sameTalk = async (world: World, a: Contact, b: Contact) => {
  const [one, other] = [await talk(world, a), await talk(world, b)]
  return {
    a: { wrote: textsOf(one, true), sees: textsOf(one, false), notices: noticesOf(one) },
    b: { wrote: textsOf(other, true), sees: textsOf(other, false), notices: noticesOf(other) },
  }
}

export const bytesOf = async (file: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for await (const part of file) parts.push(part)
  return Buffer.concat(parts)
}

export const sendAll = (world: World, contact: Contact, texts: ReadonlyArray<string>) =>
  world.hear(Promise.all(texts.map((text) => contact.send(text))))

export type { Pair }
