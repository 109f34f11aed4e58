/**
 * People who talk, on virtual time: the real engine behind its public face, a network in memory, and a clock that only
 * moves when nothing else can happen. Docs: architecture.md, "Ports".
 *
 * Time is the runtime's own, replaced: what sleeps by Effect's clock sleeps by it. Everything else runs for real.
 */
import { vi } from "vitest"
import { type MemoryNetwork, memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"

/** Where virtual time starts: any day will do, as long as it is the same one. */
const START = Date.UTC(2030, 0, 1)

/** Rounds of the event loop in which nothing happens, after which only time can move anything. */
const QUIET_ROUNDS = 12

export interface World {
  readonly network: MemoryNetwork
  /** To be called whenever something happens that others may react to. */
  readonly stir: () => void
  /** Lets everything happen that needs no time. */
  readonly settle: () => Promise<void>
  /** Lets time pass, timer by timer, until the condition holds. Throws where it does not within `limit` milliseconds. */
  readonly until: (what: string, holds: () => boolean, limit?: number) => Promise<void>
  /** Lets this much time pass, and everything that comes of it. */
  readonly pass: (ms: number) => Promise<void>
  /** Resolves a promise by letting time pass. */
  readonly hear: <A>(promise: Promise<A>, limit?: number) => Promise<A>
  readonly now: () => number
}

const round = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Runs a story on virtual time. `seed` decides what the runtime's Math.random would: pauses between attempts. */
export const inWorld = async <A>(story: (world: World) => Promise<A>, seed = 1): Promise<A> => {
  const toFake = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] as const
  vi.useFakeTimers({ toFake: [...toFake], now: START })
  // Effect's steady clock; setting the wall clock does not move it.
  const steady = vi
    .spyOn(process.hrtime, "bigint")
    .mockImplementation(() => BigInt(Math.round(performance.now() * 1_000_000)))
  const dice = makeDice(seed)
  const chance = vi.spyOn(Math, "random").mockImplementation(dice.next)
  let stirred = 0
  const settle = async () => {
    for (let quiet = 0, seen = stirred; quiet < QUIET_ROUNDS; quiet++) {
      await round()
      if (seen === stirred) continue
      seen = stirred
      quiet = 0
    }
  }
  /** On to the next thing that time brings. */
  const advance = async () => {
    await vi.advanceTimersToNextTimerAsync()
    stirred++
  }
  const world: World = {
    network: memoryNetwork(),
    stir: () => void stirred++,
    settle,
    now: () => Date.now(),
    until: async (what, holds, limit = 3_600_000) => {
      const end = Date.now() + limit
      while (true) {
        await settle()
        if (holds()) return
        if (Date.now() >= end || vi.getTimerCount() === 0) throw new Error(`it never came to this: ${what}`)
        await advance()
      }
    },
    pass: async (ms) => {
      let over = false
      setTimeout(() => void (over = true), ms)
      await settle()
      while (!over) {
        await advance()
        await settle()
      }
    },
    hear: async (promise, limit) => {
      let done = false
      const settled = promise.then(
        () => void (done = true),
        () => void (done = true),
      )
      await world.until("a promise settles", () => done, limit)
      await settled
      return promise
    },
  }
  try {
    return await story(world)
  } finally {
    chance.mockRestore()
    steady.mockRestore()
    vi.useRealTimers()
  }
}
