/** What the engine costs around the cryptography, and how many durable messages a second come of both. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as Effect from "effect/Effect"
import { memory } from "../../../src/adapters/storage/memory.ts"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"
import { sottoCascade } from "../../../src/core/layers/profile.ts"
import type { Batch, Storage } from "../../../src/core/store.ts"
import { carrying, carryingOnly } from "../carrying.ts"
import { atLeast, atMost, compare, type Entrant, measured, ROUNDS } from "../harness.ts"
import { minimalPair } from "../minimal-pair.ts"
import { acquainted, MESSAGE_BYTES, repeat, run, throughCascade } from "../ours.ts"
import { pair, stream, textOf } from "../people.ts"
import { type Row, spreadOf } from "../result.ts"

/** The words of a message whose content falls into the same bucket as what the bare cascade is given. */
const TEXT = textOf(MESSAGE_BYTES)
/** As many as a busy conversation has under way. */
const IN_FLIGHT = 64
/** What is below every figure of the engine. */
const MINIMAL = "a minimal peer, a message and side"
/** Messages of a round. */
const COUNT = 256

const bareCascade = async (): Promise<Entrant> => {
  const message = throughCascade(await run(acquainted()), new Uint8Array(MESSAGE_BYTES + 40))
  return { name: "bare cascade, seal and open", run: (times) => run(repeat(message, times)) }
}

/** Microseconds of this thread. */
const spent = (): number => {
  const { system, user } = process.threadCpuUsage()
  return user + system
}

/** Counts what all seals, openings and encodings of layers take, of messages and of acknowledgements alike. */
const metered = () => {
  let total = 0
  let frames = 0
  const cascade = sottoCascade as { -readonly [K in keyof typeof sottoCascade]: (typeof sottoCascade)[K] }
  const { encode, open, seal } = sottoCascade
  const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const start = spent()
      frames += 1
      return Effect.ensuring(
        effect,
        Effect.sync(() => void (total += spent() - start)),
      )
    })
  cascade.seal = (state, content) => timed(seal(state, content))
  cascade.open = (state, ciphertext) => timed(open(state, ciphertext))
  cascade.encode = (state) => {
    const start = spent()
    const encoded = encode(state)
    total += spent() - start
    return encoded
  }
  return { total: () => total, frames: () => frames }
}

/** What a message is to the engine, both sides together: transitions, and what is written. */
const written = async (): Promise<string> => {
  const sums = { transitions: 0, rows: 0, records: 0, bytes: 0, commands: 0, commits: 0 }
  const counting = (): Storage => {
    const storage = memory()
    const open = Effect.map(storage.open, (store) => ({
      ...store,
      commit: (batch: Batch) => {
        sums.commits += 1
        sums.rows += batch.rows.size
        sums.records += batch.records.size
        sums.commands += batch.outward.length
        for (const bytes of batch.records.values()) sums.bytes += bytes?.length ?? 0
        return store.commit(batch)
      },
    }))
    return { ...storage, open }
  }
  const { alice, bob, close, toBob } = await pair({ storage: counting })
  for (const me of [alice, bob]) me.inspect(() => void (sums.transitions += 1))
  for (const key of Object.keys(sums)) sums[key as keyof typeof sums] = 0
  await stream(toBob, bob, TEXT, COUNT, IN_FLIGHT)
  await close()
  const each = (sum: number) => (sum / COUNT).toFixed(1)
  return (
    `A message is ${each(sums.transitions)} transitions of statecharts, those inside the layers among them, ${each(sums.rows)} rows and ` +
    `${each(sums.records)} records of ${each(sums.bytes / 1_024)} KiB, and ${each(sums.commands)} outward commands, on both sides together; ` +
    `${(COUNT / sums.commits).toFixed(1)} messages share a commit.`
  )
}

export const overhead: Row = {
  id: "overhead",
  title: "Engine around the cryptography, a message",
  how:
    "API to API over a network and storages in memory, 64 messages in flight, both sides in one process: processor time of a message, less all that its seal and open, those of its " +
    "acknowledgements and the encoding of the layers' states took in the same run, each of them timed; half of the rest is one side's, the timing included. Then the same with layers that only " +
    "carry what they are given, in frames and records of the same sizes. Machines, interpreter, storage and network are in both. In the same rounds a minimal peer over the same layers and storages, " +
    "without our engine: what the promises force (encode, keep, one commit a batch, transmit, tell and acknowledge after it), and nothing else.",
  run: async () => {
    const note = await written()
    const { bob, close, toBob } = await pair()
    const meter = metered()
    await stream(toBob, bob, TEXT, 4 * COUNT, IN_FLIGHT)
    const [all, crypto, aSide, frames]: ReadonlyArray<Array<number>> = [[], [], [], []]
    for (let round = 0; round < ROUNDS; round++) {
      const [start, before, sealed] = [spent(), meter.total(), meter.frames()]
      await stream(toBob, bob, TEXT, COUNT, IN_FLIGHT)
      all!.push((spent() - start) / COUNT)
      crypto!.push((meter.total() - before) / COUNT)
      frames!.push((meter.frames() - sealed) / 2 / COUNT)
      aSide!.push((all!.at(-1)! - crypto!.at(-1)!) / 2)
    }
    carryingOnly()
    await stream(toBob, bob, TEXT, 4 * COUNT, IN_FLIGHT)
    const minimal = await minimalPair({ storage: () => memory(), cascade: carrying, together: IN_FLIGHT })
    await minimal.stream(TEXT, 8 * COUNT, IN_FLIGHT)
    const [bare, least]: ReadonlyArray<Array<number>> = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      const start = spent()
      await stream(toBob, bob, TEXT, COUNT, IN_FLIGHT)
      const between = spent()
      await minimal.stream(TEXT, COUNT, IN_FLIGHT)
      bare!.push((between - start) / COUNT / 2)
      least!.push((spent() - between) / COUNT / 2)
    }
    await Promise.all([close(), minimal.close()])
    const { contenders } = measured(
      new Map([
        ["API to API", all!],
        ["of it the layers: messages and acknowledgements", crypto!],
      ]),
      "µs",
    )
    return {
      contenders,
      figures: [
        atMost("engine, a message and side", spreadOf(aSide!), 60, "µs"),
        atMost("engine with layers that only carry, a message and side", spreadOf(bare!), 60, "µs"),
        { says: MINIMAL, unit: "µs", value: spreadOf(least!) },
        { says: "frames sealed for a message", unit: "×", value: spreadOf(frames!) },
      ],
      notes: [note],
    }
  },
}

export const durable: Row = {
  id: "durable",
  title: "Durable messages a second, API to API, SQLite",
  how:
    "Both peers in one process, each with a SQLite file (WAL, synchronous FULL), a network in memory, 64 messages in flight; a message counts when the sender knows that the other " +
    "side has it durably and the other side has told its application. Beside it the bare cascade: seal and open, no storage, no engine; and a minimal peer without our engine, that has the same layers, the same files and one sealed acknowledgement a batch. By the clock on the wall.",
  run: async () => {
    const folder = mkdtempSync(`${tmpdir()}/sotto-bench-`)
    try {
      const waited = { time: 0, commits: 0, messages: 0 }
      const timed = (storage: Storage): Storage => ({
        ...storage,
        open: Effect.map(storage.open, (store) => ({
          ...store,
          commit: (batch) =>
            Effect.suspend(() => {
              const start = performance.now()
              return Effect.ensuring(
                store.commit(batch),
                Effect.sync(() => {
                  waited.time += performance.now() - start
                  waited.commits += 1
                }),
              )
            }),
        })),
      })
      const { bob, close, toBob } = await pair({ storage: (name) => timed(sqlite(`${folder}/${name}.db`)) })
      const engine: Entrant = {
        name: "API to API, durable",
        run: (times) => {
          waited.messages += times
          return stream(toBob, bob, TEXT, times, IN_FLIGHT)
        },
      }
      const cascade = await bareCascade()
      const together = await minimalPair({
        storage: (name) => sqlite(`${folder}/minimal-${name}.db`),
        cascade: sottoCascade,
        together: IN_FLIGHT,
      })
      const minimal: Entrant = {
        name: "a minimal peer, durable",
        run: (times) => together.stream(TEXT, times, IN_FLIGHT),
      }
      const { contenders, ratio } = await compare([engine, cascade, minimal], { clock: "wall", times: COUNT })
      await Promise.all([close(), together.close()])
      const share = ratio(cascade.name, engine.name)
      const [whole, bare] = contenders.map(({ median }) => median) as [number, number]
      const commits = (1_000 * waited.time) / waited.messages
      return {
        contenders,
        figures: [
          atLeast("messages a second, to those of the bare cascade", share, 0.6),
          {
            says: "a minimal peer's, to those of the bare cascade",
            unit: "×",
            value: ratio(cascade.name, minimal.name),
          },
        ],
        notes: [
          `${(1e6 / whole).toFixed(0)} durable messages a second. Of each message, ${commits.toFixed(0)} µs went into ` +
            `commits, of both sides: ${(waited.commits / waited.messages).toFixed(2)} of them a message, ${(waited.time / waited.commits).toFixed(1)} ms each.`,
          `With commits that take no time at all it would be ${(bare / (whole - commits)).toFixed(2)} ×; for 0.6 × a message may take ${(bare / 0.6).toFixed(0)} µs, which leaves ` +
            `${(bare / 0.6 - bare).toFixed(0)} µs for both sides' engines, their commits, and the acknowledgements.`,
        ],
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
