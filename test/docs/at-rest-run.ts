/**
 * A real vault on a disk in memory: Alice pairs with Bob under a raw key, they talk, she ends and comes back once, all of it from
 * seeds. What is left is opened with Node's own primitives and the formulas of docs/storage.md, slot by slot.
 */
import { createDecipheriv, createHmac, hkdfSync } from "node:crypto"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { makeShelves, memory, type Shelves } from "../../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { rawKey } from "../../src/adapters/unlock/raw-key.ts"
import { makeEngine } from "../../src/core/engine.ts"
import { toHex } from "../../src/core/hex.ts"
import { associatedWith, type Kind, type Name } from "../../src/core/vault/box.ts"
import { type Catalogue, catalogueCodec } from "../../src/core/vault/catalogue.ts"
import { decodeHeader, type Header, MAC_BYTES } from "../../src/core/vault/header.ts"
import { decodeManifest, decodePage, type Manifest, type PageRef } from "../../src/core/vault/places.ts"
import { nameOf } from "../../src/core/vault/slots.ts"
import { seededCrypto } from "../../src/spec/games/seeded.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { MESSAGE, SEEDS, START } from "./example-run.ts"

/** What Alice's program keeps: in a real one it is random, and in the system's keychain. */
export const RAW_KEY = new Uint8Array(32).fill(7)

/** So many more messages, so that a part of the index has come to rest in a page. */
const MORE = 12

const settled = Effect.promise(async () => {
  for (let i = 0; i < 30; i++) await new Promise<void>((resolve) => setImmediate(resolve))
})

/** Enough for a delivery and its acknowledgement. */
const passed = Effect.gen(function* () {
  for (let i = 0; i < 3; i++) {
    yield* settled
    yield* TestClock.adjust("200 millis")
  }
  yield* settled
})

/** The disk that is left. The same bytes every time. */
export const runAtRest = async (): Promise<Shelves> => {
  const dice = makeDice(SEEDS.network)
  const network = memoryNetwork({ random: (length) => Uint8Array.from({ length }, () => dice.upTo(255)) })
  const shelves = makeShelves()
  const cryptoOfAlice = seededCrypto(SEEDS.inviter)
  const alices = makeEngine({
    name: "Alice",
    storage: memory(shelves),
    transports: [network.transport()],
    appUrl: "https://app.example/",
    crypto: cryptoOfAlice,
    unlock: [rawKey(RAW_KEY)],
  })
  const story = Effect.gen(function* () {
    yield* TestClock.setTime(START)
    const bob = yield* makeEngine({
      name: "Bob",
      storage: memory(makeShelves()),
      transports: [network.transport()],
      appUrl: "https://app.example/",
      crypto: seededCrypto(SEEDS.joiner),
    })
    yield* Effect.scoped(
      Effect.gen(function* () {
        const alice = yield* alices
        const invite = yield* alice.invite({ expiresIn: "10 minutes" })
        yield* settled
        yield* bob.accept(invite.text)
        for (let i = 0; i < 5; i++) yield* passed
        yield* invite.joined
      }),
    )
    const alice = yield* alices
    yield* passed
    const toBob = alice.contacts.get()[0]!
    for (let i = 0; i <= MORE; i++) {
      yield* toBob.conversation.send(i === 0 ? MESSAGE : `and so on, ${i}`)
      yield* passed
    }
    // She did not lock it: this is what is found when the power fails.
    return copyOf(shelves)
  })
  return Effect.runPromise(Effect.scoped(story).pipe(Effect.provide(TestClock.layer())))
}

const copyOf = ({ hosts }: Shelves): Shelves => ({
  ...makeShelves(),
  hosts: new Map(
    [...hosts].map(([id, shelf]) => [
      id,
      { ...shelf, records: new Map([...shelf.records].map(([name, bytes]) => [name, bytes.slice()])) },
    ]),
  ),
})

/** A slot of a host, opened. */
export interface OpenedSlot {
  readonly kind: Exclude<Kind, "catalogue">
  /** Of a record: its id with a letter in front. Otherwise empty. */
  readonly id: string
  readonly slot: number
  readonly version: number
  readonly sealed: Uint8Array
  /** Padded, as it was sealed. */
  readonly plain: Uint8Array
}

export interface OpenedHost {
  readonly id: string
  /** Its name on the disk. */
  readonly disk: string
  readonly key: Uint8Array
  readonly slots: ReadonlyArray<OpenedSlot>
}

export interface OpenedVault {
  readonly header: Uint8Array
  readonly attempts: Uint8Array
  readonly catalogue: Uint8Array
  /** Padded, as it was sealed. */
  readonly cataloguePlain: Uint8Array
  /** From the raw key to the catalogue's. */
  readonly keys: Readonly<Record<"wrapping" | "root" | "mac" | "macKey" | "catalogue", Uint8Array>>
  readonly hosts: ReadonlyArray<OpenedHost>
}

const hkdf = (key: Uint8Array, salt: Uint8Array, label: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, salt, label, 32))

/** nonce (12) ‖ ciphertext ‖ tag (16) */
const opened = (key: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array => {
  const cipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12))
  cipher.setAAD(associated)
  cipher.setAuthTag(sealed.subarray(-16))
  return new Uint8Array(Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]))
}

/** Without the mark and the zeros. */
const unpadded = (plain: Uint8Array): Uint8Array => plain.subarray(0, plain.lastIndexOf(0x80))

const bytesOf = (...parts: ReadonlyArray<Uint8Array | string>): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part))))

const SERIAL_BYTES = 8
const WRAP = "sotto/1 vault wrap"

/** Opens all of it with the raw key. Throws where anything is not as the document says. */
export const openedVault = ({ hosts }: Shelves, raw: Uint8Array = RAW_KEY): OpenedVault => {
  const own = hosts.get("vault")!.records
  const [header, catalogue, attempts] = ["header", "catalogue", "attempts"].map((name) => own.get(name)!)
  const { methods, vault } = decodeHeader(header!) as Header
  const { id, kind, params, wrapped } = methods[0]!
  const wrapping = hkdf(raw, vault, WRAP)
  const root = opened(wrapping, wrapped, bytesOf(WRAP, vault, id, Uint8Array.of(kind.length), kind, params))
  const keys = { wrapping, root, macKey: hkdf(root, vault, "sotto/1 vault header") }
  const body = header!.subarray(1 + MAC_BYTES)
  const mac = new Uint8Array(createHmac("sha256", keys.macKey).update(Uint8Array.of(1)).update(body).digest())
  if (toHex(mac) !== toHex(header!.subarray(1, 1 + MAC_BYTES))) throw new Error("the header's MAC is another")
  const catalogueKey = hkdf(root, vault, "sotto/1 vault catalogue")
  const version = Number(new DataView(catalogue!.buffer, catalogue!.byteOffset).getBigUint64(0))
  const name = { kind: "catalogue", id: "", version } as const
  const cataloguePlain = opened(catalogueKey, catalogue!.subarray(SERIAL_BYTES), associatedWith(name))
  const listed = catalogueCodec.decode(unpadded(cataloguePlain))!
  return {
    ...{ header: header!, attempts: attempts!, catalogue: catalogue!, cataloguePlain },
    keys: { ...keys, mac, catalogue: catalogueKey },
    hosts: listed.hosts.map((host) => openedHost(hosts, host)),
  }
}

const openedHost = (hosts: Shelves["hosts"], { disk, id, key }: Catalogue["hosts"][number]): OpenedHost => {
  const shelf = hosts.get(toHex(disk))!
  const slots: Array<OpenedSlot> = []
  const open = (name: Name, slot: number): Uint8Array => {
    const sealed = shelf.records.get(nameOf(slot))!
    const plain = opened(key, sealed, associatedWith(name))
    const kind = name.kind as OpenedSlot["kind"]
    slots.push({ kind, id: kind === "record" ? name.id : "", slot, version: name.version, sealed, plain })
    return unpadded(plain)
  }
  const manifest = decodeManifest(open({ kind: "manifest", id: "", version: shelf.version }, 0))!
  const places = new Map<string, { readonly slot: number; readonly version: number }>()
  const walk = ({ slot, version }: PageRef): void => {
    const page = decodePage(open({ kind: "page", id: nameOf(slot), version }, slot))!
    if (page.kind === "branch") for (const [, below] of page.entries) walk(below)
    else for (const [record, place] of page.entries) places.set(record, place)
  }
  if (manifest.root !== undefined) walk(manifest.root)
  for (const [record, entry] of manifest.hot as Manifest["hot"]) {
    if (entry.gone) places.delete(record)
    else places.set(record, entry)
  }
  for (const [record, { slot, version }] of [...places].sort(([a], [b]) => (a < b ? -1 : 1)))
    open({ kind: "record", id: record, version }, slot)
  if (slots.length !== shelf.records.size) throw new Error("a slot is there that nothing names")
  return { id, disk: toHex(disk), key, slots }
}
