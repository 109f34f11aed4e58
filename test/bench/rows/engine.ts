/** What the engine costs around the cryptography, and how many durable messages a second come of both. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as Effect from "effect/Effect"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"
import { sottoCascade } from "../../../src/core/layers/profile.ts"
import { atLeast, atMost, compare, type Entrant } from "../harness.ts"
import { acquainted, MESSAGE_BYTES, repeat, run, throughCascade } from "../ours.ts"
import { pair, stream, textOf } from "../people.ts"
import { type Row, spreadOf } from "../result.ts"

/** The words of a message whose content falls into the same bucket as what the bare cascade is given. */
const TEXT = textOf(MESSAGE_BYTES)
/** As many as a busy conversation has under way. */
const IN_FLIGHT = 64
/** Messages of a round. */
const COUNT = 256

const bareCascade = async (): Promise<Entrant> => {
  const message = throughCascade(await run(acquainted()), new Uint8Array(MESSAGE_BYTES + 40))
  return { name: "bare cascade, seal and open", run: (times) => run(repeat(message, times)) }
}

export const overhead: Row = {
  id: "overhead",
  title: "Engine around the cryptography, a message",
  how:
    "API to API over a network and storages in memory, 64 messages in flight, both sides in one process: processor time of a message, less that of its seal and open and of " +
    "encoding the layers' states on both sides, in the same round; half of it is one side's. Machines, interpreter, storage, network, acknowledgements and their cryptography are in it.",
  run: async () => {
    const { bob, close, toBob } = await pair()
    const cascade = await bareCascade()
    const states = await run(acquainted())
    const kept: Entrant = {
      name: "encoding two states",
      run: (times) =>
        Effect.runSync(
          Effect.sync(() => {
            for (let i = 0; i < times; i++) {
              sottoCascade.encode(states.one)
              sottoCascade.encode(states.other)
            }
          }),
        ),
    }
    const engine: Entrant = { name: "API to API", run: (times) => stream(toBob, bob, TEXT, times, IN_FLIGHT) }
    const { contenders, rounds } = await compare([engine, cascade, kept], { times: COUNT })
    await close()
    const [all, crypto, encoding] = [engine, cascade, kept].map(({ name }) => rounds.get(name)!)
    const aSide = all!.map((time, i) => (time - crypto![i]! - encoding![i]!) / 2)
    return { contenders, figures: [atMost("engine, a message and side", spreadOf(aSide), 60, "µs")] }
  },
}

export const durable: Row = {
  id: "durable",
  title: "Durable messages a second, API to API, SQLite",
  how:
    "Both peers in one process, each with a SQLite file (WAL, synchronous FULL), a network in memory, 64 messages in flight; a message counts when the sender knows that the other " +
    "side has it durably and the other side has told its application. Beside it the bare cascade: seal and open, no storage, no engine. By the clock on the wall.",
  run: async () => {
    const folder = mkdtempSync(`${tmpdir()}/sotto-bench-`)
    try {
      const { bob, close, toBob } = await pair({ storage: (name) => sqlite(`${folder}/${name}.db`) })
      const engine: Entrant = {
        name: "API to API, durable",
        run: (times) => stream(toBob, bob, TEXT, times, IN_FLIGHT),
      }
      const cascade = await bareCascade()
      const { contenders, ratio } = await compare([engine, cascade], { clock: "wall", times: COUNT })
      await close()
      const share = ratio(cascade.name, engine.name)
      return {
        contenders,
        figures: [atLeast("messages a second, to those of the bare cascade", share, 0.6)],
        notes: [`${(1e6 / contenders[0]!.median).toFixed(0)} durable messages a second.`],
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
