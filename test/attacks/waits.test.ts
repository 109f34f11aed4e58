/**
 * Somebody at the keyboard of a locked profile who also sets the clock and starts the app anew: how soon they may try again. Time
 * here is what really passes; the clock is what the device says.
 */
import { assert, describe, it, vi } from "vitest"
import { makeShelves } from "../../src/adapters/storage/memory.ts"
import { FREE_TRIES, LONGEST_WAIT, waitAfter } from "../../src/machines/vault.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { words } from "../core/vault/people.ts"
import { person } from "../engine/people.ts"
import { inWorld, type World } from "../engine/world.ts"

const HOUR = 3_600_000

/** A locked profile, and what is tried on it. `passed` is the time that has really passed. */
const siege = async (world: World) => {
  const shelves = makeShelves()
  const tries: Array<number> = []
  let passed = 0
  let said = "right"
  const unlock = words(({ why }) => {
    if (why === "unlock") tries.push(passed)
    return said
  })
  const options = { shelves, unlock, startLocked: true }
  let me = (await person(world, options)).me
  await world.hear(me.unlock())
  await world.hear(me.lock())
  tries.length = 0
  said = "wrong"
  return {
    tries,
    attempt: async () => {
      await world.hear(
        me.unlock().catch(() => undefined),
        1,
      )
    },
    reload: async () => {
      await world.hear(me.close())
      me = (await person(world, options)).me
    },
    pass: async (ms: number) => {
      passed += ms
      await world.pass(ms)
    },
    setClock: (by: number) => void vi.setSystemTime(Date.now() + by),
    isDelayed: () => me.vault.state.get().state === "delayed",
    letIn: async () => {
      said = "right"
      await world.hear(me.unlock())
      return me.status.get()
    },
  }
}

/** The least that lies between a try and the next one. */
const faultsIn = (tries: ReadonlyArray<number>): ReadonlyArray<string> =>
  tries.flatMap((at, index) => {
    const wait = waitAfter(index)
    const since = index === 0 ? Number.POSITIVE_INFINITY : at - tries[index - 1]!
    return since < wait ? [`try ${index + 1} came after ${since} ms, not ${wait}`] : []
  })

describe("the waits after wrong tries", () => {
  it("are not shortened by any course of tries, restarts, and clocks that are set back", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const dice = makeDice(seed)
      await inWorld(async (world) => {
        const { attempt, pass, reload, setClock, tries } = await siege(world)
        for (let act = 0; act < 60; act++) {
          const way = dice.upTo(9)
          if (way < 5) await attempt()
          else if (way < 7) await pass(1 + dice.upTo(20_000))
          else if (way < 9) await reload()
          else setClock(-dice.upTo(2 * HOUR))
        }
        assert.isAbove(tries.length, FREE_TRIES, `seed ${seed}`)
        assert.deepEqual(faultsIn(tries), [], `seed ${seed}`)
      })
    }
  })

  it("are not shortened by a clock that is set forward, while the app runs", () =>
    inWorld(async (world) => {
      const { attempt, pass, setClock, tries } = await siege(world)
      for (let wrong = 0; wrong <= FREE_TRIES; wrong++) await attempt()
      setClock(24 * HOUR)
      await attempt()
      await pass(7_900)
      await attempt()
      assert.lengthOf(tries, FREE_TRIES + 1)
      await pass(200)
      await attempt()
      assert.lengthOf(tries, FREE_TRIES + 2)
      assert.deepEqual(faultsIn(tries), [])
    }))

  it("let the owner in after the longest of them, however the clock was set back", () =>
    inWorld(async (world) => {
      const { attempt, isDelayed, letIn, pass, reload, setClock } = await siege(world)
      for (let wrong = 0; wrong <= FREE_TRIES; wrong++) await attempt()
      setClock(-1_000 * HOUR)
      await reload()
      await pass(LONGEST_WAIT)
      assert.isFalse(isDelayed())
      assert.equal(await letIn(), "ready")
    }))

  it("begin anew and end, where the clock is set back while the app runs", () =>
    inWorld(async (world) => {
      const { attempt, isDelayed, letIn, pass, setClock, tries } = await siege(world)
      for (let wrong = 0; wrong <= FREE_TRIES; wrong++) await attempt()
      const wait = waitAfter(FREE_TRIES + 1)
      setClock(-1_000 * HOUR)
      await pass(2 * wait)
      assert.isFalse(isDelayed())
      // What is stored says the same as long, until somebody looks.
      await attempt()
      assert.lengthOf(tries, FREE_TRIES + 1)
      await pass(wait)
      assert.equal(await letIn(), "ready")
    }))

  it("cannot hold against a clock that is set forward before the app is started anew: each try counts all the same", () =>
    inWorld(async (world) => {
      const { attempt, isDelayed, reload, setClock, tries } = await siege(world)
      for (let wrong = 0; wrong <= FREE_TRIES; wrong++) await attempt()
      for (let wrong = FREE_TRIES + 2; wrong < FREE_TRIES + 6; wrong++) {
        setClock(waitAfter(wrong))
        await reload()
        assert.isFalse(isDelayed(), "nothing on the device knows better than its clock")
        await attempt()
        assert.lengthOf(tries, wrong)
        assert.isTrue(isDelayed(), "the next wait has begun, and is the longer one")
      }
    }))
})
