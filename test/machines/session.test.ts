/** The session's statechart alone: no keys, no bytes, any order of events. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { getShortestPaths } from "xstate/graph"
import { step } from "../../src/core/host/step.ts"
import { session } from "../../src/machines/session.ts"
import { DELIVERY_WINDOW, MAX_EARLY, type SessionContext, type SessionEvent } from "../../src/machines/session-state.ts"
import { deliveryInvariants } from "../../src/spec/invariants/delivery.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { commandsIn, isIn, isPlain, leavesOf, namesOf, type Step, timerEventsOf } from "../../src/spec/machines/life.ts"
import { observedSession } from "../../src/spec/machines/session-observed.ts"
import { runs } from "../core/layers/runtime.ts"
import { contextOf, lives } from "./session-lives.ts"

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void, count = 300) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(count) },
    )
  })

describe("the session's statechart", () => {
  it("can come to every state, and leaves every state that is not its end", () => {
    const events: ReadonlyArray<SessionEvent> = [
      { type: "HandshakeFinished" },
      { type: "HandshakeFailed", reason: "expired" },
      { type: "NumberedOpened", number: 0, kind: "text" },
      { type: "IdentityChanged" },
      { type: "Compared", at: 1 },
      { type: "Blocked" },
      { type: "Unblocked" },
      ...(timerEventsOf(session) as ReadonlyArray<never>),
    ]
    const paths = getShortestPaths(session, {
      input: { role: "inviter" },
      events,
      serializeState: ({ value }) => JSON.stringify(value),
    })
    const reached = new Set(paths.flatMap(({ state }) => namesOf(state.value)))
    assert.deepEqual([...reached].sort(), [...leavesOf(session).keys()].sort())
    for (const [name, { final }] of leavesOf(session)) {
      const { state } = paths.find((path) => namesOf(path.state.value).includes(name))!
      const leaves = events.some((one) => !namesOf(step(session, state as never, one).snapshot.value).includes(name))
      assert.equal(leaves, !final, name)
    }
  })

  check("upholds what is said of delivery, of which it decides most", (steps) => {
    assert.deepEqual(violations(deliveryInvariants, observedSession(steps)), [])
  })

  check("gives every content of ours the next number, and every entry the next place", (steps) => {
    const numbers = commandsIn(steps).flatMap(({ params, type }) =>
      ["keepMessage", "keepProfile", "keepRekey", "keepChange", "keepTimer"].includes(type)
        ? [(params as { number: number }).number]
        : [],
    )
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i),
    )
    assert.equal(contextOf(steps.at(-1)!).written, numbers.length)
    const places = commandsIn(steps).flatMap(({ params, type }) =>
      ["keepMessage", "showMessage", "keepTimer", "takeTimer"].includes(type)
        ? [(params as { index: number }).index]
        : [],
    )
    assert.deepEqual(
      places,
      places.map((_, i) => i),
    )
  })

  check("starts deliveries in order, after there are keys, and never more than the window holds", (steps) => {
    const started = commandsIn(steps, "startDelivery").map(({ params }) => (params as { number: number }).number)
    assert.deepEqual(
      started,
      started.map((_, i) => i),
    )
    for (const { commands, context, to } of steps) {
      const { inFlight: held, released, written } = context as SessionContext
      assert.isTrue(held >= 0 && held <= DELIVERY_WINDOW && released <= written)
      if (commands.some(({ type }) => type === "startDelivery"))
        assert.isTrue(isIn(to, "conversation.established.open"))
      // Nothing waits while there is room.
      if (isIn(to, "conversation.established.open")) assert.isTrue(held === DELIVERY_WINDOW || released === written)
    }
  })

  check("shows a message when all before it have come, once, and says what is missing", (steps) => {
    const had = new Set<number>()
    const tombstones = new Set<number>()
    let last = -1
    for (const { commands, event: happened } of steps) {
      const opened = happened as SessionEvent
      const dropped = commands.some(({ type }) => type === "dropContent")
      if (opened.type === "NumberedOpened" && commands.length >= 0 && !dropped && !had.has(opened.number)) {
        if (commands.some(({ type }) => type === "startReceipt") || opened.kind !== "text") had.add(opened.number)
        if (opened.kind === "tombstone") tombstones.add(opened.number)
      }
      for (const { params, type } of commands) {
        if (type !== "showMessage") continue
        const { gap, number: shown } = params as { number: number; gap: number }
        assert.isAbove(shown, last)
        for (let i = 0; i <= shown; i++) assert.isTrue(had.has(i), `${i} has not come`)
        let missing = 0
        for (let i = last + 1; i < shown; i++) missing += tombstones.has(i) ? 1 : 0
        assert.isAtMost(gap, missing)
        last = shown
      }
    }
  })

  check("holds a bounded number of early messages, in a plain context", (steps) => {
    for (const { context } of steps) {
      assert.isTrue(isPlain(context))
      assert.deepEqual(JSON.parse(JSON.stringify(context)), context)
      const { early, next } = context as SessionContext
      assert.isAtMost(early.length, MAX_EARLY)
      assert.isTrue(early.every((one) => one.number >= next))
      assert.equal(new Set(early.map((one) => one.number)).size, early.length)
    }
  })

  check("never counts backwards", (steps) => {
    const COUNTERS = ["written", "released", "next", "history", "peerHas", "peerRead", "userRead", "readTold"] as const
    for (const { before, context } of steps) {
      if (before === undefined) continue
      for (const counter of COUNTERS) {
        assert.isAtLeast((context as SessionContext)[counter], (before as SessionContext)[counter])
      }
      const { peerHas, peerRead, readTold, userRead, written } = context as SessionContext
      assert.isTrue(peerHas <= written && peerRead <= written, "a peer has and reads what was written")
      assert.isAtMost(readTold, userRead)
    }
  })

  check("seals nothing before there are keys, nor for whoever is blocked", (steps) => {
    for (const { commands, from, to } of steps) {
      if (!commands.some(({ type }) => type === "sealAcknowledgement" || type === "sealTyping" || type === "openFrame"))
        continue
      assert.isTrue(isIn(from, "conversation.established") && isIn(to, "conversation.established"))
    }
  })

  check("acknowledges whatever came, unless it is blocked meanwhile", (steps) => {
    for (const { event: happened, from, to } of steps) {
      if (happened.type !== "NumberedOpened" && happened.type !== "FrameRepeated") continue
      assert.isTrue(isIn(to, "acknowledging.gathering"))
      assert.isTrue(isIn(from, "acknowledging"))
    }
    for (const { params } of commandsIn(steps, "sealAcknowledgement")) {
      const { also, upTo } = params as { upTo: number; also: ReadonlyArray<number> }
      assert.isAtMost(also.length, DELIVERY_WINDOW)
      assert.isTrue(also.every((one) => one > upTo))
    }
  })

  check("tells of reading only what it may", (steps) => {
    let may = 0
    for (const { commands, event: happened } of steps) {
      const read = happened as SessionEvent
      if (read.type === "UserRead" && read.tell) may = Math.max(may, read.upTo)
      for (const { params, type } of commands) {
        if (type === "sealAcknowledgement") assert.isAtMost((params as { readUpTo: number }).readUpTo, may)
      }
    }
  })

  check("sends nothing new to a changed identity until it was compared or accepted", (steps) => {
    let changed = false
    for (const { commands, event: happened, from } of steps) {
      const one = happened as SessionEvent
      if (changed && (one.type === "ContinuedUnverified" || (one.type === "Compared" && one.at !== null))) {
        // A decision while blocked is none: it is asked for again.
        if (!isIn(from, "conversation.blocked")) changed = false
      }
      if (changed) {
        for (const { type } of commands) assert.notInclude(["startDelivery", "sealTyping"], type)
      }
      if (commands.some(({ type }) => type === "tellIdentityChanged")) changed = true
    }
  })
})
