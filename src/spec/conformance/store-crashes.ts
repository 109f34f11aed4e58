/**
 * What a crash in the middle of a write leaves: the last batches, torn at every byte. What opens is what was before a batch or
 * after it, never a mixture, and the place goes on from there. Needs a `disk`; a store without one has its own ways of being
 * killed tested. Docs: docs/storage.md, "After a crash".
 */
import * as Effect from "effect/Effect"
import { filled, holds, Nonconforming } from "./crypto-check.ts"
import {
  batch,
  command,
  type Disk,
  everything,
  type Image,
  rowOf,
  type StoreCheck,
  type StoreFailure,
  type StoreWorld,
  sameAs,
} from "./store-check.ts"

const DEFAULT_CUTS = 400

/** How many batches are torn. */
const TORN = 2

const changes = (number: number) => ({
  rows: new Map([
    ["m/1" as const, rowOf("a", { number })],
    [`m/${number + 10}` as const, rowOf("b")],
  ]),
  records: new Map([
    ["first", filled(40 + number, number)],
    [`more/${number}`, filled(30, number)],
    ["last", filled(40 + number, number)],
  ]),
  outward: [command(`${number}.0`)],
  confirmed: [`${number - 1}.0`],
})

/** The images between two, as if the new bytes had come only so far. */
function* tornBetween(before: Image, after: Image, most: number): Generator<Image> {
  for (const [name, now] of after) {
    const was = before.get(name) ?? new Uint8Array()
    let same = 0
    while (same < was.length && same < now.length && was[same] === now[same]) same += 1
    const step = Math.max(1, Math.ceil((now.length - same) / most))
    for (let end = same; end < now.length; end += step) {
      const torn = new Uint8Array(Math.max(was.length, end))
      torn.set(was)
      torn.set(now.subarray(0, end))
      yield new Map([...before, [name, torn]])
    }
  }
}

const perhaps = <A>(attempt: () => Promise<A>) =>
  Effect.tryPromise({ try: attempt, catch: (error) => new Nonconforming({ message: `the disk: ${String(error)}` }) })

const onDisk = (
  name: string,
  body: (world: StoreWorld, disk: Disk) => Effect.Effect<void, StoreFailure>,
): StoreCheck => ({ name, run: (world) => (world.disk === undefined ? Effect.void : body(world, world.disk)) })

export const crashChecks: ReadonlyArray<StoreCheck> = [
  onDisk("a batch that a crash tore at any byte is there whole or not at all", (world, disk) =>
    Effect.gen(function* () {
      const place = "torn"
      const storage = world.at(place)
      const images: Array<Image> = []
      const states: Array<unknown> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          const store = yield* storage.open
          for (let version = 0; version < 5; version++) {
            yield* store.commit(batch("h", version, changes(version)))
            yield* store.commit(batch(`other ${version}`, 0, changes(version)))
            images.push(yield* perhaps(() => disk.image(place)))
            states.push(yield* everything(store, "h"))
          }
        }),
      )
      const most = Math.ceil((world.cuts ?? DEFAULT_CUTS) / TORN)
      let opened = 0
      for (let last = images.length - TORN; last < images.length; last++) {
        const possible = [states[last - 1], states[last]].map((state) => JSON.stringify(plain(state)))
        for (const image of tornBetween(images[last - 1]!, images[last]!, most)) {
          yield* perhaps(() => disk.restore(place, image))
          yield* Effect.scoped(
            Effect.gen(function* () {
              const store = yield* storage.open
              const found = yield* everything(store, "h")
              yield* holds("a torn batch is whole or not there", possible.includes(JSON.stringify(plain(found))))
              yield* store.commit(batch("h", found.saved.version, { records: new Map([["after", new Uint8Array(1)]]) }))
              yield* sameAs("what came after", yield* store.read("h", "after"), new Uint8Array(1))
            }),
          )
          opened += 1
        }
      }
      yield* holds("some image was torn", opened > 0)
    }),
  ),

  onDisk("what was answered is there after a crash that comes right after", (world, disk) =>
    Effect.gen(function* () {
      const place = "crashed"
      const storage = world.at(place)
      const images: Array<Image> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          const store = yield* storage.open
          for (let version = 0; version < 5; version++) {
            yield* store.commit(batch("h", version, changes(version)))
            images.push(yield* perhaps(() => disk.image(place)))
          }
        }),
      )
      for (const [index, image] of images.entries()) {
        yield* perhaps(() => disk.restore(place, image))
        const saved = yield* Effect.scoped(Effect.flatMap(storage.open, (store) => store.load("h")))
        yield* sameAs("the version", saved.version, index + 1)
      }
    }),
  ),
]

const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Array.from(value)
  if (value instanceof Map)
    return [...value].map(([key, held]) => [key, plain(held)]).sort((a, b) => (String(a) < String(b) ? -1 : 1))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.entries(value)
    .map(([key, held]) => [key, plain(held)])
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
}
