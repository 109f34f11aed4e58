/** The braid's statechart alone: the specification's transitions, and any order of events. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { fromRest, step } from "../../src/core/host/step.ts"
import { BRAID_CHUNKS, type BraidContext, type BraidEvent, braid } from "../../src/machines/braid.ts"
import { runs } from "../core/layers/runtime.ts"

const STATES = [
  "keysUnsampled",
  "keysSampled",
  "headerSent",
  "ct1Received",
  "ekSentCt1Received",
  "noHeaderReceived",
  "headerReceived",
  "ct1Sampled",
  "ekReceivedCt1Sampled",
  "ct1Acknowledged",
  "ct2Sampled",
] as const
type State = (typeof STATES)[number]

const E = 7
const told = (value: State, context: Partial<BraidContext>, event: BraidEvent) => {
  const rest = { value, context: { epoch: E, sent: 0, received: 0, ...context } }
  const { commands, snapshot } = step(braid, fromRest(braid, rest), event)
  return {
    to: snapshot.value as State,
    context: snapshot.context as BraidContext,
    commands: commands.map(({ type }) => type),
    params: commands.map(({ params }) => params),
  }
}

const first = (isNew = true, epoch = E): BraidEvent => ({ type: "FirstChunkArrived", epoch, isNew })
const second = (isNew = true, epoch = E): BraidEvent => ({ type: "SecondChunkArrived", epoch, isNew })
const header = (isNew = true, epoch = E): BraidEvent => ({ type: "HeaderChunkArrived", epoch, isNew })
const vector = (acknowledges: boolean, isNew = true, epoch = E): BraidEvent => ({
  type: "VectorChunkArrived",
  epoch,
  isNew,
  acknowledges,
})
const ask: BraidEvent = { type: "SendAsked" }
const last = (what: keyof typeof BRAID_CHUNKS) => ({ received: BRAID_CHUNKS[what] - 1 })

/** Number in the specification (§2.5), from, with what before it, on what, to, and the commands. */
const transitions: ReadonlyArray<
  readonly [string, State, Partial<BraidContext>, BraidEvent, State, ReadonlyArray<string>]
> = [
  ["1", "keysUnsampled", {}, ask, "keysSampled", ["sampleKeys", "sendHeaderChunk"]],
  ["2", "keysSampled", { sent: 9 }, first(), "headerSent", ["keepChunk"]],
  ["3", "headerSent", last("first"), first(), "ct1Received", ["keepChunk", "takeFirst"]],
  ["4", "ct1Received", { sent: 9 }, second(), "ekSentCt1Received", ["keepChunk"]],
  ["5, asked", "ekSentCt1Received", last("second"), second(), "ekSentCt1Received", ["keepChunk", "checkCiphertext"]],
  ["5", "ekSentCt1Received", {}, { type: "CiphertextGenuine" }, "noHeaderReceived", []],
  ["6, asked", "noHeaderReceived", last("header"), header(), "noHeaderReceived", ["keepChunk", "checkHeader"]],
  ["6", "noHeaderReceived", {}, { type: "HeaderGenuine" }, "headerReceived", []],
  ["7", "headerReceived", {}, ask, "ct1Sampled", ["encapsulateFirst", "sendFirstChunk"]],
  ["8", "ct1Sampled", {}, vector(true), "ct1Acknowledged", ["keepChunk"]],
  ["8, with a chunk that is known", "ct1Sampled", {}, vector(true, false), "ct1Acknowledged", []],
  ["9, asked", "ct1Sampled", last("vector"), vector(true), "ct1Sampled", ["keepChunk", "checkVector"]],
  ["9", "ct1Sampled", {}, { type: "VectorMatched", acknowledged: true }, "ct2Sampled", ["encapsulateSecond"]],
  ["10, asked", "ct1Sampled", last("vector"), vector(false), "ct1Sampled", ["keepChunk", "checkVector"]],
  ["10", "ct1Sampled", {}, { type: "VectorMatched", acknowledged: false }, "ekReceivedCt1Sampled", []],
  ["11, asked", "ct1Acknowledged", last("vector"), vector(true), "ct1Acknowledged", ["keepChunk", "checkVector"]],
  ["11", "ct1Acknowledged", {}, { type: "VectorMatched", acknowledged: false }, "ct2Sampled", ["encapsulateSecond"]],
  ["12", "ekReceivedCt1Sampled", {}, vector(true), "ct2Sampled", ["encapsulateSecond"]],
  [
    "12, without a chunk",
    "ekReceivedCt1Sampled",
    {},
    { type: "AcknowledgementArrived", epoch: E },
    "ct2Sampled",
    ["encapsulateSecond"],
  ],
  ["13", "ct2Sampled", { sent: 9 }, { type: "NothingArrived", epoch: E + 1 }, "keysUnsampled", []],
  ["13, with a chunk", "ct2Sampled", { sent: 9 }, header(true, E + 1), "keysUnsampled", []],
]

/** What each state sends. */
const sends: Readonly<Record<State, string>> = {
  keysUnsampled: "sendHeaderChunk",
  keysSampled: "sendHeaderChunk",
  headerSent: "sendVectorChunk",
  ct1Received: "sendVectorChunk",
  ekSentCt1Received: "sendAcknowledgement",
  noHeaderReceived: "sendNothing",
  headerReceived: "sendFirstChunk",
  ct1Sampled: "sendFirstChunk",
  ekReceivedCt1Sampled: "sendFirstChunk",
  ct1Acknowledged: "sendNothing",
  ct2Sampled: "sendSecondChunk",
}

describe("the braid's statechart", () => {
  it("has the specification's eleven states and no other", () => {
    assert.sameMembers(Object.keys(braid.states), [...STATES])
  })

  it.each(transitions)("makes transition %s: from %s", (number, from, context, event, to, commands) => {
    const result = told(from, context, event)
    assert.equal(result.to, to)
    assert.deepEqual(result.commands, [...commands])
    assert.equal(result.context.epoch, /^(5|13)/.test(number) && from !== to ? E + 1 : E)
    if (from !== to && event.type !== "SendAsked") assert.equal(result.context.sent, 0)
  })

  it.each(STATES)("always has one thing to send: %s", (state) => {
    const { commands, params } = told(state, { sent: 4 }, ask)
    const sent = commands.filter((command) => command.startsWith("send"))
    assert.deepEqual(sent, [sends[state]])
    if (sends[state] === "sendVectorChunk")
      assert.deepInclude(params.at(-1), { chunk: 4, acknowledge: state === "ct1Received" })
  })

  it("asks for no check before the last chunk, and takes none twice", () => {
    const receiving: ReadonlyArray<readonly [State, keyof typeof BRAID_CHUNKS, (isNew: boolean) => BraidEvent]> = [
      ["headerSent", "first", (isNew) => first(isNew)],
      ["ekSentCt1Received", "second", (isNew) => second(isNew)],
      ["noHeaderReceived", "header", (isNew) => header(isNew)],
      ["ct1Sampled", "vector", (isNew) => vector(false, isNew)],
      ["ct1Acknowledged", "vector", (isNew) => vector(true, isNew)],
    ]
    for (const [state, what, event] of receiving) {
      for (let received = 0; received < BRAID_CHUNKS[what] - 1; received++) {
        const result = told(state, { received }, event(true))
        assert.deepEqual(result.commands, ["keepChunk"])
        assert.deepEqual(result.params, [{ number: received }])
        assert.equal(result.context.received, received + 1)
      }
      for (const received of [0, BRAID_CHUNKS[what] - 1]) {
        const again = told(state, { received }, event(false))
        assert.deepEqual([again.to, again.commands, again.context.received], [state, [], received])
      }
    }
  })

  const epoch = fc.constantFrom(E - 1, E, E + 1, E + 2)
  const event: fc.Arbitrary<BraidEvent> = fc.oneof(
    fc.constant(ask),
    fc.record({ type: fc.constantFrom("NothingArrived", "AcknowledgementArrived"), epoch }),
    fc.record({
      type: fc.constantFrom("HeaderChunkArrived", "FirstChunkArrived", "SecondChunkArrived"),
      epoch,
      isNew: fc.boolean(),
    }),
    fc.record({ type: fc.constant("VectorChunkArrived"), epoch, isNew: fc.boolean(), acknowledges: fc.boolean() }),
  ) as fc.Arbitrary<BraidEvent>

  it("heeds no message of another epoch, but for the next one's, which ends the last state", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATES), fc.nat(2), event, (state, received, arrived) => {
        if (!("epoch" in arrived) || arrived.epoch === E) return
        const result = told(state, { received, sent: 3 }, arrived)
        if (state === "ct2Sampled" && arrived.epoch === E + 1) return
        assert.deepEqual(result.commands, [])
        assert.deepEqual([result.to, result.context], [state, { epoch: E, sent: 3, received }])
      }),
      { numRuns: runs(500) },
    )
  })

  it("counts up, and never further than a message has chunks, in any order of events", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATES), fc.array(event, { maxLength: 60 }), (start, events) => {
        let at = told(start, {}, { type: "NothingArrived", epoch: 0 })
        for (const arrived of events) {
          const next = told(at.to, at.context, "epoch" in arrived ? { ...arrived, epoch: at.context.epoch } : arrived)
          assert.isAtMost(next.context.received, BRAID_CHUNKS.vector)
          assert.isAtLeast(next.context.epoch, at.context.epoch)
          // A check that is asked for is answered before anything else: here it refuses, and the message with it.
          if (next.commands.some((command) => command.startsWith("check"))) continue
          at = next
        }
      }),
      { numRuns: runs(200) },
    )
  })
})
