/** The statechart of what disappears, alone. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type ExpiryEvent, expiry } from "../../src/machines/expiry.ts"
import { type Answers, commandsIn, happenings, isIn, isPlain, live } from "../../src/spec/machines/life.ts"
import { runs } from "../core/layers/runtime.ts"
import { assertReachable } from "./reach.ts"

const EVENTS: ReadonlyArray<ExpiryEvent> = [{ type: "Changed" }, { type: "Cleared" }, { type: "Opened" }]

/** Each look finds something that is due at once, later, or nothing. */
const host: Answers = ({ type }, choice) =>
  type === "plan" || type === "eraseDue" ? [{ type: "Planned", pause: [0, 5_000, null][choice() % 3] } as never] : []

const lives = fc
  .tuple(happenings(fc.constantFrom(...EVENTS), 30), fc.array(fc.nat(2), { minLength: 1, maxLength: 7 }))
  .map(([happened, choices]) => live(expiry, undefined, happened, { answers: host, choices }))

describe("the statechart of what disappears", () => {
  it("can come to every state, and leaves every state that is not its end", () => {
    const planned: ReadonlyArray<ExpiryEvent> = [
      { type: "Planned", pause: 5 },
      { type: "Planned", pause: null },
    ]
    assertReachable(expiry, undefined, [...EVENTS, ...planned])
  })

  it("erases when its time has come, when it is told to, and when the process begins; it ends when nothing is counted", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        steps.forEach(({ commands, context, event, isOver, to }) => {
          assert.isTrue(isPlain(context))
          const erases = commands.some(({ type }) => type === "eraseDue")
          const isTime = event.type.startsWith("xstate.after") || event.type === "Cleared" || event.type === "Opened"
          assert.equal(erases, isTime)
          if (event.type === "Planned") {
            assert.equal(isOver, (event as { pause?: number | null }).pause === null)
            assert.isTrue(isOver || isIn(to, "waiting"))
          }
        })
        assert.equal(commandsIn(steps, "plan").length, 1 + steps.filter(({ event }) => event.type === "Changed").length)
      }),
      { numRuns: runs(300) },
    )
  })
})
