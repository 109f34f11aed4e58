/** The link's statechart alone: when it dials, asks, gives up and rests. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type LinkContext, type LinkEvent, link, MAX_ATTEMPTS } from "../../src/machines/link.ts"
import { type Answers, commandsIn, happenings, isIn, isPlain, live, type Step } from "../../src/spec/machines/life.ts"
import { runs } from "../core/layers/runtime.ts"
import { assertReachable } from "./reach.ts"

const EVENTS: ReadonlyArray<LinkEvent> = [
  { type: "Started" },
  { type: "LinkOpened", link: "link-1" },
  { type: "LinkLost" },
  { type: "DialFailed", reason: "absent", service: null },
  { type: "DialFailed", reason: "service", service: "broker.example:9000" },
  { type: "PeerFound" },
  { type: "NobodyToDial" },
  { type: "EchoArrived" },
  { type: "UserAsked" },
  { type: "NetworkReturned" },
  { type: "Paused" },
  { type: "Resumed" },
]

const PAUSE_DRAWN: LinkEvent = { type: "PauseDrawn", pause: 700 }
const draw: Answers = ({ type }) => (type === "drawPause" ? [PAUSE_DRAWN] : [])

const lives = happenings(fc.constantFrom(...EVENTS), 80).map((happened) =>
  live(link, undefined, happened, { answers: draw }),
)

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(500) },
    )
  })

const contextOf = ({ context }: Step) => context as LinkContext

describe("the link's statechart", () => {
  it("can come to every state, and leaves every state", () => {
    assertReachable(link, undefined, [...EVENTS, PAUSE_DRAWN], ({ attempt }: LinkContext) => attempt)
  })

  check("never ends", (steps) => {
    assert.isTrue(steps.every(({ isOver }) => !isOver))
  })

  check("dials only on entering an attempt, and nobody while paused", (steps) => {
    for (const { commands, from, to } of steps) {
      const dials = commands.filter(({ type }) => type === "dial").length
      assert.isAtMost(dials, 1)
      if (dials > 0) assert.isTrue(isIn(to, "connecting"))
      if (isIn(from, "paused") && isIn(to, "paused")) assert.isTrue(commands.every(({ type }) => type === "hangUp"))
    }
  })

  check("leaves its pause only when it is resumed", (steps) => {
    for (const { event, from, to } of steps) {
      if (isIn(from, "paused") && !isIn(to, "paused")) assert.equal(event.type, "Resumed")
    }
  })

  check("hangs up when paused and when an open link is dead, and never otherwise", (steps) => {
    for (const { at, type } of commandsIn(steps)) {
      if (type !== "hangUp") continue
      const { event, from } = steps[at]!
      assert.isTrue(event.type === "Paused" || (isIn(from, "linked.degraded") && event.type.startsWith("xstate.after")))
    }
  })

  check("gives up after so many failures in a row, and counts from nothing after a success", (steps) => {
    for (const step of steps) {
      const { attempt } = contextOf(step)
      assert.isBelow(attempt, MAX_ATTEMPTS)
      if (isIn(step.to, "linked") || isIn(step.to, "givenUp")) assert.equal(attempt, 0)
    }
  })

  check("announces every link that opens where one may, and asks only open ones for a sign", (steps) => {
    for (const { commands, event, from, to } of steps) {
      const announced = commands.filter(({ type }) => type === "announceOpen")
      const isNews = event.type === "LinkOpened" && !isIn(from, "paused")
      assert.lengthOf(announced, isNews ? 1 : 0)
      if (commands.some(({ type }) => type === "probe")) assert.isTrue(isIn(to, "linked"))
    }
  })

  check("counts how often a link came back", (steps) => {
    let opened = 0
    for (const step of steps) {
      if (!isIn(step.from, "linked") && isIn(step.to, "linked")) opened += 1
      assert.equal(contextOf(step).reconnects, Math.max(0, opened - 1))
    }
  })

  check("keeps a plain and bounded context, and says why only while it is so", (steps) => {
    for (const step of steps) {
      assert.isTrue(isPlain(step.context))
      assert.lengthOf(Object.keys(step.context as object), 6)
      if (isIn(step.to, "linked")) assert.isNull(contextOf(step).reason)
    }
  })

  it("comes to an open link from wherever it is, once one opens and nobody has paused it", () => {
    fc.assert(
      fc.property(happenings(fc.constantFrom(...EVENTS), 40), (happened) => {
        const end = [
          { tell: { type: "Resumed" } as LinkEvent },
          { tell: { type: "LinkOpened", link: "link-9" } as LinkEvent },
        ]
        const steps = live(link, undefined, [...happened, ...end], { answers: draw })
        assert.isTrue(isIn(steps.at(-1)!.to, "linked"))
      }),
      { numRuns: runs(300) },
    )
  })
})
