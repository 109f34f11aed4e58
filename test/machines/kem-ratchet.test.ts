/** The KEM ratchet's statechart alone: no keys, no bytes, any order of events. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { begin, fromRest, type Snapshot, step, toRest } from "../../src/core/host/step.ts"
import {
  type KemRatchetContext,
  type KemRatchetEvent,
  kemRatchet,
  MAX_INDEX,
  MAX_SKIP,
  MAX_TURN,
} from "../../src/machines/kem-ratchet.ts"
import { runs } from "../core/layers/runtime.ts"

const ZERO: KemRatchetContext = { turn: 0, sent: 0, previouslySent: 0, received: 0, sealed: 0, opened: 0 }
const at = (value: string, context: Partial<KemRatchetContext> = {}): Snapshot =>
  fromRest(kemRatchet, { value, context: { ...ZERO, ...context } })
const told = (snapshot: Snapshot, event: KemRatchetEvent) => step(kemRatchet, snapshot, event)
const commandsOf = (snapshot: Snapshot, event: KemRatchetEvent) =>
  told(snapshot, event).commands.map(({ params, type }) => ({ type, params }))
const arrived = (turn: number, index: number, previous = 0, stored = false): KemRatchetEvent => ({
  type: "FrameArrived",
  turn,
  index,
  previous,
  stored,
})

const number = fc.oneof(
  fc.nat(5),
  fc.integer({ min: MAX_SKIP - 1, max: MAX_SKIP + 2 }),
  fc.integer({ min: MAX_INDEX - 2, max: 2 ** 32 - 1 }),
)
const event: fc.Arbitrary<KemRatchetEvent> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("SecretsAgreed"), role: fc.constantFrom("inviter", "joiner") }),
  },
  { weight: 4, arbitrary: fc.constant({ type: "MessageSubmitted" } as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("FrameArrived"),
      turn: number,
      index: number,
      previous: number,
      stored: fc.boolean(),
    }),
  },
) as fc.Arbitrary<KemRatchetEvent>

describe("the KEM ratchet's statechart", () => {
  it("lets the inviter begin and the joiner wait", () => {
    const start = begin(kemRatchet, undefined).snapshot
    assert.equal(told(start, { type: "SecretsAgreed", role: "inviter" }).snapshot.value, "following")
    const joiner = told(start, { type: "SecretsAgreed", role: "joiner" }).snapshot
    assert.equal(joiner.value, "awaitingFirstTurn")
    assert.deepEqual(commandsOf(joiner, { type: "MessageSubmitted" }), [])
  })

  it("takes one turn for all that it sends until the peer answers", () => {
    const first = told(at("following"), { type: "MessageSubmitted" })
    assert.deepEqual(
      first.commands.map(({ params, type }) => ({ type, params })),
      [
        { type: "takeTurn", params: { turn: 1 } },
        { type: "sealMessage", params: { turn: 1, index: 0, previous: 0 } },
      ],
    )
    const second = told(first.snapshot, { type: "MessageSubmitted" })
    assert.deepEqual(second.commands[0]?.params, { turn: 1, index: 1, previous: 0 })
    const answered = told(second.snapshot, { type: "PeerTurnOpened", turn: 2, index: 0 }).snapshot
    assert.deepEqual(commandsOf(answered, { type: "MessageSubmitted" })[1]?.params, { turn: 3, index: 0, previous: 2 })
  })

  it("changes nothing when a frame arrives: only one that opened moves it", () => {
    fc.assert(
      fc.property(
        event,
        number,
        number,
        fc.constantFrom("awaitingFirstTurn", "following", "leading"),
        (e, a, b, value) => {
          fc.pre(e.type === "FrameArrived")
          const before = at(value, { turn: a, received: b })
          assert.deepEqual(toRest(told(before, e).snapshot), toRest(before))
        },
      ),
      { numRuns: runs(500) },
    )
  })

  it("asks for at most one decapsulation and a bounded number of steps, whatever arrives", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("awaitingFirstTurn", "following", "leading"),
        number,
        number,
        event,
        (value, turn, received, e) => {
          fc.pre(e.type === "FrameArrived")
          const commands = commandsOf(at(value, { turn, received }), e)
          assert.isAtMost(commands.length, 1)
          for (const { params, type } of commands) {
            const p = params as { turn: number; index: number; skip?: number; skipPrevious?: number }
            assert.isBelow(p.index, e.stored ? 2 ** 32 : MAX_INDEX)
            if (type === "openInLatestTurn") assert.isTrue(p.skip! >= 0 && p.skip! <= MAX_SKIP)
            if (type === "openInNewTurn") {
              assert.isTrue(p.skipPrevious! >= 0 && p.skipPrevious! + p.index <= MAX_SKIP)
              assert.equal(p.turn, turn + 1)
              assert.isAtMost(p.turn, MAX_TURN)
            }
          }
        },
      ),
      { numRuns: runs(2_000) },
    )
  })

  it("opens the peer's latest turn, its answer, and nothing of a turn that is its own or unknown", () => {
    const leading = at("leading", { turn: 5, received: 3 })
    assert.equal(commandsOf(leading, arrived(4, 3))[0]?.type, "openInLatestTurn")
    assert.equal(commandsOf(leading, arrived(6, 0, 3))[0]?.type, "openInNewTurn")
    assert.equal(commandsOf(leading, arrived(2, 0, 0, true))[0]?.type, "openWithStoredKey")
    for (const refused of [
      arrived(5, 3),
      arrived(7, 0, 3),
      arrived(8, 0, 3),
      arrived(4, 2),
      arrived(2, 3),
      arrived(0, 3),
    ])
      assert.deepEqual(commandsOf(leading, refused), [])
    const following = at("following", { turn: 4, received: 3 })
    assert.equal(commandsOf(following, arrived(4, 3))[0]?.type, "openInLatestTurn")
    for (const refused of [arrived(5, 0, 3), arrived(6, 0, 3), arrived(3, 3)])
      assert.deepEqual(commandsOf(following, refused), [])
    assert.deepEqual(commandsOf(at("following"), arrived(0, 0)), [])
  })

  it("refuses a turn that claims fewer messages before it than came, or any before the first", () => {
    assert.deepEqual(commandsOf(at("leading", { turn: 5, received: 3 }), arrived(6, 0, 2)), [])
    assert.deepEqual(commandsOf(at("awaitingFirstTurn"), arrived(1, 0, 1)), [])
    assert.deepEqual(commandsOf(at("leading", { turn: 1 }), arrived(2, 0, 1)), [])
    assert.equal(commandsOf(at("awaitingFirstTurn"), arrived(1, 0, 0))[0]?.type, "openInNewTurn")
  })

  it("stops before a counter ends", () => {
    const last = told(at("leading", { turn: 1, sent: MAX_INDEX - 1 }), { type: "MessageSubmitted" })
    assert.deepEqual(last.commands[0]?.params, { turn: 1, index: MAX_INDEX - 1, previous: 0 })
    assert.deepEqual(commandsOf(last.snapshot, { type: "MessageSubmitted" }), [])
    assert.deepEqual(commandsOf(at("following", { turn: MAX_TURN }), { type: "MessageSubmitted" }), [])
    assert.deepEqual(commandsOf(at("leading", { turn: MAX_TURN, received: 0 }), arrived(MAX_TURN + 1, 0)), [])
    assert.deepEqual(commandsOf(at("following", { turn: 2, received: MAX_INDEX }), arrived(2, MAX_INDEX)), [])
  })

  it("gives no place to two messages, over any sequence of events", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("inviter" as const, "joiner" as const),
        fc.array(event, { maxLength: 60 }),
        (role, events) => {
          let snapshot = told(begin(kemRatchet, undefined).snapshot, { type: "SecretsAgreed", role }).snapshot
          const places = new Set<string>()
          for (const e of events) {
            const decision = told(snapshot, e)
            snapshot = decision.snapshot
            for (const { params, type } of decision.commands) {
              if (type === "sealMessage") {
                const { index, turn } = params as { turn: number; index: number }
                assert.isFalse(places.has(`${turn} ${index}`))
                places.add(`${turn} ${index}`)
                assert.equal(turn % 2, role === "inviter" ? 1 : 0)
              }
              // Every frame that a command could open does open.
              const place = params as { turn: number; index: number }
              if (type === "openInLatestTurn")
                snapshot = told(snapshot, { type: "FrameOpened", index: place.index }).snapshot
              if (type === "openInNewTurn") snapshot = told(snapshot, { type: "PeerTurnOpened", ...place }).snapshot
            }
          }
        },
      ),
      { numRuns: runs(500) },
    )
  })
})
