/** How one stands with the peer, as a statechart alone: whatever is asked, told, lost and agreed, in any order. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type StandingContext, type StandingEvent, standing } from "../../src/machines/standing.ts"
import { type Happening, happenings, isIn, isPlain, live, type Step } from "../../src/spec/machines/life.ts"
import { runs } from "../core/layers/runtime.ts"
import { assertReachable } from "./reach.ts"

const link = fc.constantFrom("link-1", "link-2")
const frame = fc.constant("arrived/1")
const life = fc.constantFrom("aa", "bb")
const reason = fc.constantFrom("restored" as const, "lost" as const, "cloned" as const, "renewed" as const)

const event: fc.Arbitrary<StandingEvent> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ type: "Started" } as const) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("LinkOpened" as const), link }) },
  { weight: 2, arbitrary: fc.constant({ type: "LinkLost" } as const) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("AskArrived" as const), frame, via: link }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("TellArrived" as const), frame, via: link }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("HelloArrived" as const), frame, via: link }) },
  { weight: 1, arbitrary: fc.constant({ type: "PeerWants", via: "1" } as const) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("PeerAgreed" as const), life }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("PeerDiffered" as const), reason, link, theirs: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "RenewalAsked" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "HealingFailed" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "PeerMovedOn" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "Reclaimed" } as const) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("Agreed" as const), life }) },
)

const contextOf = ({ context }: Step) => context as StandingContext

const lives = fc
  .tuple(fc.boolean(), happenings(event, 60), fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }))
  .map(([restored, happened, choices]) => {
    const paired: ReadonlyArray<Happening<StandingEvent>> = [
      { tell: { type: "LinkOpened", link: "link-1" } },
      { tell: { type: "Agreed", life: "aa" } },
    ]
    const first = restored ? [] : paired
    return live(standing, { restored }, [...first, ...happened], {
      choices,
      answers: ({ type }, choice) =>
        type === "examine" ? [{ type: "Examined", need: choice() === 0 ? "lost" : null } as never] : [],
      // What is told comes over a link, and whoever needs new keys never finds that all is well: the handler sees to that.
      isPossible: ({ type }, context) => {
        const { need, via } = context as StandingContext
        return type === "PeerAgreed" || type === "PeerDiffered" || type === "PeerMovedOn"
          ? via !== "" && (type !== "PeerAgreed" || need === null)
          : true
      },
    })
  })

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(400) },
    )
  })

describe("the standing with a peer", () => {
  it("can come to every state, and leaves every one", () => {
    assertReachable(standing, { restored: false }, [
      { type: "Agreed", life: "aa" },
      { type: "Started" },
      { type: "LinkOpened", link: "link-1" },
      { type: "LinkLost" },
      { type: "PeerWants", via: "1" },
      { type: "PeerAgreed", life: "aa" },
      { type: "PeerDiffered", reason: "cloned", link: "link-1", theirs: false },
      { type: "PeerMovedOn" },
      { type: "Reclaimed" },
    ] as ReadonlyArray<StandingEvent>)
  })

  check(
    "lets nothing be sealed in a new life, without a link, or after a difference, until the peer has vouched",
    (steps) => {
      for (const step of steps) {
        const { life: trusted } = contextOf(step)
        const happened = step.event as StandingEvent
        if (happened.type === "Started" || happened.type === "LinkLost") assert.isNull(trusted)
        if (isIn(step.to, "paired.resting")) assert.isNull(trusted)
        if (isIn(step.to, "paired.healing") && contextOf(step).reason !== "renewed") assert.isNull(trusted)
        const before = step.before as StandingContext | undefined
        if (before?.life === null && trusted !== null) assert.include(["Agreed", "PeerAgreed"], happened.type)
      }
    },
  )

  check("needs nothing once new keys are agreed, and forgets no need before", (steps) => {
    for (const step of steps) {
      const before = step.before as StandingContext | undefined
      if (step.event.type === "Agreed" || isIn(step.to, "replaced")) assert.isNull(contextOf(step).need)
      else if (before !== undefined && before.need !== null) assert.isNotNull(contextOf(step).need)
    }
  })

  check("stays silent once it was replaced, until its user wants it back", (steps) => {
    for (const { commands, context, event: happened, from, to } of steps) {
      if (!isIn(from, "replaced")) continue
      assert.equal(isIn(to, "replaced"), happened.type !== "Reclaimed")
      assert.isNull((context as StandingContext).life)
      const sends = commands.filter(({ type }) => /^(make|send|answer|allow|begin|admit)/.test(type))
      assert.isEmpty(sends)
    }
  })

  check("tells of a copy once for each time that one is found", (steps) => {
    for (const { before, commands, event: happened } of steps) {
      const told = commands.some(({ type }) => type === "tellCloned")
      const found = happened as StandingEvent
      const isNews =
        found.type === "PeerDiffered" && found.reason === "cloned" && (before as StandingContext).need !== "cloned"
      if (told) assert.isTrue(isNews)
    }
  })

  check("keeps a plain context", (steps) => {
    for (const { context } of steps) assert.isTrue(isPlain(context))
  })
})
