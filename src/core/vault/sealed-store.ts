/**
 * A store over a store, in which everything is sealed: what `Storage` calls encryption at rest. It keeps every promise of the
 * port (spec/conformance/store runs over it). Docs: storage.md, "On the disk".
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { concat, u64be } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { toHex } from "../hex.ts"
import { type HostId, type StoreService, Unavailable } from "../store.ts"
import { boxOf, damaged } from "./box.ts"
import { type CataloguedHost, catalogueCodec, type Unsealed } from "./catalogue.ts"
import { KEY_BYTES, type VaultKeys, wipe } from "./header.ts"
import { type SealedHost, sealedHost } from "./sealed-host.ts"
import { sealRest } from "./sealing.ts"
import { conflicting } from "./slots.ts"
import { VAULT_HOST, VAULT_RECORD, type VaultPlace } from "./vault-place.ts"

/**
 * So many commits of a host may follow the catalogue's word on it: an old copy of one host that is no older is noticed only by
 * the peer. A catalogue costs about as much as a commit, so every 64th costs double.
 */
export const FLOOR_LAG = 64

/** A serial number in front of what is sealed with it. */
const SERIAL_BYTES = 8

export interface SealedStore {
  readonly store: StoreService
  /** Writes the catalogue for another generation of the header, with the header itself, in one commit. */
  readonly renew: (generation: number, header: Uint8Array) => Effect.Effect<void, Unavailable>
}

const lockedNow = new Unavailable({ reason: "broken", cause: new Error("the vault is locked") })

interface Shelf {
  readonly host: SealedHost
  readonly disk: Uint8Array
  readonly key: Uint8Array
  floor: number
  version: number
}

/** The catalogue of a vault that has no hosts yet, with those that are there unsealed. */
export const firstCatalogue = (
  crypto: CryptoService,
  keys: VaultKeys,
  generation: number,
  unsealed: ReadonlyArray<HostId>,
): Effect.Effect<Uint8Array> =>
  sealCatalogue(crypto, keys, {
    serial: 1,
    generation,
    hosts: [],
    erasing: [],
    ...listed(unsealed.map((id) => ({ id, copied: false }))),
  })

const listed = (unsealed: ReadonlyArray<Unsealed>) => (unsealed.length > 0 ? { unsealed } : {})

const sealCatalogue = (
  crypto: CryptoService,
  keys: VaultKeys,
  catalogue: Parameters<typeof catalogueCodec.encode>[0],
): Effect.Effect<Uint8Array> =>
  Effect.suspend(() => {
    const bytes = catalogueCodec.encode(catalogue)
    const sealing = boxOf(crypto, keys.catalogue).seal({ kind: "catalogue", id: "", version: catalogue.serial }, bytes)
    return Effect.map(sealing, (sealed) => {
      wipe(bytes)
      return concat(u64be(catalogue.serial), sealed)
    })
  })

const openCatalogue = Effect.fnUntraced(function* (
  crypto: CryptoService,
  keys: VaultKeys,
  bytes: Uint8Array | undefined,
) {
  if (bytes === undefined || bytes.length < SERIAL_BYTES) return yield* damaged("there is no catalogue")
  const view = new DataView(bytes.buffer, bytes.byteOffset, SERIAL_BYTES)
  const version = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  if (!Number.isSafeInteger(version)) return yield* damaged("the catalogue has no number")
  const name = { kind: "catalogue", id: "", version } as const
  const opened = yield* boxOf(crypto, keys.catalogue).open(name, bytes.subarray(SERIAL_BYTES))
  const catalogue = catalogueCodec.decode(opened)
  wipe(opened)
  if (catalogue === undefined || catalogue.serial !== version) return yield* damaged("the catalogue is not one")
  return catalogue
})

/** Opens what is sealed under these keys. They are wiped with the scope, and every key and cache with them. */
export const openSealedStore = Effect.fnUntraced(function* (options: {
  readonly below: StoreService
  readonly place: VaultPlace
  readonly crypto: CryptoService
  readonly keys: VaultKeys
  /** The header's generation; a catalogue that knows of a later one shows the header to be old. */
  readonly generation: number
  readonly catalogue: Uint8Array | undefined
}): Effect.fn.Return<SealedStore, Unavailable, Scope.Scope> {
  const { below, crypto, keys, place } = options
  const opened = yield* openCatalogue(crypto, keys, options.catalogue)
  if (opened.generation !== options.generation) return yield* damaged("the vault's header is not the present one")
  const shelves = new Map<HostId, Shelf>()
  const locks = new Map<HostId, Semaphore.Semaphore>()
  const writing = Semaphore.makeUnsafe(1)
  let { generation, serial } = opened
  let erasing: ReadonlyArray<Uint8Array> = opened.erasing
  let unsealed: ReadonlyArray<Unsealed> = opened.unsealed ?? []
  let closed = false

  const shelve = ({ disk, floor, key }: Omit<CataloguedHost, "id">, base = 0): Shelf => {
    const expected = { floor: () => shelf.floor, serial: () => serial }
    const host = sealedHost(below, toHex(disk), boxOf(crypto, key), expected, base)
    const shelf: Shelf = { host, disk, key, floor, version: 0 }
    return shelf
  }

  for (const one of opened.hosts) shelves.set(one.id, shelve(one))
  const onDisk = new Set(yield* below.hosts)
  const sealed = [...shelves.values()].map(({ disk }) => toHex(disk))
  const known = new Set([VAULT_HOST, ...sealed, ...erasing.map(toHex), ...unsealed.map(({ id }) => id)])
  // A host is in the catalogue before it is on the disk, and leaves it after: another one is an old copy, or somebody else's.
  for (const name of onDisk) if (!known.has(name)) return yield* damaged("a host is there that should not be")
  for (const shelf of shelves.values()) {
    if (shelf.floor > 0 || onDisk.has(toHex(shelf.disk))) shelf.version = yield* shelf.host.version
  }

  const writeCatalogue = (header?: readonly [generation: number, bytes: Uint8Array]) =>
    writing.withPermit(
      Effect.gen(function* () {
        const hosts = [...shelves].map(([id, { disk, key, version }]) => ({ id, disk, key, floor: version }))
        const next = { serial: serial + 1, generation: header?.[0] ?? generation, hosts, erasing, ...listed(unsealed) }
        const records = new Map([[VAULT_RECORD.catalogue as string, yield* sealCatalogue(crypto, keys, next)]])
        if (header !== undefined) records.set(VAULT_RECORD.header, header[1])
        yield* place.commit(records)
        serial = next.serial
        generation = next.generation
        for (const { floor, id } of hosts) {
          const shelf = shelves.get(id)
          if (shelf !== undefined) shelf.floor = floor
        }
      }),
    )

  const finishErasing = Effect.gen(function* () {
    for (const disk of erasing) yield* below.erase(toHex(disk))
    erasing = []
  })
  yield* finishErasing

  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      if ([...shelves.values()].some(({ floor, version }) => floor !== version)) yield* Effect.ignore(writeCatalogue())
      closed = true
      for (const { host, key } of shelves.values()) {
        host.forget()
        wipe(key)
      }
      shelves.clear()
      wipe(keys.root, keys.header, keys.catalogue)
    }),
  )

  /** One at a time for each host, so that nobody reads a slot that is being written. */
  const within = <A, E>(id: HostId, body: () => Effect.Effect<A, E>): Effect.Effect<A, E | Unavailable> =>
    Effect.suspend((): Effect.Effect<A, E | Unavailable> => {
      if (closed) return lockedNow
      const lock = locks.get(id) ?? Semaphore.makeUnsafe(1)
      locks.set(id, lock)
      return lock.withPermit(Effect.suspend(body))
    })

  const found = (id: HostId): Effect.Effect<Shelf, Unavailable> =>
    Effect.suspend(() => {
      const shelf = shelves.get(id)
      return shelf === undefined ? added(id) : Effect.succeed(shelf)
    })

  const added = (id: HostId, base = 0): Effect.Effect<Shelf, Unavailable> =>
    Effect.suspend(() => {
      const made = shelve({ disk: crypto.random(16), key: crypto.random(KEY_BYTES), floor: 0 }, base)
      shelves.set(id, made)
      return Effect.as(
        Effect.onError(writeCatalogue(), () => Effect.sync(() => shelves.delete(id))),
        made,
      )
    })

  const store: StoreService = {
    ...below,
    hosts: Effect.suspend(() =>
      closed
        ? lockedNow
        : Effect.succeed([...shelves].flatMap(([id, { version }]) => (version > 0 ? [id] : [])).sort()),
    ),
    load: (id) =>
      within(id, () => shelves.get(id)?.host.load ?? Effect.succeed({ version: 0, rows: new Map(), outward: [] })),
    read: (id, record) => within(id, () => shelves.get(id)?.host.read(record) ?? Effect.succeed(undefined)),
    list: (id, range) => within(id, () => shelves.get(id)?.host.list(range) ?? Effect.succeed([])),
    commit: (batch) =>
      within(batch.host, () =>
        Effect.gen(function* () {
          const { expected, host } = batch
          if (!shelves.has(host) && expected !== 0) return yield* conflicting(below, VAULT_HOST, expected, 0)
          const shelf = yield* found(host)
          shelf.version = yield* shelf.host.commit(batch)
          if (shelf.version - shelf.floor >= FLOOR_LAG) yield* writeCatalogue()
        }),
      ),
    erase: (id) =>
      within(id, () =>
        Effect.gen(function* () {
          const shelf = shelves.get(id)
          if (shelf === undefined) return
          shelves.delete(id)
          erasing = [...erasing, shelf.disk]
          // From here on nobody has its key: what is left of it on the disk stays closed.
          yield* writeCatalogue()
          shelf.host.forget()
          wipe(shelf.key)
          yield* below.erase(toHex(shelf.disk))
          erasing = erasing.filter((disk) => disk !== shelf.disk)
        }),
      ),
  }

  if (unsealed.length > 0) {
    yield* sealRest({
      below,
      store,
      unsealed,
      begin: added,
      left: (rest) =>
        Effect.andThen(
          Effect.sync(() => void (unsealed = rest)),
          writeCatalogue(),
        ),
    })
  }

  return { store, renew: (next, header) => writeCatalogue([next, header]) }
})
