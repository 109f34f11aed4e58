/** Our Signal layer beside Signal's own library: a stream of messages, and a conversation in which every message turns. */
import * as Effect from "effect/Effect"
import { signalLayer } from "../../../src/core/layers/signal/layer.ts"
import { atMost, compare, type Entrant } from "../harness.ts"
import { acquainted, MESSAGE_BYTES, repeat, run, throughLayer, turned } from "../ours.ts"
import * as libsignal from "../peers/libsignal.ts"
import type { Result, Row } from "../result.ts"

const OURS = "Sotto, Signal layer"
const THEIRS = "libsignal-client (Rust)"

const measured = async (turning: boolean, goal: number): Promise<Result> => {
  const content = crypto.getRandomValues(new Uint8Array(MESSAGE_BYTES))
  const states = await run(acquainted())
  const ends = { one: states.one.layers.signal, other: states.other.layers.signal }
  const bound = new Uint8Array(32)
  const [there, back] = [ends, turned(ends)].map((way) => throughLayer(signalLayer, way, content, bound))
  const ours: Entrant = {
    name: OURS,
    run: (times) => run(repeat(turning ? Effect.andThen(there!, back!) : there!, times)),
  }
  const [alice, bob] = await libsignal.pair()
  const theirs: Entrant = {
    name: THEIRS,
    run: async (times) => {
      for (let i = 0; i < times; i++) {
        await bob.decrypt(await alice.encrypt(content))
        if (turning) await alice.decrypt(await bob.encrypt(content))
      }
    },
  }
  const { contenders, ratio } = await compare([ours, theirs])
  return { contenders, figures: [atMost(`${OURS} ÷ ${THEIRS}`, ratio(OURS, THEIRS), goal)] }
}

const HOW = "States and records stay in memory on both sides and nothing is serialised."

export const signalStream: Row = {
  id: "signal-stream",
  title: "Signal layer alone, 1 KiB sealed and opened, both ends",
  how: `One side writes. ${HOW}`,
  run: () => measured(false, 1),
}

export const signalTurns: Row = {
  id: "signal-turns",
  title: "Signal layer alone, two-message ping-pong (DH and braid steps)",
  how: `Each answers the other; the time is of both messages. ${HOW}`,
  run: () => measured(true, 1.5),
}
