/** What a check of the Store port is, and the few sentences that checks are made of. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type {
  Batch,
  Conflict,
  Elsewhere,
  InstanceId,
  Outward,
  Row,
  Saved,
  Storage,
  StoreService,
  Unavailable,
} from "../../core/store.ts"
import { holds, Nonconforming } from "./crypto-check.ts"

/** Gives the storage of a named place, twice the same one for the same name. No place was used before. */
export interface StoreWorld {
  /** The storage of a place. */
  readonly at: (place: string) => Storage
  /** How many arbitrary histories the model-based check tries. Default: 30. */
  readonly runs?: number
  /** The disk under the places, where it can be looked at and put back: for checks of what a crash leaves behind. */
  readonly disk?: Disk
  /** How many torn images a check of crashes opens at most. Default: 400. */
  readonly cuts?: number
  /**
   * The place as it lies under a storage that seals: the same one, unsealed. Whoever has the device can write there; the
   * checks of tampering do.
   */
  readonly beneath?: (place: string) => Storage
}

/** The files of a place, by name. */
export type Image = ReadonlyMap<string, Uint8Array>

/** The disk under a place, for checks of crashes. */
export interface Disk {
  /** What a crash at this moment would leave, if it lost nothing that was written. The place may be open. */
  readonly image: (place: string) => Promise<Image>
  /** Makes the files of a place, which is closed, what they are in the image. */
  readonly restore: (place: string, image: Image) => Promise<void>
}

/** One promise of the port. `run` succeeds where it is kept. */
export interface StoreCheck {
  /** What is promised. */
  readonly name: string
  /** Tries it in this world. */
  readonly run: (world: StoreWorld) => Effect.Effect<void, StoreFailure>
}

/** What a check may end with: a broken promise, or what the store itself failed with. */
export type StoreFailure = Nonconforming | Conflict | Unavailable | Elsewhere

/** A check with a storage of its own. */
export const check = (
  name: string,
  body: (storage: Storage) => Effect.Effect<void, StoreFailure, Scope.Scope>,
): StoreCheck => ({ name, run: ({ at }) => Effect.scoped(Effect.suspend(() => body(at(name)))) })

/** A check of one open store. */
export const checkOpen = (
  name: string,
  body: (store: StoreService) => Effect.Effect<void, StoreFailure, Scope.Scope>,
): StoreCheck => check(name, (storage) => Effect.flatMap(storage.open, body))

/** A batch that changes nothing but what is said. */
export const batch = (
  host: string,
  expected: number,
  changes: Partial<Omit<Batch, "host" | "expected">> = {},
): Batch => ({
  host,
  expected,
  rows: new Map(),
  records: new Map(),
  outward: [],
  confirmed: [],
  ...changes,
})

export const rowOf = (value: Row["value"], context: unknown = {}, timers: Row["timers"] = []): Row => ({
  value,
  context,
  timers,
})

export const command = (id: string, from: InstanceId = "delivery/1"): Outward => ({
  id,
  from,
  type: "transmit",
  params: { number: id },
})

/** Equal as the port sees it: JSON for what is JSON, byte by byte for bytes, any order of keys in maps. */
export const sameAs = (what: string, actual: unknown, expected: unknown): Effect.Effect<void, Nonconforming> => {
  const [got, wanted] = [JSON.stringify(plain(actual)), JSON.stringify(plain(expected))]
  return holds(`${what}: got ${shortened(got)}, not ${shortened(wanted)}`, got === wanted)
}

const shortened = (text: string | undefined): string =>
  text === undefined ? "undefined" : text.length <= 400 ? text : `${text.slice(0, 400)}…`

const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return { bytes: Array.from(value) }
  if (value instanceof Map) return { map: [...value].map(([key, held]) => [key, plain(held)]).sort(byFirst) }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, held]) => [key, plain(held)])
      .sort(byFirst),
  )
}

const byFirst = (a: ReadonlyArray<unknown>, b: ReadonlyArray<unknown>): number => (String(a[0]) < String(b[0]) ? -1 : 1)

/** The whole of a host, for comparing before and after. */
export const everything = Effect.fnUntraced(function* (store: StoreService, host: string) {
  const saved: Saved = yield* store.load(host)
  return { saved, records: yield* store.list(host, { prefix: "", limit: 1_000_000 }) }
})

/** Fails as the port says: with this error, not with a result and not with a defect. */
export const failsWith = <E extends { readonly _tag: string }, R>(
  what: string,
  tag: E["_tag"],
  operation: Effect.Effect<unknown, E, R>,
): Effect.Effect<E, Nonconforming, R> => {
  const broken = (how: string) => Effect.fail(new Nonconforming({ message: `${what}: ${how}` }))
  return operation.pipe(
    Effect.matchEffect({
      onSuccess: () => broken("succeeded"),
      onFailure: (error) => (error._tag === tag ? Effect.succeed(error) : broken(`failed with ${error._tag}`)),
    }),
    Effect.catchDefect(() => broken("ended in a defect")),
  )
}
