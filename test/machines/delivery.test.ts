/** The statecharts of one outgoing and one incoming message alone. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import {
  type DeliveryContext,
  type DeliveryEvent,
  delivery,
  TRANSMISSIONS_A_SEALING,
} from "../../src/machines/delivery.ts"
import { type ReceiptEvent, receipt } from "../../src/machines/receipt.ts"
import { type Answers, commandsIn, happenings, isIn, isPlain, live, type Step } from "../../src/spec/machines/life.ts"
import { runs } from "../core/layers/runtime.ts"
import { assertReachable } from "./reach.ts"

const EVENTS: ReadonlyArray<DeliveryEvent> = [
  { type: "LinkOpened" },
  { type: "Acknowledged" },
  { type: "PeerRead" },
  { type: "Retired" },
  { type: "SessionEnded" },
  { type: "Withdrawn", outcome: "deleted" },
  { type: "Withdrawn", outcome: "expired" },
]

/** Sealing always comes to something; a transmission only where there is a link. */
const host: Answers = ({ type }, choice) => {
  if (type === "seal" || type === "sealTombstone") return [{ type: "Sealed" }]
  return type === "transmit" && choice() % 3 > 0 ? [{ type: "Transmitted" }] : []
}

const rare = fc.oneof(
  { weight: 6, arbitrary: fc.constant(EVENTS[0]!) },
  ...EVENTS.slice(1).map((event) => ({ weight: 1, arbitrary: fc.constant(event) })),
)

const lives = fc
  .tuple(fc.constantFrom(null, 60_000), happenings(rare, 30), fc.array(fc.nat(2), { minLength: 1, maxLength: 9 }))
  .map(([lifetime, happened, choices]) => live(delivery, { number: 7, lifetime }, happened, { answers: host, choices }))

const check = (name: string, holds: (steps: ReadonlyArray<Step>) => void) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (steps) => holds(steps)),
      { numRuns: runs(500) },
    )
  })

const typesIn = (steps: ReadonlyArray<Step>) => commandsIn(steps).map(({ type }) => type)
const count = (types: ReadonlyArray<string>, type: string) => types.filter((one) => one === type).length

describe("a delivery's statechart", () => {
  it("can come to every state, and leaves every state that is not its end", () => {
    const all = [...EVENTS, { type: "Sealed" }, { type: "Transmitted" }]
    for (const lifetime of [null, 60_000]) assertReachable(delivery, { number: 0, lifetime }, all)
  })

  check("is sealed before it is sent, and anew only after many sendings; a tombstone likewise", (steps) => {
    const types = typesIn(steps)
    const tombstone = types.indexOf("sealTombstone")
    assert.equal(
      tombstone >= 0,
      steps.some(({ to }) => isIn(to, "withdrawn")),
    )
    if (tombstone >= 0) assert.isBelow(types.indexOf("keepOutcome"), tombstone)
    for (const [seal, part] of [
      ["seal", types.slice(0, tombstone < 0 ? types.length : tombstone)],
      ["sealTombstone", tombstone < 0 ? [] : types.slice(tombstone)],
    ] as const) {
      assert.isTrue(part.length === 0 || part[0] === seal || part[0] === "keepOutcome")
      let sealed = 0
      let sent = 0
      for (const type of part) {
        if (type === seal) {
          if (sealed > 0) assert.isAtLeast(sent, TRANSMISSIONS_A_SEALING * 2 ** (sealed - 1))
          sealed += 1
        }
        if (type === "transmit") sent += 1
      }
    }
  })

  it("is sealed anew at last, where nobody answers", () => {
    // Of its two timers the second one repeats it.
    const happened = Array.from({ length: 50 }, () => ({ ring: 1 }))
    const types = typesIn(live(delivery, { number: 7, lifetime: 60_000 }, happened, { answers: host, choices: [1] }))
    assert.equal(count(types, "seal"), 6)
    assert.equal(count(types, "transmit"), 51)
  })

  check("sends nothing once it was had", (steps) => {
    const types = typesIn(steps)
    const forgotten = types.indexOf("forgetFrame")
    if (forgotten >= 0) assert.notInclude(types.slice(forgotten), "transmit")
  })

  check("leaves the window exactly once, when the peer has it or its tombstone", (steps) => {
    const left = commandsIn(steps, "leaveWindow")
    assert.isAtMost(left.length, 1)
    const had = steps.findIndex(({ event }) => event.type === "Acknowledged")
    assert.deepEqual(
      left.map(({ at }) => at),
      had >= 0 ? [had] : [],
    )
  })

  check("tells one story: sent, then one end, and read only what was delivered", (steps) => {
    const told = steps
      .map(({ context, to }) =>
        isIn(to, "underway.sent") ? "sent" : isIn(to, "withdrawn") ? (context as DeliveryContext).outcome : to,
      )
      .filter((one): one is string => typeof one === "string" && one !== "settled")
    const ends = told.filter((one, i) => one !== "sent" && one !== told[i - 1])
    assert.isTrue(
      [[], ["delivered"], ["delivered", "read"], ["expired"], ["failed"], ["deleted"]].some(
        (story) => `${story}` === `${ends}`,
      ),
    )
    if (ends.length > 0) assert.isBelow(told.lastIndexOf("sent"), told.indexOf(ends[0]!))
  })

  check("keeps its outcome where it will not arrive, and only there", (steps) => {
    const kept = commandsIn(steps, "keepOutcome").map(({ params }) => (params as { outcome: string }).outcome)
    const { outcome } = steps.at(-1)!.context as DeliveryContext
    assert.deepEqual(kept, outcome === null ? [] : [outcome])
    const cause = steps.find(({ from, to }) => !isIn(from, "withdrawn") && isIn(to, "withdrawn"))?.event as
      | DeliveryEvent
      | undefined
    if (cause === undefined) return
    const expected =
      cause.type === "SessionEnded" ? "failed" : cause.type === "Withdrawn" ? cause.outcome : ("expired" as const)
    assert.equal(outcome, expected)
  })

  check("rests without a link, and goes on with the next one", (steps) => {
    for (const { commands, event, from } of steps) {
      if (!commands.some(({ type }) => type === "transmit")) continue
      const isWoken = event.type === "LinkOpened" || event.type === "Sealed"
      const isRepeated =
        event.type.startsWith("xstate.after") && (isIn(from, "underway.sent") || isIn(from, "withdrawn"))
      assert.isTrue(isWoken || isRepeated, `${event.type} in ${JSON.stringify(from)}`)
    }
  })

  check("keeps a plain and bounded context", (steps) => {
    for (const { context } of steps) {
      assert.isTrue(isPlain(context))
      assert.deepEqual(Object.keys(context as object).sort(), [
        "attempt",
        "lifetime",
        "number",
        "outcome",
        "sealings",
        "sent",
      ])
    }
  })
})

describe("a receipt's statechart", () => {
  const RECEIPT: ReadonlyArray<ReceiptEvent> = [
    { type: "TurnCame", as: 0, index: 4, gap: 2 },
    { type: "UserRead" },
    { type: "Retired" },
  ]

  it("can come to every state, and leaves every state that is not its end", () => {
    assertReachable(receipt, { number: 0 }, RECEIPT)
  })

  it("keeps and tells its message once, when its turn has come", () => {
    fc.assert(
      fc.property(happenings(fc.constantFrom(...RECEIPT), 20), (happened) => {
        const steps = live(receipt, { number: 3 }, happened)
        const commands = commandsIn(steps)
        const turn = steps.findIndex(({ event }) => event.type === "TurnCame")
        assert.deepEqual(
          commands.map(({ at, params, type }) => ({ at, params, type })),
          turn < 0
            ? []
            : ([
                { at: turn, type: "keepInHistory", params: { number: 3, as: 0, index: 4, gap: 2 } },
                { at: turn, type: "tellMessage", params: { number: 3, index: 4 } },
              ] as unknown as typeof commands),
        )
        assert.isTrue(steps.every(({ context }) => isPlain(context)))
        if (turn < 0) assert.isTrue(isIn(steps.at(-1)!.to, "awaitingTurn"), "it waits for as long as it takes")
      }),
      { numRuns: runs(500) },
    )
  })
})
