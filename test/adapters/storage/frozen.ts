/**
 * What earlier schemas left behind, frozen as files: fixtures/schema-<n>.* were written by the code of that schema and are never
 * made again. Alice has paired with Bob, each has said three things, one more waits, and an invite is open.
 */
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { createMessenger, type Storage } from "../../../src/index.ts"

export interface Told {
  readonly name: string
  readonly contacts: ReadonlyArray<string>
  readonly texts: ReadonlyArray<string>
  readonly waiting: number
}

export const EXPECTED: Told = {
  name: "Alice",
  contacts: ["Bob"],
  texts: ["question 0", "answer 0", "question 1", "answer 1", "question 2", "answer 2", "for later"],
  waiting: 1,
}

/** The conversation as today's engine tells it. */
export const toldBy = async (storage: Storage): Promise<Told> => {
  await using me = await createMessenger({
    storage,
    transports: [memoryNetwork().transport()],
    appUrl: "https://chat.example/",
  })
  const contacts = me.contacts.get()
  const history = (await contacts[0]?.history()) ?? []
  return {
    name: me.name.get(),
    contacts: contacts.map(({ name }) => name),
    texts: history.map(({ text }) => text),
    waiting: contacts[0]?.session.get().waiting ?? 0,
  }
}
