/** What comes to an end: chains that the peer has left, counters, and sessions that nobody answers. RT-5 and RT-8 of docs/invariants.md. */
import { describe, expect, it } from "vitest"
import { signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { MAX_RECEIVER_CHAINS, SEED_LIFETIME } from "../../../../src/core/layers/signal/receiver-chain.ts"
import { ANSWER_DEADLINE } from "../../../../src/core/layers/signal/session.ts"
import { MAX_COUNTER } from "../../../../src/machines/double-ratchet.ts"
import { claiming, costOf } from "./losing.ts"
import {
  ASSOCIATED,
  acquainted,
  attempt,
  DAY,
  deliver,
  hex,
  initiateTo,
  introduced,
  open,
  run,
  seal,
  strangers,
  text,
} from "./people.ts"

describe("receiver chains", () => {
  /** A message of Bob's is held back, and `turns` turns of his come after it. */
  const heldBack = (turns: number) => {
    let { alice, bob } = acquainted()
    const [next, late] = seal(bob, text("late"))
    bob = next
    for (let i = 0; i <= turns; i++) {
      const there = deliver(bob, alice)
      const back = deliver(there.to, there.from)
      alice = back.from
      bob = back.to
    }
    return open(alice, late)
  }

  it("are followed for so many turns, and no longer", () => {
    expect(heldBack(MAX_RECEIVER_CHAINS - 1)?.[1]).toEqual(text("late"))
    expect(heldBack(MAX_RECEIVER_CHAINS)).toBeUndefined()
  })

  it("that the peer has left lose their key when its last message is behind", () => {
    const { alice, bob } = acquainted()
    const [one, late] = seal(bob, text("late"))
    const [two, onTime] = seal(one, text("on time"))
    const [ahead] = open(alice, onTime)!
    const back = deliver(ahead, two)
    const turned = deliver(back.to, back.from)
    const [, former] = turned.to.keys!.receiving
    expect(former).toMatchObject({ key: undefined, received: 2, closed: { last: 1 } })
    expect(costOf(turned.to, claiming(onTime, 2))).toMatchObject({
      hashes: 0,
      derivations: 0,
      agreements: 0,
      opened: false,
    })
    expect(open(turned.to, late)?.[1]).toEqual(text("late"))
  })

  it("that the peer has left keep their key while messages are out, for a lifetime", () => {
    const { alice, bob } = acquainted()
    const there = deliver(bob, alice)
    const [left, late] = seal(there.from, text("late"))
    const back = deliver(there.to, left)
    const turned = deliver(back.to, back.from, "turned", 3 * DAY)
    expect(open(turned.to, late)?.[1]).toEqual(text("late"))
    // A forger who claims a place behind the last one is told apart before any key is touched.
    expect(costOf(turned.to, claiming(late, 2))).toMatchObject({
      hashes: 0,
      derivations: 0,
      agreements: 0,
      opened: false,
    })
    const almost = signalLayer.expire(turned.to, 3 * DAY + SEED_LIFETIME - 1)
    expect(open(almost, late)?.[1]).toEqual(text("late"))
    const expired = signalLayer.expire(turned.to, 3 * DAY + SEED_LIFETIME)
    expect(open(expired, late)).toBeUndefined()
    expect(expired.keys!.receiving[1]!.key).toBeUndefined()
    expect(signalLayer.decode(signalLayer.encode(expired))).toEqual(expired)
  })
})

describe("a counter", () => {
  it("seals to its end and never past it; the peer's turn renews it", () => {
    const { alice, bob } = acquainted()
    const { from, to } = deliver(bob, alice)
    const worn = { ...from, ratchet: { ...from.ratchet, context: { ...from.ratchet.context, sent: MAX_COUNTER } } }
    const [used] = seal(worn, text("the last"))
    expect(() => seal(used, text("past it"))).toThrow(RangeError)
    expect(signalLayer.decode(signalLayer.encode(used))).toEqual(used)
    const [, answer] = seal(to, text("my turn"))
    const [renewed] = open(used, answer)!
    expect(seal(renewed, text("fresh"))).toBeDefined()
  })
})

describe("a session that nobody answers", () => {
  it("is abandoned after its deadline, keys and all, and says so", () => {
    const people = strangers()
    const { state } = initiateTo(people)!
    expect(signalLayer.expire(state, ANSWER_DEADLINE)).toBe(state)
    const abandoned = signalLayer.expire(state, ANSWER_DEADLINE + 1)
    expect(signalLayer.view(abandoned).state).toBe("abandoned")
    expect(abandoned).toMatchObject({ keys: undefined, introduction: undefined })
    expect(hex(signalLayer.encode(abandoned))).not.toContain(hex(state.keys!.root))
    expect(signalLayer.decode(signalLayer.encode(abandoned))).toEqual(abandoned)
    expect(signalLayer.expire(abandoned, 2 * ANSWER_DEADLINE)).toBe(abandoned)
    expect(() => run(signalLayer.seal(abandoned, text("anyone?"), ASSOCIATED))).toThrow(RangeError)
    const { bob } = introduced()
    expect(attempt(signalLayer.open(abandoned, seal(bob, text("yes"))[1], ASSOCIATED))).toBeUndefined()
  })

  it("lives on once it was answered", () => {
    const { alice, bob } = introduced()
    const answered = deliver(bob, alice).to
    expect(signalLayer.view(signalLayer.expire(answered, 2 * ANSWER_DEADLINE)).state).toBe("conversing.ourTurn")
  })
})
