/**
 * A process of its own that commits as fast as it can, until it is killed or robbed: `node writer.ts FILE [how…]`. Each batch makes
 * two records and a row agree with the version, and each version is printed once it is durable. `takeOver` takes the file from
 * whoever has it; `follow` waits until it is free; with `hold` it only opens. It prints "open", "lost" and why, "refused" and why.
 */
import { writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"

const [, , file, ...how] = process.argv

const say = (line: string) => Effect.sync(() => void writeSync(1, `${line}\n`))

const bytesOf = (version: number) => new Uint8Array(3_000).fill(version & 0xff)

const writing = Effect.gen(function* () {
  const storage = sqlite(file!)
  if (how.includes("follow")) {
    // Waiting keeps no process alive.
    const alive = setInterval(() => undefined, 60_000)
    yield* storage.freed!
    clearInterval(alive)
  }
  const store = yield* how.includes("takeOver") ? storage.takeOver! : storage.open
  yield* say("open")
  yield* Effect.forkScoped(Effect.flatMap(store.lost!, ({ reason }) => say(`lost ${reason}`)))
  if (how.includes("hold")) return yield* Effect.forever(Effect.sleep("1 hour"))
  for (let { version } = yield* store.load("h"); ; version++) {
    const outcome = yield* Effect.exit(
      store.commit({
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
      }),
    )
    if (outcome._tag === "Failure") {
      const failure = outcome.cause.reasons.find((reason) => reason._tag === "Fail")?.error
      yield* say(`refused ${failure?._tag === "Unavailable" ? failure.reason : failure?._tag}`)
      return yield* Effect.sleep("1 hour")
    }
    yield* say(String(version + 1))
    yield* Effect.yieldNow
  }
})

await Effect.runPromise(Effect.scoped(writing))
