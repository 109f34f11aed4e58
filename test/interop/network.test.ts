/**
 * A bad network between the two libraries: loss, reordering, duplicates. Each delivered message opens once, and what does not
 * open changes nothing. `INTEROP_RUNS=200` tries more schedules, `INTEROP_SEED` others.
 */
import { expect, it } from "vitest"
import { decodePreKeyMessage, isPreKeyMessage } from "../../src/core/layers/signal/pre-key-message.ts"
import { MAX_RECEIVER_CHAINS } from "../../src/core/layers/signal/receiver-chain.ts"
import { decodeSignalMessage } from "../../src/core/layers/signal/signal-message.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { acquainted, type Couple, exchange, introduced, logged, other, read, SEED, type Side, write } from "./couple.ts"
import { hex } from "./us.ts"

const RUNS = Number(process.env["INTEROP_RUNS"] ?? 12)

interface Weather {
  readonly messages: number
  readonly loss: number
  readonly duplicates: number
  /** How many messages may be under way to each side before they must come. */
  readonly underWay: number
  /** How often the speaker changes. */
  readonly turns: number
}

/** Which of the sender's chains a message is of. */
const chainOf = (message: Uint8Array): string => {
  const inner = isPreKeyMessage(message) ? decodePreKeyMessage(message)!.message : message
  return hex(decodeSignalMessage(inner)!.ratchetKey)
}

/** Answers how many were delivered. */
const weather = async (couple: Couple, seed: number, { duplicates, loss, messages, turns, underWay }: Weather) => {
  const dice = makeDice(seed)
  const queues: Record<Side, Array<{ readonly words: string; readonly message: Uint8Array }>> = { us: [], peer: [] }
  const arrived: Record<Side, Array<Uint8Array>> = { us: [], peer: [] }
  let speaker: Side = "us"
  let delivered = 0
  const chains: Record<Side, Array<string>> = { us: [], peer: [] }
  /** A message of a chain that is no longer followed is lost: the fifth before the newest. */
  const isFollowed = (to: Side, message: Uint8Array): boolean => {
    const chain = chainOf(message)
    if (!chains[to].includes(chain)) chains[to].unshift(chain)
    return chains[to].indexOf(chain) < MAX_RECEIVER_CHAINS
  }
  const deliver = async (to: Side) => {
    const letter = queues[to].splice(dice.upTo(queues[to].length - 1), 1)[0]
    if (letter === undefined) return
    const followed = isFollowed(to, letter.message)
    expect(await read(couple, to, letter.message)).toBe(followed ? letter.words : undefined)
    if (!followed) return
    delivered += 1
    arrived[to].push(letter.message)
    if (dice.chance(duplicates)) expect(await read(couple, to, letter.message)).toBeUndefined()
    if (dice.chance(duplicates)) {
      const former = arrived[to][dice.upTo(arrived[to].length - 1)]!
      expect(await read(couple, to, former)).toBeUndefined()
    }
  }
  for (let i = 0; i < messages; i++) {
    if (dice.chance(turns)) speaker = other(speaker)
    const message = await write(couple, speaker, `${i}`)
    const to = other(speaker)
    if (!dice.chance(loss)) queues[to].push({ words: `${i}`, message })
    while (queues[to].length > dice.upTo(underWay)) await deliver(to)
  }
  for (const to of ["us", "peer"] as const) while (queues[to].length > 0) await deliver(to)
  for (const side of ["us", "peer", "us"] as const) await exchange(couple, side, "and on")
  return delivered
}

it("35 % of 2,000 messages are lost", async () => {
  const couple = await acquainted(100)
  await logged("loss", couple, async () => {
    const delivered = await weather(couple, SEED, {
      messages: 2_000,
      loss: 0.35,
      duplicates: 0.05,
      underWay: 4,
      turns: 0.5,
    })
    expect(delivered).toBeGreaterThan(1_100)
    expect(couple.us.session().keys!.braid.machine.context.epoch).toBeGreaterThan(8)
  })
})

it.each(Array.from({ length: RUNS }, (_, run) => run))("any weather, from the first message on: %i", async (run) => {
  const dice = makeDice(SEED + run)
  const couple = await introduced(200 + run, run % 2 === 0 ? "us" : "peer", run % 3 !== 0)
  await logged(`weather-${run}`, couple, async () => {
    // Whoever was introduced to speaks first, as the other has no session yet.
    for (let i = 0; i <= dice.upTo(3); i++) await exchange(couple, run % 2 === 0 ? "us" : "peer", "first")
    await weather(couple, SEED + run, {
      messages: 150,
      loss: dice.next() * 0.6,
      duplicates: dice.next() * 0.3,
      underWay: 1 + dice.upTo(12),
      turns: 0.1 + dice.next() * 0.9,
    })
  })
})
