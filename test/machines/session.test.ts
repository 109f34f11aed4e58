/** The session's statechart alone: no keys, no bytes, any order of events. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { createActor, type EventObject } from "xstate"
import { getShortestPaths } from "xstate/graph"
import { fromRest, step } from "../../src/core/host/step.ts"
import { session } from "../../src/machines/session.ts"
import {
  DELIVERY_WINDOW,
  MAX_EARLY,
  MAX_WAITING,
  MAX_WAITING_BYTES,
  type SessionContext,
  type SessionEvent,
} from "../../src/machines/session-state.ts"
import { deliveryInvariants } from "../../src/spec/invariants/delivery.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import {
  commandsIn,
  type Happening,
  type Host,
  happenings,
  isIn,
  isPlain,
  leavesOf,
  live,
  namesOf,
  type Step,
  timerEventsOf,
} from "../../src/spec/machines/life.ts"
import { observedSession } from "../../src/spec/machines/session-observed.ts"
import { runs } from "../core/layers/runtime.ts"

const number = fc.oneof(
  { weight: 8, arbitrary: fc.noBias(fc.nat(12)) },
  { weight: 1, arbitrary: fc.integer({ min: MAX_EARLY - 1, max: 6 * MAX_EARLY }) },
  { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
)

const numbered = fc.record({
  type: fc.constant("NumberedOpened" as const),
  number,
  kind: fc.constantFrom(
    ...(["text", "text", "profile", "rekey", "tombstone", "edit", "deletion", "reaction", "timer", "void"] as const),
  ),
})

const MESSAGE: SessionEvent = {
  type: "MessageWritten",
  id: "00",
  at: 0,
  lifetime: null,
  replyTo: null,
  bytes: 5,
}

const event: fc.Arbitrary<SessionEvent> = fc.oneof(
  { weight: 12, arbitrary: numbered },
  { weight: 6, arbitrary: fc.constant(MESSAGE) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...(["edit", "deletion", "reaction"] as const).map(
        (change) => ({ type: "ChangeWritten", id: "01", change, target: "00", bytes: 3 }) as const,
      ),
    ),
  },
  { weight: 1, arbitrary: fc.constant({ type: "TimerSet", id: "02", at: 0 } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "MessageDropped", id: "00" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "ConversationCleared" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "HistoryChanged" } as const) },
  { weight: 3, arbitrary: fc.constant({ type: "HandshakeFinished" } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("HandshakeFailed" as const), reason: fc.constant("expired") }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "ProfileChanged" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "RekeyMade" } as const) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("FrameArrived" as const), frame: fc.constant("arrived/1") }) },
  { weight: 2, arbitrary: fc.constant({ type: "FrameRepeated" } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("AcknowledgementOpened" as const),
      upTo: number,
      also: fc.array(number, { maxLength: 3 }),
      readUpTo: number,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("TypingOpened" as const), active: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ type: "LinkOpened" } as const) },
  { weight: 4, arbitrary: fc.constant({ type: "DeliveryLeft", bytes: 5 } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("UserRead" as const), upTo: fc.nat(12), tell: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("UserTyped" as const), active: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ type: "IdentityChanged" } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("Compared" as const), at: fc.constantFrom(null, 1_893_456_000_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "ContinuedUnverified" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "Blocked" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "Unblocked" } as const) },
)

/** Lives in which a delivery leaves only if one was started, and what is counted is counted: as the host sees to. */
const host: Host = {
  answers: ({ type }) =>
    type === "settleReceipts" || type === "countUnread" ? [{ type: "UnreadCounted", unread: 0 } as EventObject] : [],
  isPossible: ({ type }, context) => type !== "DeliveryLeft" || (context as SessionContext).inFlight > 0,
}

const lives = fc.tuple(fc.boolean(), fc.boolean(), happenings(event, 80)).map(([paired, written, happened]) => {
  const first: ReadonlyArray<Happening<SessionEvent>> = paired ? [{ tell: { type: "HandshakeFinished" } }] : []
  const burst = written ? Array.from({ length: DELIVERY_WINDOW }, () => ({ tell: MESSAGE })) : []
  return live(session, { role: "inviter" }, [...first, ...burst, ...happened], host)
})

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void, count = 300) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(count) },
    )
  })

const contextOf = ({ context }: Step) => context as SessionContext

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

  it("takes in a full window of early messages in one step", () => {
    const early = Array.from({ length: MAX_EARLY }, (_, i) => ({ number: MAX_EARLY - i, kind: "text" as const }))
    const context = { ...contextOf(live(session, { role: "inviter" }, [])[0]!), early }
    const value = { conversation: { established: "open" }, acknowledging: "idle" }
    const { commands, snapshot } = step(session, fromRest(session, { value, context }), {
      type: "NumberedOpened",
      number: 0,
      kind: "text",
    } as SessionEvent)
    assert.lengthOf(
      commands.filter(({ type }) => type === "showMessage"),
      MAX_EARLY + 1,
    )
    assert.deepEqual((snapshot.context as SessionContext).early, [])
  })

  it("waits for a missing message up to a bound, then shows the gap, and the late one never", () => {
    const opened = (number: number) => ({ tell: { type: "NumberedOpened", number, kind: "text" } as const })
    const early = Array.from({ length: MAX_EARLY }, (_, i) => opened(i + 2))
    const first = { tell: { type: "HandshakeFinished" } as const }
    const waiting = live<SessionEvent>(session, { role: "inviter" }, [first, ...early], host)
    assert.lengthOf(commandsIn(waiting, "showMessage"), 0)
    const one = opened(MAX_EARLY + 2)
    const passed = live<SessionEvent>(session, { role: "inviter" }, [first, ...early, one, opened(1), one], host)
    const shown = commandsIn(passed, "showMessage").map(({ params }) => params as { number: number; gap: number })
    assert.deepEqual(
      shown.map(({ gap, number }) => [number, gap]),
      Array.from({ length: MAX_EARLY + 1 }, (_, i) => [i + 2, i === 0 ? 2 : 0]),
    )
  })

  it("shows what waited where the peer repeats it, and what it does not repeat after all that it does", () => {
    const opened = (number: number, before?: number) => ({
      tell: { type: "NumberedOpened", number, kind: "text", ...(before !== undefined && { before }) } as const,
    })
    const healed = {
      tell: {
        ...({ type: "Healed", base: null, written: 0, bytes: 0, reason: "restored" } as const),
        ...{ theirs: 10, repeats: 3 },
      },
    } as const
    const first = { tell: { type: "HandshakeFinished" } as const }
    const steps = live<SessionEvent>(
      session,
      { role: "inviter" },
      // 2 comes again as 11, and 4 does not: whoever wrote it has forgotten it.
      [first, opened(4), opened(2), healed, opened(11, 2), opened(13), opened(10), opened(12)],
      host,
    )
    const shown = commandsIn(steps, "showMessage").map(({ params }) => params as { number: number; as: number })
    assert.deepEqual(
      shown.map(({ as, number }) => [number, as]),
      [
        [10, 10],
        [11, 11],
        [12, 12],
        [4, 12],
        [13, 13],
      ],
    )
    assert.deepEqual(
      commandsIn(steps, "leaveAside").map(({ params }) => params),
      [{ number: 2 }],
    )
  })

  it("keeps what the peer has ahead of its turn until that has come", () => {
    const acknowledged = (upTo: number, also: ReadonlyArray<number>) => ({
      tell: { type: "AcknowledgementOpened", upTo, also, readUpTo: 0 } as const,
    })
    const steps = live<SessionEvent>(
      session,
      { role: "inviter" },
      [
        { tell: { type: "HandshakeFinished" } },
        ...Array.from({ length: 3 }, () => ({ tell: MESSAGE })),
        acknowledged(0, [2, 3, 99]),
        acknowledged(1, [3]),
        acknowledged(4, []),
      ],
      host,
    )
    assert.deepEqual(
      commandsIn(steps, "settleDeliveries").map(({ params }) => {
        const { apart, passed } = params as { apart: ReadonlyArray<number>; passed: ReadonlyArray<number> }
        return [apart, passed]
      }),
      [
        [[2, 3], []],
        [[2, 3], []],
        [[], [2, 3]],
      ],
    )
  })

  it("takes no more than may wait, but for what takes away", () => {
    const steps = live<SessionEvent>(session, { role: "inviter" }, [
      ...Array.from({ length: MAX_WAITING + 5 }, () => ({ tell: MESSAGE })),
      { tell: { type: "ChangeWritten", id: "01", change: "edit", target: "00", bytes: 1 } },
      { tell: { type: "ChangeWritten", id: "01", change: "deletion", target: "00", bytes: 0 } },
    ])
    assert.lengthOf(commandsIn(steps, "keepMessage"), MAX_WAITING)
    const changes = commandsIn(steps, "keepChange").map(({ params }) => (params as { change: string }).change)
    assert.deepEqual(changes, ["deletion"])
    const long: SessionEvent = { ...MESSAGE, bytes: 65_536 }
    const full = live(
      session,
      { role: "inviter" },
      Array.from({ length: 300 }, () => ({ tell: long })),
    )
    assert.lengthOf(commandsIn(full, "keepMessage"), MAX_WAITING_BYTES / 65_536)
    const { waitingBytes } = contextOf(full.at(-1)!)
    assert.equal(waitingBytes, MAX_WAITING_BYTES)
    // What has gone makes room.
    const gone = step(session, fromRest(session, { value: full.at(-1)!.to, context: full.at(-1)!.context }), {
      type: "HandshakeFinished",
    } as SessionEvent)
    const left = step(session, gone.snapshot, { type: "DeliveryLeft", bytes: 65_536 } as SessionEvent)
    const more = step(session, left.snapshot, long)
    assert.isTrue(more.commands.some(({ type }) => type === "keepMessage"))
  })

  it("goes on in a changed identity's pause after blocking and unblocking", () => {
    const tell = (...events: ReadonlyArray<SessionEvent>) =>
      live(
        session,
        { role: "inviter" },
        events.map((one) => ({ tell: one })),
        host,
      ).at(-1)!
    const paused = [{ type: "HandshakeFinished" }, { type: "IdentityChanged" }] as const
    assert.isTrue(isIn(tell(...paused).to, "conversation.established.paused"))
    const again = [...paused, { type: "Blocked" }, { type: "Unblocked" }] as const
    assert.isTrue(isIn(tell(...again).to, "conversation.established.paused"))
    assert.isTrue(isIn(tell(...again, { type: "Compared", at: null }).to, "conversation.established.paused"))
    assert.isTrue(isIn(tell(...again, { type: "Compared", at: 1 }).to, "conversation.established.open"))
    assert.isTrue(isIn(tell(...again, { type: "ContinuedUnverified" }).to, "conversation.established.open"))
  })

  it("runs as an ordinary XState actor too", () => {
    const actor = createActor(session, { input: { role: "joiner" } }).start()
    actor.send({ type: "HandshakeFinished" })
    assert.isTrue(actor.getSnapshot().matches({ conversation: { established: "open" } }))
    actor.stop()
  })
})
