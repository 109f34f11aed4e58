/**
 * A process of its own that commits as fast as it can, until it is killed: `node writer.ts FILE [hold]`. Each batch makes
 * two records and a row agree with the version, and each version is printed once it is durable. With `hold` it only opens.
 */
import { writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"

const [, , file, hold] = process.argv

const bytesOf = (version: number) => new Uint8Array(3_000).fill(version & 0xff)

const writing = Effect.gen(function* () {
  const store = yield* sqlite(file!).open
  writeSync(1, "open\n")
  if (hold !== undefined) return yield* Effect.forever(Effect.sleep("1 hour"))
  for (let { version } = yield* store.load("h"); ; version++) {
    yield* store.commit({
      host: "h",
      expected: version,
      rows: new Map([["m/1", { value: "s", context: { version: version + 1 }, timers: [] }]]),
      records: new Map([
        ["first", bytesOf(version + 1)],
        [`filler/${version % 50}`, bytesOf(version)],
        ["last", bytesOf(version + 1)],
      ]),
      outward: [{ id: `${version + 1}.0`, from: "m/1", type: "t", params: {} }],
      confirmed: [`${version}.0`],
    })
    writeSync(1, `${version + 1}\n`)
  }
})

await Effect.runPromise(Effect.scoped(writing))
