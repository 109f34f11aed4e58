/** What runs inside the browser: two people in one page over a network in memory, one of them on the browser's disk, sealed or not. */
import * as Effect from "effect/Effect"
import { defaultCrypto } from "../../../src/adapters/crypto/default.ts"
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { opfs } from "../../../src/adapters/storage/opfs.ts"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { passphrase } from "../../../src/adapters/unlock/passphrase.ts"
import { about, RECORD, recoverySecrets } from "../../../src/core/contact/records.ts"
import { ownStatics } from "../../../src/core/handshake/own-keys.ts"
import { toHex } from "../../../src/core/hex.ts"
import { sealedStorage } from "../../../src/core/vault/vault.ts"
import { createMessenger, removeStorage, sealStorage } from "../../../src/index.ts"

const storages = { indexeddb, opfs }
export type Kind = keyof typeof storages

const unlock = () => passphrase(() => "open sesame", { cost: { memory: 8, passes: 1, lanes: 1 } })

/** A secret by name; in hexadecimal digits where it is bytes. */
export interface Secret {
  readonly what: string
  readonly text?: string
  readonly hex?: string
}

/** A conversation of a few messages; answers with what the disk must not show. */
export const converse = async (kind: Kind, place: string, sealed: boolean): Promise<ReadonlyArray<Secret>> => {
  const network = memoryNetwork()
  const alice = await createMessenger({
    name: "Alexandra Canaria",
    storage: storages[kind](place),
    transports: [network.transport()],
    ...(sealed && { unlock: unlock() }),
  })
  const bob = await createMessenger({ name: "Benedict Canarius", transports: [network.transport()] })
  const invite = await alice.invite()
  const toAlice = await bob.accept(invite.url)
  const toBob = await invite.joined()
  const sent = await toBob.send("canary number one sings in the mine")
  const answer = await toAlice.send("canary number two answers from below")
  await Promise.all([sent.until("delivered"), answer.until("delivered")])
  const digits = toBob.safetyNumber?.digits ?? ""
  await alice.close()
  await bob.close()
  return [
    { what: "the contact's id", text: toBob.id },
    { what: "the contact's id, in bytes", hex: toBob.id },
    { what: "the safety number", text: digits },
    { what: "the invite", text: invite.text },
    ...(await keptIn(kind, place, toBob.id, sealed)),
  ]
}

/** Keys and addresses, out of the closed profile's own records. */
const keptIn = async (kind: Kind, place: string, host: string, sealed: boolean): Promise<ReadonlyArray<Secret>> => {
  const plain = storages[kind](place)
  const storage = sealed ? sealedStorage(plain, { crypto: defaultCrypto(), unlocks: [unlock()] }) : plain
  const read = Effect.flatMap(storage.open, (store) =>
    Effect.all([RECORD.ownStatics, RECORD.recovery, RECORD.about].map((id) => store.read(host, id))),
  )
  const [keys, recovery, known] = await Effect.runPromise(Effect.scoped(read))
  const { kem, mlsSignature, signalIdentity } = ownStatics.decode(keys!)!
  const { own, peer } = about.decode(known!)!
  const bytes = {
    "a KEM key": kem,
    "a signing key": mlsSignature,
    "an identity key": signalIdentity,
    "the recovery secret": recoverySecrets.decode(recovery!)![0]!.secret,
    "our address": own[0]!.at,
    "their address": peer![0]!.at,
  }
  return Object.entries(bytes).map(([what, found]) => ({ what, hex: toHex(found) }))
}

/** Seals what the conversation left unsealed. */
export const seal = (kind: Kind, place: string): Promise<void> => sealStorage(storages[kind](place), unlock())

export const remove = (kind: Kind, place: string): Promise<void> => removeStorage(storages[kind](place))

/** Reads the conversation again, unlocked. */
export const remembers = async (kind: Kind, place: string): Promise<ReadonlyArray<string>> => {
  const alice = await createMessenger({
    storage: storages[kind](place),
    transports: [memoryNetwork().transport()],
    unlock: unlock(),
  })
  const [contact] = alice.contacts.get()
  const messages = (await contact?.history()) ?? []
  await alice.close()
  return messages.map(({ text }) => text)
}
