/** What runs inside the browser: two people in one page over a network in memory, one of them sealed in IndexedDB by the engine. */
import * as Effect from "effect/Effect"
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { passkey } from "../../../src/adapters/unlock/passkey.ts"
import { passphrase } from "../../../src/adapters/unlock/passphrase.ts"
import { derive } from "../../../src/core/vault/argon2.ts"
import { createMessenger, type Messenger, SottoError, type Unlock } from "../../../src/index.ts"

const CHEAP = { cost: { memory: 8, passes: 1, lanes: 1 } }
const words = (text: string) => passphrase(() => text, CHEAP)

let me: Messenger | undefined

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "done",
    (error: unknown) => (error instanceof SottoError ? error.code : String(error)),
  )

const unlockOf = (how: "words" | "passkey" | "both"): ReadonlyArray<Unlock> =>
  how === "words" ? [words("open sesame")] : how === "passkey" ? [passkey()] : [words("open sesame"), passkey()]

/** Opens the profile. Answers "done", or with the error's code. */
export const open = (place: string, how: "words" | "passkey" | "both"): Promise<string> =>
  outcome(
    createMessenger({
      name: "Alexandra Canaria",
      storage: indexeddb(place),
      transports: [memoryNetwork().transport()],
      unlock: unlockOf(how),
    }).then((opened) => {
      me = opened
    }),
  )

export const close = async () => me?.close()
export const lock = async () => me?.lock()
export const unlock = (how: "words" | "passkey") => outcome(me!.unlock(unlockOf(how)))
export const addPasskey = () => outcome(me!.vault.addMethod(passkey(), "this device"))
export const status = () => me!.status.get()
export const kinds = () => me!.vault.state.get().methods.map(({ kind }) => kind)
export const name = () => me!.name.get()

/** A conversation of a few messages; answers with the ids that the disk must not show. */
export const converse = async (place: string): Promise<ReadonlyArray<string>> => {
  const network = memoryNetwork()
  const alice = await createMessenger({
    name: "Alexandra Canaria",
    storage: indexeddb(place),
    transports: [network.transport()],
    unlock: words("open sesame"),
  })
  const bob = await createMessenger({ name: "Benedict Canarius", transports: [network.transport()] })
  const invite = await alice.invite()
  const toAlice = await bob.accept(invite.url)
  const toBob = await invite.joined()
  const sent = await toBob.send("canary number one sings in the mine")
  const answer = await toAlice.send("canary number two answers from below")
  await Promise.all([sent.until("delivered"), answer.until("delivered")])
  const digits = toBob.safetyNumber?.digits ?? ""
  const id = toBob.id
  await alice.lock()
  await bob.close()
  await alice.close()
  return [id, digits, invite.text]
}

/** Reads the conversation again. */
export const remembers = async (place: string): Promise<ReadonlyArray<string>> => {
  const alice = await createMessenger({
    storage: indexeddb(place),
    transports: [memoryNetwork().transport()],
    unlock: words("open sesame"),
  })
  const [contact] = alice.contacts.get()
  const messages = (await contact?.history()) ?? []
  await alice.close()
  return messages.map(({ text }) => text)
}

/** How long Argon2id takes here, in milliseconds. */
export const argon2Takes = async (memory: number, passes: number): Promise<number> => {
  const began = performance.now()
  await Effect.runPromise(derive(new Uint8Array(12), new Uint8Array(16), { memory, passes, lanes: 1 }))
  return performance.now() - began
}
