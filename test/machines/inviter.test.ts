/** The inviter's statechart alone: whatever arrives in whatever order, answered as its host answers. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type InviterContext, type InviterEvent, inviter, MAX_OFFERS } from "../../src/machines/inviter.ts"
import { handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { commandsIn, happenings, isIn, isPlain, live, type Step } from "../../src/spec/machines/life.ts"
import { observedPairing, verdicts } from "../../src/spec/machines/pairing-observed.ts"
import { runs } from "../core/layers/runtime.ts"
import { assertReachable } from "./reach.ts"

const via = fc.constantFrom("link-1", "link-2", "link-3")
const frame = fc.constant("arrived/1")

const event: fc.Arbitrary<InviterEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("HelloArrived" as const), frame, via }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("AcceptArrived" as const), frame, via }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("ConfirmArrived" as const), frame, via }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("LinkOpened" as const), link: via }) },
  { weight: 1, arbitrary: fc.constantFrom({ type: "Cancelled" } as const, { type: "Superseded" } as const) },
)

const lives = fc
  .tuple(happenings(event, 60), fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }))
  .map(([happened, choices]) => live(inviter, { lifetime: 600_000 }, happened, { answers: verdicts, choices }))

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(500) },
    )
  })

describe("the inviter's statechart", () => {
  it("can come to every state, and leaves every state that is not its end", () => {
    assertReachable(
      inviter,
      { lifetime: 600_000, again: true },
      [
        { type: "HelloArrived", frame: "a", via: "link-1" },
        { type: "HelloGenuine" },
        { type: "HelloRefused", reason: "invalid" },
        { type: "AcceptArrived", frame: "a", via: "link-1" },
        { type: "AcceptGenuine" },
        { type: "AcceptRefused", reason: "invalid" },
        { type: "ConfirmArrived", frame: "a", via: "link-1" },
        { type: "ConfirmGenuine" },
        { type: "ConfirmRefused" },
        { type: "Cancelled" },
        { type: "Superseded" },
      ] as ReadonlyArray<InviterEvent>,
      ({ offered }: InviterContext) => offered,
    )
  })

  check("upholds what is said of handshakes", (steps) => {
    assert.deepEqual(violations(handshakeInvariants, observedPairing("inviter", steps)), [])
  })

  check(
    "offers only after a genuine Hello, confirms only after a genuine Accept, is done only after a genuine Confirm",
    (steps) => {
      const genuine = new Set<string>()
      for (const { commands, event: happened } of steps) {
        if (happened.type.endsWith("Genuine")) genuine.add(happened.type)
        for (const { type } of commands) {
          if (type === "sendBundle") assert.include([...genuine], "HelloGenuine")
          if (type === "checkAccept") assert.include([...genuine], "HelloGenuine")
          if (type === "sendConfirm" || type === "checkConfirm") assert.include([...genuine], "AcceptGenuine")
          if (type === "finish") assert.equal(happened.type, "ConfirmGenuine")
        }
      }
    },
  )

  check("ends once: with a session or without", (steps) => {
    const ends = commandsIn(steps).filter(({ type }) => type === "finish" || type === "abandon")
    assert.isAtMost(ends.length, 1)
    const last = steps.at(-1)!
    assert.equal(last.isOver, ends.length === 1)
    for (const { at, params, type } of ends) {
      const how =
        { Cancelled: "cancelled", ConfirmGenuine: "established", Superseded: "superseded" }[steps[at]!.event.type] ??
        "expired"
      assert.equal(steps[at]!.to, how)
      if (type === "abandon") assert.equal((params as { reason: string }).reason, how)
    }
  })

  check("works once for each frame that arrives, and not at all for one that it does not wait for", (steps) => {
    for (const { commands, event: happened } of steps) {
      const checks = commands.filter(({ type }) => type.startsWith("check"))
      assert.isAtMost(checks.length, happened.type.endsWith("Arrived") ? 1 : 0)
    }
  })

  check("answers the way that the last genuine message came", (steps) => {
    let asked = ""
    let last = ""
    let agreed = false
    for (const { commands, event: happened, to } of steps) {
      const one = happened as InviterEvent
      if (one.type === "HelloArrived" || one.type === "AcceptArrived") asked = one.via
      if (one.type === "HelloGenuine" || one.type === "AcceptGenuine") last = asked
      // Once there are keys only the peer can use what is sent, so any way will do.
      if (agreed && one.type === "AcceptArrived" && isIn(to, "agreed.confirming")) last = one.via
      if (agreed && one.type === "LinkOpened" && isIn(to, "agreed.confirming")) last = one.link
      agreed ||= one.type === "AcceptGenuine"
      for (const { params, type } of commands) {
        if (type === "sendBundle" || type === "sendConfirm") assert.equal((params as { via: string }).via, last)
      }
    }
  })

  check("repeats an offer a few times only", (steps) => {
    let inRow = 0
    for (const { commands, event: happened } of steps) {
      if (happened.type === "HelloGenuine") inRow = 0
      inRow += commands.filter(({ type }) => type === "sendBundle").length
      assert.isAtMost(inRow, MAX_OFFERS)
    }
  })

  it("gives up an offer that nobody takes, and waits for another Hello", () => {
    const greeted = { tell: { type: "HelloArrived", frame: "a", via: "link-1" } as InviterEvent }
    // Of its two timers the second one repeats the offer.
    const happened = [greeted, ...Array.from({ length: MAX_OFFERS }, () => ({ ring: 1 })), greeted]
    const steps = live(inviter, { lifetime: 600_000 }, happened, { answers: verdicts, choices: [0] })
    assert.lengthOf(commandsIn(steps.slice(0, -2), "sendBundle"), MAX_OFFERS)
    assert.isTrue(isIn(steps.at(-3)!.to, "pairing.awaitingHello"))
    assert.isTrue(isIn(steps.at(-1)!.to, "pairing.offering"))
  })

  check("keeps a plain and bounded context", (steps) => {
    for (const { context } of steps) {
      assert.isTrue(isPlain(context))
      const NAMES = ["again", "agreed", "asking", "lifetime", "offered", "sent", "via"]
      assert.deepEqual(Object.keys(context as object).sort(), NAMES)
    }
  })

  it("begins anew beside a running session only, and keeps what was agreed until a greeting is genuine", () => {
    const tell = (type: InviterEvent["type"]) => ({ tell: { type, frame: "a", via: "link-1" } as InviterEvent })
    const agreed = [tell("HelloArrived"), tell("AcceptArrived"), tell("HelloArrived")]
    const end = (again: boolean, ...choices: ReadonlyArray<number>) =>
      live(inviter, { lifetime: 600_000, again }, agreed, { answers: verdicts, choices }).at(-1)!
    assert.isTrue(isIn(end(false, 0).to, "agreed.confirming.awaitingConfirm"))
    const kept = end(true, 0, 0, 1)
    assert.isTrue(isIn(kept.to, "agreed.confirming.awaitingConfirm"))
    assert.isTrue((kept.context as InviterContext).agreed)
    const anew = end(true, 0, 0, 0)
    assert.isTrue(isIn(anew.to, "pairing.offering"))
    assert.isFalse((anew.context as InviterContext).agreed)
  })

  it("takes a genuine Accept after any number of refused frames", () => {
    const refused = fc.array(fc.constantFrom("HelloArrived" as const, "AcceptArrived" as const), { maxLength: 20 })
    fc.assert(
      fc.property(refused, (kinds) => {
        const tell = (type: InviterEvent["type"]) => ({ tell: { type, frame: "a", via: "link-1" } as InviterEvent })
        const happened = [tell("HelloArrived"), ...kinds.map(tell), tell("AcceptArrived")]
        const choices = [0, ...kinds.map(() => 1), 0]
        const steps = live(inviter, { lifetime: 600_000 }, happened, { answers: verdicts, choices })
        assert.isTrue(isIn(steps.at(-1)!.to, "agreed"))
      }),
      { numRuns: runs(200) },
    )
  })
})
