/** The vault's statechart alone: when a key is asked for, when nothing is tried, and when it locks. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import {
  FREE_TRIES,
  LONGEST_WAIT,
  type VaultContext,
  type VaultEvent,
  type VaultInput,
  vault,
  waitAfter,
} from "../../src/machines/vault.ts"
import { happenings, isIn, isPlain, live, type Step } from "../../src/spec/machines/life.ts"
import { runs } from "../core/layers/runtime.ts"
import { assertReachable } from "./reach.ts"

const EVENTS: ReadonlyArray<VaultEvent> = [
  { type: "UnlockAsked" },
  { type: "Unlocked", autoLock: null },
  { type: "Unlocked", autoLock: 60_000 },
  { type: "KeyRefused", wrong: 1 },
  { type: "KeyRefused", wrong: FREE_TRIES + 1 },
  { type: "WaitFound", wrong: FREE_TRIES + 2, wait: 3_000 },
  { type: "UnlockFailed" },
  { type: "UserActive" },
  { type: "AutoLockChosen", after: 5_000 },
  { type: "AutoLockChosen", after: null },
  { type: "LockAsked" },
  { type: "Locked" },
  { type: "StorageLost" },
]

const inputs: fc.Arbitrary<VaultInput> = fc.record({
  made: fc.boolean(),
  wrong: fc.nat(9),
  wait: fc.constantFrom(0, 9_000),
})

const lives = fc
  .tuple(inputs, happenings(fc.constantFrom(...EVENTS), 60))
  .map(([input, happened]) => live(vault, input, happened, { answers: () => [] }))

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(300) },
    )
  })

const contextOf = ({ context }: Step) => context as VaultContext

describe("the vault's statechart", () => {
  it("can come to every state, and leaves every state", () => {
    const tells = ({ autoLock, made }: VaultContext) => [made, autoLock === null]
    assertReachable(vault, { made: false, wrong: 0, wait: 0 }, EVENTS, tells)
  })

  check("tries a key only when it is asked to, and never while it waits", (steps) => {
    for (const { commands, event, from } of steps) {
      if (!commands.some(({ type }) => type === "tryUnlock")) continue
      assert.equal(event.type, "UnlockAsked")
      assert.isTrue(isIn(from, "locked") || isIn(from, "uninitialised"))
    }
  })

  check("opens only by a key that was tried", (steps) => {
    for (const { event, from, to } of steps) {
      if (isIn(to, "open") && !isIn(from, "open")) {
        assert.isTrue(isIn(from, "unlocking"))
        assert.equal(event.type, "Unlocked")
      }
    }
  })

  check("leaves what is open only through closing everything, or because it went away", (steps) => {
    for (const { commands, event, from, to } of steps) {
      if (!isIn(from, "open") || isIn(to, "open")) continue
      if (event.type === "StorageLost") continue
      assert.isTrue(isIn(to, "locking"))
      assert.deepEqual(
        commands.map(({ type }) => type),
        ["closeAll"],
      )
    }
  })

  check("never locks by itself unless its user chose so", (steps) => {
    for (const [i, { event, from, to }] of steps.entries()) {
      if (!isIn(from, "open") || !isIn(to, "locking") || event.type === "LockAsked") continue
      assert.isNotNull(contextOf(steps[i - 1]!).autoLock)
    }
  })

  check("ends a wait by time alone", (steps) => {
    for (const { event, from, to } of steps) {
      if (isIn(from, "delayed") && !isIn(to, "delayed")) assert.match(event.type, /^xstate\.after/)
    }
  })

  check("keeps a plain context", (steps) => {
    for (const step of steps) {
      assert.isTrue(isPlain(step.context))
      assert.lengthOf(Object.keys(step.context as object), 4)
    }
  })

  it("waits nothing for four mistakes, then 8 s, doubling, at most a quarter of an hour", () => {
    assert.deepEqual([0, 1, 4, 5, 6, 7, 11, 12, 99, 1e9].map(waitAfter), [
      0,
      0,
      0,
      8e3,
      16e3,
      32e3,
      512e3,
      LONGEST_WAIT,
      LONGEST_WAIT,
      LONGEST_WAIT,
    ])
  })
})
