/** The joiner's statechart alone: whatever arrives in whatever order, answered as its host answers. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type JoinerEvent, joiner } from "../../src/machines/joiner.ts"
import { handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { commandsIn, happenings, isIn, isPlain, live, type Step } from "../../src/spec/machines/life.ts"
import { observedPairing, verdicts } from "../../src/spec/machines/pairing-observed.ts"
import { runs } from "../core/layers/runtime.ts"
import { assertReachable } from "./reach.ts"

const via = fc.constantFrom("link-1", "link-2", "link-3")
const frame = fc.constant("arrived/1")

const event: fc.Arbitrary<JoinerEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("LinkOpened" as const), link: via }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("BundleArrived" as const), frame, via }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("ConfirmArrived" as const), frame, via }) },
  { weight: 1, arbitrary: fc.constant({ type: "PeerConfirmed" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "Superseded" } as const) },
)

const lives = fc
  .tuple(happenings(event, 60), fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }))
  .map(([happened, choices]) => live(joiner, { lifetime: 600_000 }, happened, { answers: verdicts, choices }))

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(500) },
    )
  })

describe("the joiner's statechart", () => {
  it("can come to every state, and leaves every state that is not its end", () => {
    assertReachable(joiner, { lifetime: 600_000 }, [
      { type: "LinkOpened", link: "link-1" },
      { type: "BundleArrived", frame: "a", via: "link-1" },
      { type: "BundleGenuine" },
      { type: "BundleRefused", reason: "invalid" },
      { type: "ConfirmArrived", frame: "a", via: "link-1" },
      { type: "ConfirmGenuine" },
      { type: "ConfirmRefused" },
      { type: "PeerConfirmed" },
      { type: "Superseded" },
    ] as ReadonlyArray<JoinerEvent>)
  })

  check("upholds what is said of handshakes", (steps) => {
    assert.deepEqual(violations(handshakeInvariants, observedPairing("joiner", steps)), [])
  })

  check("accepts only after a genuine Bundle, and is established only after a genuine Confirm", (steps) => {
    const genuine = new Set<string>()
    for (const { commands, event: happened } of steps) {
      if (happened.type.endsWith("Genuine")) genuine.add(happened.type)
      for (const { type } of commands) {
        if (type === "sendAccept" || type === "checkConfirm") assert.include([...genuine], "BundleGenuine")
        if (type === "sendConfirm" || type === "forgetHandshake") assert.include([...genuine], "ConfirmGenuine")
        if (type === "establish") assert.equal(happened.type, "ConfirmGenuine")
      }
    }
  })

  check("greets a link with a Hello of its own, and none after it has accepted", (steps) => {
    let accepted = false
    for (const { commands, event: happened, from } of steps) {
      accepted ||= happened.type === "BundleGenuine"
      const isNew =
        happened.type === "LinkOpened" && (isIn(from, "pairing.awaitingLink") || isIn(from, "pairing.greeting"))
      assert.equal(
        commands.some(({ type }) => type === "makeHello"),
        isNew,
      )
      for (const { params, type } of commands) {
        if (type !== "makeHello") continue
        assert.isFalse(accepted)
        assert.equal((params as { link: string }).link, (happened as { link?: string }).link)
      }
      // What was made is sent the same way.
      const made = commands.find(({ type }) => type === "makeHello")
      const sent = commands.find(({ type }) => type === "sendHello")
      if (made !== undefined) {
        assert.equal((sent!.params as { via: string }).via, (made.params as { link: string }).link)
      }
    }
  })

  check("ends once, and forgets the handshake when it is established", (steps) => {
    const types = commandsIn(steps).map(({ type }) => type)
    const count = (type: string) => types.filter((one) => one === type).length
    assert.isAtMost(count("abandon") + count("forgetHandshake"), 1)
    assert.isAtMost(count("establish"), 1)
    // What was established is given up for another copy of us only.
    if (steps.at(-1)!.event.type !== "Superseded") assert.isAtMost(count("establish") + count("abandon"), 1)
    assert.equal(steps.at(-1)!.isOver, count("abandon") + count("forgetHandshake") === 1)
  })

  check("works once for each frame that arrives, and not at all for one that it does not wait for", (steps) => {
    for (const { commands, event: happened } of steps) {
      const checks = commands.filter(({ type }) => type.startsWith("check"))
      assert.isAtMost(checks.length, happened.type.endsWith("Arrived") ? 1 : 0)
    }
  })

  check("says its Confirm until the peer is known to have it", (steps) => {
    for (const { event: happened, commands, from, to } of steps) {
      if (!isIn(from, "established") || ["PeerConfirmed", "Superseded"].includes(happened.type)) continue
      assert.isTrue(isIn(to, "established"))
      const prompts =
        ["ConfirmArrived", "LinkOpened"].includes(happened.type) || happened.type.startsWith("xstate.after")
      assert.equal(
        commands.some(({ type }) => type === "sendConfirm"),
        prompts,
      )
    }
  })

  check("keeps a plain and bounded context", (steps) => {
    for (const { context } of steps) {
      assert.isTrue(isPlain(context))
      assert.deepEqual(Object.keys(context as object).sort(), ["established", "lifetime", "sent", "via"])
    }
  })
})
