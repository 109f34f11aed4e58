/**
 * Sealing in place what was kept unsealed: host by host it is copied under the vault's keys, counted as sealed in the catalogue, and
 * erased where it lay. The list of what is left is sealed itself, so nobody can put hosts of their own on it. Interrupted anywhere,
 * the next opening of the vault goes on. Docs: storage.md, "Sealing in place".
 */
import * as Effect from "effect/Effect"
import { type Batch, type HostId, type StoreService, Unavailable } from "../store.ts"
import { damaged } from "./box.ts"
import type { Unsealed } from "./catalogue.ts"

/** Records copied with one commit: a long history must fit neither in one transaction nor in memory. */
export const COPIED_AT_ONCE = 256

export interface Sealing {
  readonly below: StoreService
  /** The store in which everything is sealed. */
  readonly store: StoreService
  /** What is to be sealed. */
  readonly unsealed: ReadonlyArray<Unsealed>
  /** Makes a host whose versions begin above this one. */
  readonly begin: (id: HostId, base: number) => Effect.Effect<unknown, Unavailable>
  /** Writes down what is left. */
  readonly left: (rest: ReadonlyArray<Unsealed>) => Effect.Effect<void, Unavailable>
}

/** Seals all that is on the list, and erases it where it lay. */
export const sealRest = Effect.fnUntraced(function* (sealing: Sealing): Effect.fn.Return<void, Unavailable> {
  const { below, left, store } = sealing
  let rest = sealing.unsealed
  for (const { copied, id } of sealing.unsealed) {
    if (!copied) {
      // Half a copy of a start that was interrupted.
      yield* store.erase(id)
      yield* copyHost(sealing, id)
      rest = rest.map((one) => (one.id === id ? { id, copied: true } : one))
      yield* left(rest)
    }
    yield* below.erase(id)
  }
  // Off the list last: as long as anything of it may still lie there, the next opening goes on.
  yield* below.scrub ?? Effect.void
  yield* left([])
})

const copyHost = Effect.fnUntraced(function* ({ begin, below, store }: Sealing, id: HostId) {
  const { outward, rows, version } = yield* below.load(id)
  if (version === 0) return yield* damaged("a host that was to be sealed is gone")
  // Ids of outward commands are made of versions and must not come twice, so versions go on from where they were.
  yield* begin(id, version)
  let expected = version
  const write = (part: Partial<Batch>) =>
    store
      .commit({ ...NOTHING, host: id, expected: expected++, ...part })
      .pipe(Effect.catchTag("Conflict", (cause) => new Unavailable({ reason: "broken", cause })))
  for (let after: string | undefined; ; ) {
    const range = { prefix: "", limit: COPIED_AT_ONCE, ...(after !== undefined && { after }) }
    const found = yield* below.list(id, range)
    if (found.length > 0) yield* write({ records: new Map(found) })
    if (found.length < COPIED_AT_ONCE) break
    after = found.at(-1)![0]
  }
  yield* write({ rows, outward })
})

const NOTHING = { rows: new Map(), records: new Map(), outward: [], confirmed: [] } as const satisfies Partial<Batch>
