/** The promises of a listing: which records, and in which order. */
import * as Effect from "effect/Effect"
import type { Range } from "../../core/store.ts"
import { batch, checkOpen, type StoreCheck, sameAs } from "./store-check.ts"

/** In ascending order of code units, in which a surrogate pair comes before U+E000 and what follows it. */
const IDS = [
  "",
  "A",
  "a",
  "a/",
  "a/1",
  "a/10",
  "a/2",
  "a/2/x",
  "a0",
  "ab",
  "é",
  "\u{1F600}",
  "\u{1F600}/1",
  "\uE000",
  "\uFFFF",
  "\uFFFF\uFFFF",
]

const ranges: ReadonlyArray<readonly [says: string, range: Range, ids: ReadonlyArray<string>]> = [
  ["everything", { prefix: "", limit: 100 }, IDS],
  ["a prefix", { prefix: "a/", limit: 100 }, ["a/", "a/1", "a/10", "a/2", "a/2/x"]],
  ["a prefix that is nobody's", { prefix: "b", limit: 100 }, []],
  ["the last prefix there is", { prefix: "\uFFFF", limit: 100 }, ["\uFFFF", "\uFFFF\uFFFF"]],
  ["a prefix outside the basic plane", { prefix: "\u{1F600}", limit: 100 }, ["\u{1F600}", "\u{1F600}/1"]],
  ["a prefix before the surrogates", { prefix: "\uD7FF", limit: 100 }, []],
  ["a limit", { prefix: "a/", limit: 2 }, ["a/", "a/1"]],
  [
    "a limit beyond every count",
    { prefix: "a/", limit: Number.MAX_SAFE_INTEGER },
    ["a/", "a/1", "a/10", "a/2", "a/2/x"],
  ],
  ["a limit of none", { prefix: "a/", limit: 0 }, []],
  ["from the end", { prefix: "a/", limit: 2, fromEnd: true }, ["a/2", "a/2/x"]],
  ["from the end of everything", { prefix: "", limit: 3, fromEnd: true }, IDS.slice(-3)],
  [
    "from the end, more than there are",
    { prefix: "a/", limit: 9, fromEnd: true },
    ["a/", "a/1", "a/10", "a/2", "a/2/x"],
  ],
  ["after one", { prefix: "a/", after: "a/10", limit: 100 }, ["a/2", "a/2/x"]],
  ["after one that is not there", { prefix: "a/", after: "a/11", limit: 1 }, ["a/2"]],
  ["after one before the prefix", { prefix: "a/", after: "A", limit: 1 }, ["a/"]],
  ["after the prefix itself", { prefix: "a/", after: "a/", limit: 1 }, ["a/1"]],
  ["after the last", { prefix: "a/", after: "a/2/x", limit: 100 }, []],
  ["after one beyond the prefix", { prefix: "a/", after: "ab", limit: 100 }, []],
  ["before one", { prefix: "a/", before: "a/2", limit: 100 }, ["a/", "a/1", "a/10"]],
  ["before one, from the end", { prefix: "a/", before: "a/2", limit: 2, fromEnd: true }, ["a/1", "a/10"]],
  ["before one beyond the prefix", { prefix: "a/", before: "b", limit: 100 }, ["a/", "a/1", "a/10", "a/2", "a/2/x"]],
  ["before the first", { prefix: "a/", before: "a/", limit: 100 }, []],
  ["between two", { prefix: "", after: "a/", before: "a/2", limit: 100 }, ["a/1", "a/10"]],
  ["between two, from the end", { prefix: "", after: "A", before: "a0", limit: 1, fromEnd: true }, ["a/2/x"]],
  ["between nothing", { prefix: "", after: "b", before: "a", limit: 100 }, []],
  ["between one and itself", { prefix: "", after: "a/", before: "a/", limit: 100, fromEnd: true }, []],
]

export const listingChecks: ReadonlyArray<StoreCheck> = [
  checkOpen("a listing holds the records of its range, in ascending order of code units", (store) =>
    Effect.gen(function* () {
      const records = new Map([...IDS].reverse().map((id) => [id, new TextEncoder().encode(id)]))
      yield* store.commit(batch("h", 0, { records }))
      yield* store.commit(batch("h ", 0, { records: new Map([["a/3", Uint8Array.of(3)]]) }))
      yield* store.commit(batch("g", 0, { records: new Map([["a/3", Uint8Array.of(3)]]) }))
      for (const [says, range, ids] of ranges) {
        const expected = ids.map((id) => [id, new TextEncoder().encode(id)])
        yield* sameAs(says, yield* store.list("h", range), expected)
      }
    }),
  ),

  checkOpen("pages follow one another without gap or overlap, in both directions", (store) =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 57 }, (_, i) => `p/${String(i).padStart(3, "0")}`)
      const records = new Map([...ids, "o", "q"].map((id) => [id, new Uint8Array(3)]))
      yield* store.commit(batch("h", 0, { records }))
      const forward: Array<string> = []
      const backward: Array<string> = []
      for (let page = 0; page < 7; page++) {
        const last = forward.at(-1)
        const next = yield* store.list("h", { prefix: "p/", limit: 10, ...(last !== undefined && { after: last }) })
        forward.push(...next.map(([id]) => id))
        const first = backward[0]
        const before = first !== undefined && { before: first }
        const previous = yield* store.list("h", { prefix: "p/", limit: 10, fromEnd: true, ...before })
        backward.unshift(...previous.map(([id]) => id))
      }
      yield* sameAs("pages forward", forward, ids)
      yield* sameAs("pages backward", backward, ids)
    }),
  ),
]
