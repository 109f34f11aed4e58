/** The record of a session: canonical, bounded, and never at odds with itself. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { SignalState } from "../../../../src/core/layers/signal/layer.ts"
import { decodeSession, encodeSession } from "../../../../src/core/layers/signal/state.ts"
import { acquainted, deliver, flipped, hex, initiateTo, introduced, open, seal, strangers, text } from "./people.ts"

const pair = acquainted()
const [bobAhead] = seal(pair.bob, text("lost"))
const waiting = deliver(bobAhead, pair.alice).to
const states: Readonly<Record<string, SignalState>> = {
  "awaiting an answer": initiateTo(strangers())!.state,
  "awaiting one, without a one-time prekey": initiateTo(strangers(false))!.state,
  introduced: introduced().bob,
  "its turn": pair.bob,
  "the peer's turn": pair.alice,
  "waiting for a late message": waiting,
}

describe("a session's record", () => {
  it.each(Object.entries(states))("comes back: %s", (_, state) => {
    const record = encodeSession(state)
    expect(decodeSession(record)).toEqual(state)
    expect(hex(encodeSession(decodeSession(record)!))).toBe(hex(record))
  })

  it("goes on where it was", () => {
    const back = decodeSession(encodeSession(pair.bob))!
    const [, ciphertext] = seal(back, text("on"))
    expect(open(decodeSession(encodeSession(pair.alice))!, ciphertext)?.[1]).toEqual(text("on"))
  })

  it("damaged in any way is none, or another whole one; nothing throws", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(states)), fc.nat(), fc.nat(), (state, bit, cut) => {
        const record = encodeSession(state)
        const damaged = cut % 4 === 0 ? record.slice(0, cut % record.length) : flipped(record, bit)
        const back = decodeSession(damaged)
        if (back !== undefined) expect(hex(encodeSession(back))).toBe(hex(damaged))
      }),
      { numRuns: 1_000 },
    )
  })

  const keys = waiting.keys!
  const [newest, ...former] = keys.receiving
  const context = waiting.ratchet.context
  const contradictions: ReadonlyArray<readonly [string, SignalState]> = [
    ["keys after the session was abandoned", { ...waiting, ratchet: { ...waiting.ratchet, value: "abandoned" } }],
    ["a session without keys", { ...waiting, keys: undefined }],
    ["a sending chain in what is our turn", { ...pair.alice, ratchet: waiting.ratchet }],
    ["no sending chain in what is their turn", { ...waiting, ratchet: pair.alice.ratchet }],
    ["an answer that was awaited and had", { ...waiting, introduction: states["awaiting an answer"]!.introduction }],
    ["an answer awaited without an introduction", { ...states["awaiting an answer"]!, introduction: undefined }],
    ["no receiving chain", { ...waiting, keys: { ...keys, receiving: [] } }],
    ["a count of stored keys that is not theirs", count({ skipped: context.skipped + 1 })],
    ["a count of received messages that is not the chain's", count({ received: context.received + 1 })],
    ["a newest chain that is closed", chain({ closed: { last: 9, at: 0 } })],
    ["a newest chain without a key", chain({ key: undefined })],
    [
      "an older chain that is open",
      { ...waiting, keys: { ...keys, receiving: [newest!, { ...former[0]!, closed: undefined }] } },
    ],
    [
      "a stored key that is yet to come",
      chain({ stored: newest!.stored.map((it) => ({ ...it, counter: context.received })) }),
    ],
    [
      "a stored key twice",
      { ...chain({ stored: [...newest!.stored, ...newest!.stored] }), ratchet: count({ skipped: 2 }).ratchet },
    ],
  ]
  function count(change: Partial<typeof context>): SignalState {
    return { ...waiting, ratchet: { ...waiting.ratchet, context: { ...context, ...change } } }
  }
  function chain(change: Partial<NonNullable<typeof newest>>): SignalState {
    return { ...waiting, keys: { ...keys, receiving: [{ ...newest!, ...change }, ...former] } }
  }

  it.each(contradictions)("does not hold %s", (_, state) => {
    expect(decodeSession(encodeSession(state))).toBeUndefined()
  })
})
