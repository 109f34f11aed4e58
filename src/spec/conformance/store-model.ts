/** Any history of a store, against a model that is too simple to be wrong. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import fc from "fast-check"
import { byId, cut, inRange } from "../../core/host/listing.ts"
import type { InstanceId, Range, RecordId, Row, Storage, StoreService } from "../../core/store.ts"
import { Nonconforming } from "./crypto-check.ts"
import { batch, command, rowOf, type StoreCheck, type StoreFailure, sameAs } from "./store-check.ts"

const DEFAULT_RUNS = 30

const HOSTS = ["h", "i"] as const
type Host = (typeof HOSTS)[number]

interface ModelHost {
  version: number
  readonly rows: Map<InstanceId, Row>
  readonly records: Map<RecordId, Uint8Array>
  outward: ReadonlyArray<string>
}
type Model = Map<Host, ModelHost>

const empty = (): ModelHost => ({ version: 0, rows: new Map(), records: new Map(), outward: [] })

type Act =
  | {
      readonly act: "commit"
      readonly host: Host
      /** How far the expected version is off. */
      readonly off: number
      readonly rows: ReadonlyArray<readonly [InstanceId, string | undefined]>
      readonly records: ReadonlyArray<readonly [RecordId, Uint8Array | undefined]>
      readonly commands: number
      /** Which of the commands that wait are confirmed, by place. */
      readonly confirmed: ReadonlyArray<number>
    }
  | { readonly act: "list"; readonly host: Host; readonly range: Range }
  | { readonly act: "erase"; readonly host: Host }
  | { readonly act: "reopen" }

const hosts = fc.constantFrom(...HOSTS)
/** Some of them are among the few of a host (`FEW` in core/store.ts), which a store may keep together. */
const FEW_IDS = ["frame/1", "frame/2", "outgoing/1", "seen/1", "seen/2"]
const recordIds = fc.constantFrom("a", "a/1", "a/2", "a/3", "a0", "b", "\u{1F600}", "\uFFFD", ...FEW_IDS)
const maybe = <A>(value: fc.Arbitrary<A>) => fc.option(value, { nil: undefined, freq: 3 })

/** Short ones, and now and then one that is too long to be kept with others. */
const contents = fc.oneof(
  { weight: 7, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(255).map((byte) => new Uint8Array(9_000).fill(byte)) },
)

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant("commit" as const),
      host: hosts,
      off: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
      rows: fc.array(fc.tuple(fc.constantFrom("m/1" as const, "m/2" as const, "n/1" as const), maybe(fc.string())), {
        maxLength: 3,
      }),
      records: fc.array(fc.tuple(recordIds, maybe(contents)), { maxLength: 5 }),
      commands: fc.nat(3),
      confirmed: fc.array(fc.nat(4), { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("list" as const),
      host: hosts,
      range: fc.record(
        {
          prefix: fc.constantFrom("", "a", "a/", "\u{1F600}", "f", "seen/"),
          after: recordIds,
          before: recordIds,
          limit: fc.nat(9),
          fromEnd: fc.boolean(),
        },
        { requiredKeys: ["prefix", "limit"] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("erase" as const), host: hosts }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("reopen" as const) }) },
)

export const modelCheck: StoreCheck = {
  name: "any history leaves what a simple model says",
  run: ({ at, runs = DEFAULT_RUNS }) => {
    let place = 0
    const property = fc.asyncProperty(fc.array(acts, { maxLength: 25 }), (history) =>
      Effect.runPromise(follow(at(`model ${place++}`), history)),
    )
    return Effect.tryPromise({
      try: () => fc.assert(property, { numRuns: runs }),
      catch: (error) => new Nonconforming({ message: error instanceof Error ? error.message : String(error) }),
    })
  },
}

const follow = Effect.fnUntraced(function* (
  storage: Storage,
  history: ReadonlyArray<Act>,
): Effect.fn.Return<void, StoreFailure> {
  const model: Model = new Map()
  let scope = yield* Scope.make()
  let store = yield* Scope.provide(storage.open, scope)
  for (const act of history) {
    if (act.act === "commit") yield* commit(store, model, act)
    else if (act.act === "list") {
      const records = [...(model.get(act.host)?.records ?? [])]
      const expected = cut(act.range, records.filter(([id]) => inRange(act.range, id)).sort(byId))
      yield* sameAs("a listing", yield* store.list(act.host, act.range), expected)
    } else if (act.act === "erase") {
      yield* store.erase(act.host)
      model.delete(act.host)
    } else {
      yield* Scope.close(scope, Exit.void)
      scope = yield* Scope.make()
      store = yield* Scope.provide(storage.open, scope)
    }
  }
  for (const host of HOSTS) {
    const { outward, records, rows, version } = model.get(host) ?? empty()
    const saved = { version, rows, outward: outward.map((id) => command(id)) }
    yield* sameAs("a host", yield* store.load(host), saved)
    const listed = yield* store.list(host, { prefix: "", limit: 100 })
    yield* sameAs("its records", listed, [...records].sort(byId))
  }
  yield* sameAs("hosts", yield* store.hosts, [...model.keys()].sort())
  yield* Scope.close(scope, Exit.void)
})

const commit = Effect.fnUntraced(function* (
  store: StoreService,
  model: Model,
  { commands, confirmed, host, off, records, rows }: Act & { readonly act: "commit" },
) {
  const known = model.get(host) ?? empty()
  const expected = known.version + off
  const ids = Array.from({ length: commands }, (_, index) => `${expected + 1}.${index}`)
  const confirming = confirmed.flatMap((index) => known.outward[index] ?? [])
  const result = yield* Effect.exit(
    store.commit(
      batch(host, expected, {
        rows: new Map(rows.map(([id, text]) => [id, text === undefined ? undefined : rowOf("s", { text })])),
        records: new Map(records),
        outward: ids.map((id) => command(id)),
        confirmed: confirming,
      }),
    ),
  )
  yield* sameAs("whether it was applied", Exit.isSuccess(result), off === 0)
  if (off !== 0) return
  for (const [id, text] of rows) text === undefined ? known.rows.delete(id) : known.rows.set(id, rowOf("s", { text }))
  for (const [id, bytes] of records) bytes === undefined ? known.records.delete(id) : known.records.set(id, bytes)
  known.outward = [...known.outward, ...ids].filter((id) => !confirming.includes(id))
  known.version += 1
  model.set(host, known)
})
