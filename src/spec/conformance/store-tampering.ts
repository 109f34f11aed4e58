/**
 * What a storage that seals must notice: records that somebody with the device has flipped, swapped, put under another host, put
 * back from before, or taken away. Each is tried on what lies beneath; the sealed storage then refuses, at once or when the
 * record is read, and never gives out other bytes than were committed last. Needs `beneath`. Docs: docs/storage.md; ST-1.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { RecordId, Storage, StoreService } from "../../core/store.ts"
import { filled, holds } from "./crypto-check.ts"
import { batch, rowOf, type StoreCheck, type StoreFailure, sameAs } from "./store-check.ts"

const HOSTS = ["h", "i"] as const
const RECORDS = ["a", "b", "c"] as const
const SIZE = 64

const bytesOf = (host: string, record: string, version: number) =>
  filled(SIZE, host.charCodeAt(0) * 1_000 + record.charCodeAt(0) * 10 + version)

type Kept = ReadonlyMap<string, ReadonlyMap<RecordId, Uint8Array>>

const everyRecord = Effect.fnUntraced(function* (store: StoreService): Effect.fn.Return<Kept, StoreFailure> {
  const kept = new Map<string, ReadonlyMap<RecordId, Uint8Array>>()
  for (const host of yield* store.hosts) kept.set(host, new Map(yield* store.list(host, { prefix: "", limit: 1_000 })))
  return kept
})

/** What somebody does with the records that lie there; `before` is how they were one version ago. */
type Tamper = (now: Kept, before: Kept) => ReadonlyArray<Changed>

type Changed = readonly [host: string, record: RecordId, bytes: Uint8Array | undefined]

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const changed = bytes.slice()
  changed[at] = changed[at]! ^ 1
  return changed
}

const each = (kept: Kept) =>
  [...kept].flatMap(([host, records]) => [...records].map(([id, bytes]) => [host, id, bytes] as const))

const TAMPERINGS: ReadonlyArray<readonly [what: string, tamper: Tamper]> = [
  ["a bit at the beginning", (now) => each(now).map(([host, id, bytes]) => [host, id, flipped(bytes, 0)])],
  ["a bit at the end", (now) => each(now).map(([host, id, bytes]) => [host, id, flipped(bytes, bytes.length - 1)])],
  ["a byte less", (now) => each(now).map(([host, id, bytes]) => [host, id, bytes.subarray(0, -1)])],
  [
    "records swapped inside a host",
    (now) =>
      [...now].flatMap(([host, records]) => {
        const ids = [...records.keys()]
        return ids.map((id, i) => [host, id, records.get(ids[(i + 1) % ids.length]!)] as const)
      }),
  ],
  [
    "records swapped between hosts",
    (now) => {
      const all = each(now)
      return all.map(([host, id], i) => [host, id, all[(i + Math.ceil(all.length / 2)) % all.length]![2]] as const)
    },
  ],
  ["records of one version ago", (_, before) => each(before)],
]

const tampered = (what: string, tamper: Tamper): StoreCheck => ({
  name: `sealed: ${what} are noticed`,
  run: ({ at, beneath }) =>
    beneath === undefined
      ? Effect.void
      : Effect.gen(function* () {
          const place = `tampered ${what}`
          const sealed = at(place)
          const under = beneath(place)
          yield* write(sealed, 0)
          const before = yield* Effect.scoped(Effect.flatMap(under.open, everyRecord))
          yield* write(sealed, 1)
          const change = (records: ReadonlyArray<Changed>) =>
            Effect.scoped(Effect.flatMap(under.open, (store) => put(store, records)))
          const look = Effect.scoped(Effect.flatMap(under.open, everyRecord))
          // One at a time, and put back; then all of them.
          let noticed = 0
          const count = tamper(yield* look, before).length
          yield* holds("there is something to tamper with", count > 0)
          for (let i = 0; i < count; i++) {
            const now = yield* look
            const one = tamper(now, before)[i]
            if (one === undefined) continue
            yield* change([one])
            if (yield* noticedIn(sealed)) noticed += 1
            yield* change([[one[0], one[1], now.get(one[0])?.get(one[1])]])
          }
          yield* holds(`${what}: somebody noticed one of them`, noticed > 0)
          yield* change(tamper(yield* look, before))
          yield* holds(`${what}: somebody noticed all of them`, yield* noticedIn(sealed))
        }),
})

const put = Effect.fnUntraced(function* (
  store: StoreService,
  changes: ReadonlyArray<Changed>,
): Effect.fn.Return<void, StoreFailure> {
  for (const host of new Set(changes.map(([of]) => of))) {
    const { version } = yield* store.load(host)
    const records = changes.filter(([of]) => of === host).map(([, id, bytes]) => [id, bytes] as const)
    yield* store.commit(batch(host, version, { records: new Map(records) }))
  }
})

/** Whether it refused to open or to read; fails where it gave out something else than was committed. */
const noticedIn = (sealed: Storage): Effect.Effect<boolean, StoreFailure> =>
  Effect.flatMap(Effect.exit(Effect.scoped(sealed.open)), (opening) =>
    Exit.isFailure(opening) ? Effect.succeed(true) : Effect.scoped(Effect.flatMap(sealed.open, readAll)),
  )

const write = (storage: Storage, version: number): Effect.Effect<void, StoreFailure> =>
  Effect.scoped(
    Effect.gen(function* () {
      const store = yield* storage.open
      for (const host of HOSTS) {
        const records = new Map(RECORDS.map((record) => [record, bytesOf(host, record, version)]))
        yield* store.commit(batch(host, version, { rows: new Map([["m/1", rowOf("a", { host, version })]]), records }))
      }
    }),
  )

/** Whether at least one was refused, and none was another than it should be. */
const readAll = Effect.fnUntraced(function* (store: StoreService): Effect.fn.Return<boolean, StoreFailure> {
  let refused = false
  for (const host of HOSTS) {
    for (const record of RECORDS) {
      const read = yield* Effect.exit(store.read(host, record))
      if (Exit.isFailure(read)) refused = true
      else yield* sameAs("a record that was given out", read.value, bytesOf(host, record, 1))
    }
  }
  return refused
})

export const tamperingChecks: ReadonlyArray<StoreCheck> = TAMPERINGS.map(([what, tamper]) => tampered(what, tamper))
