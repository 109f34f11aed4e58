/** Limits, and one past each: RT-4 and RT-5 of docs/invariants.md. */
import { describe, expect, it } from "vitest"
import { MAX_BRAID_JUMP, MAX_STORED_BRAID_KEYS } from "../../../../src/core/layers/signal/braid-chains.ts"
import { signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import {
  MAX_RECEIVER_CHAINS,
  MAX_STORED_SEEDS,
  SEED_LIFETIME,
} from "../../../../src/core/layers/signal/receiver-chain.ts"
import { ANSWER_DEADLINE } from "../../../../src/core/layers/signal/session.ts"
import { MAX_COUNTER, MAX_FORWARD_JUMP } from "../../../../src/machines/double-ratchet.ts"
import { claiming, costOf, lose, loseInBraid, loseInChain, sealMany } from "./losing.ts"
import { acquainted, DAY, deliver, hex, open, seal, text } from "./people.ts"

it("the limits are those of Signal's peers", () => {
  expect({ MAX_FORWARD_JUMP, MAX_STORED_SEEDS, MAX_RECEIVER_CHAINS }).toEqual({
    MAX_FORWARD_JUMP: 25_000,
    MAX_STORED_SEEDS: 2_000,
    MAX_RECEIVER_CHAINS: 5,
  })
  expect({ MAX_BRAID_JUMP, MAX_STORED_BRAID_KEYS }).toEqual({ MAX_BRAID_JUMP: 25_000, MAX_STORED_BRAID_KEYS: 2_000 })
  expect([SEED_LIFETIME, ANSWER_DEADLINE]).toEqual([30 * DAY, 30 * DAY])
})

describe("the forward jump", () => {
  const { alice, bob } = acquainted()
  const [started, next] = seal(bob, text("on my way"))

  it("is taken to its end in a chain that is known, and no further", () => {
    const [known] = open(alice, next)!
    const [furthest, last] = seal(loseInChain(started, MAX_FORWARD_JUMP), text("here"))
    expect(open(known, last)?.[1]).toEqual(text("here"))
    expect(open(known, seal(furthest, text("too far"))[1])).toBeUndefined()
  })

  it("is taken to its end in a new chain, and no further", () => {
    const [furthest, last] = seal(loseInChain(started, MAX_FORWARD_JUMP - 1), text("here"))
    expect(open(alice, last)?.[1]).toEqual(text("here"))
    expect(open(alice, seal(furthest, text("too far"))[1])).toBeUndefined()
  })

  it("is taken to its end in the braid's chain, and no further: that is what a loss comes up against", () => {
    const [known] = open(alice, next)!
    const [furthest, last] = seal(lose(started, MAX_BRAID_JUMP - 1), text("here"))
    expect(open(known, last)?.[1]).toEqual(text("here"))
    expect(open(known, seal(furthest, text("too far"))[1])).toBeUndefined()
  })

  it("bounds the work for a forgery", () => {
    // Two hashes a step where the seed is kept, one where it is not; then the frame's own seed, the next key and its MAC.
    const most = MAX_FORWARD_JUMP + MAX_STORED_SEEDS + 3
    // The braid's key, the root step, and the message's keys.
    expect(costOf(alice, claiming(next, MAX_FORWARD_JUMP))).toEqual({
      hashes: most,
      derivations: 3,
      agreements: 1,
      decryptions: 0,
      opened: false,
    })
    const nothing = { hashes: 0, derivations: 0, agreements: 0, decryptions: 0, opened: false }
    expect(costOf(alice, claiming(next, MAX_FORWARD_JUMP + 1))).toEqual(nothing)
    expect(costOf(alice, claiming(next, MAX_COUNTER))).toEqual(nothing)
    const [known] = open(alice, next)!
    expect(costOf(known, next)).toEqual(nothing)
    expect(costOf(known, claiming(next, MAX_FORWARD_JUMP + 2))).toEqual(nothing)
  })

  it("costs nothing where the peer cannot have turned", () => {
    const [known] = open(alice, next)!
    const elsewhere = seal(acquainted().bob, text("of another session"))[1]
    expect(costOf(known, elsewhere)).toEqual({
      hashes: 0,
      derivations: 0,
      agreements: 0,
      decryptions: 0,
      opened: false,
    })
  })
})

describe("stored keys", () => {
  it("are kept up to their number, the newest of them", () => {
    const { alice, bob } = acquainted()
    const [after, late] = sealMany(bob, MAX_STORED_SEEDS + 1)
    const [full] = open(alice, seal(after, text("now"))[1])!
    expect(signalLayer.view(full).skipped).toBe(MAX_STORED_SEEDS)
    expect(open(full, late[0]!)).toBeUndefined()
    expect(open(full, late[1]!)?.[1]).toEqual(text("late"))
    expect(open(full, late.at(-1)!)?.[1]).toEqual(text("late"))
    const record = signalLayer.encode(full)
    expect(record.length).toBeLessThan(200_000)
    expect(hex(signalLayer.encode(signalLayer.decode(record)!))).toBe(hex(record))
  })

  it("are counted in each chain of the Double Ratchet for itself, and over all turns of an epoch in the braid's", () => {
    const pair = acquainted()
    const [bob1, late1] = sealMany(pair.bob, 3)
    const turn1 = deliver(loseInChain(bob1, MAX_STORED_SEEDS - 3), pair.alice)
    const back = deliver(turn1.to, turn1.from)
    const [bob2, late2] = sealMany(back.to, 1)
    const turn2 = deliver(loseInChain(bob2, MAX_STORED_SEEDS - 1), back.from)
    expect(signalLayer.view(turn2.to).skipped).toBe(2 * MAX_STORED_SEEDS)
    for (const late of [late1[0]!, late2[0]!]) expect(open(turn2.to, late)?.[1]).toEqual(text("late"))
    const full = signalLayer.encode(turn2.to)
    expect(signalLayer.decode(full)).toEqual(turn2.to)

    // The first of them is now five places behind in the braid's chain, so this many more may come before it.
    const some = deliver(loseInBraid(turn2.from, MAX_STORED_BRAID_KEYS - 6), turn2.to)
    expect(open(some.to, late1[0]!)?.[1]).toEqual(text("late"))
    const more = deliver(some.from, some.to)
    expect(open(more.to, late1[0]!)).toBeUndefined()
    expect(open(more.to, late1[1]!)?.[1]).toEqual(text("late"))
  })

  it("are used once, and are then gone", () => {
    const { alice, bob } = acquainted()
    const [after, [late]] = sealMany(bob, 1)
    const { to } = deliver(after, alice)
    const [opened] = open(to, late!)!
    expect(signalLayer.view(opened).skipped).toBe(0)
    expect(open(opened, late!)).toBeUndefined()
  })

  it("expire after their lifetime, and leave the record", () => {
    const { alice, bob } = acquainted()
    const stored = 5 * DAY
    const [after, [late]] = sealMany(bob, 1)
    const { to } = deliver(after, alice, "now", stored)
    const { seed } = to.keys!.receiving[0]!.stored[0]!
    const { key } = to.keys!.braid.chains.epochs[0]!.receiving.stored[0]!
    const almost = signalLayer.expire(to, stored + SEED_LIFETIME - 1)
    expect(signalLayer.view(almost).skipped).toBe(1)
    expect(open(almost, late!)).toBeDefined()
    const expired = signalLayer.expire(to, stored + SEED_LIFETIME)
    expect(open(expired, late!)).toBeUndefined()
    expect(signalLayer.view(expired).skipped).toBe(0)
    expect(hex(signalLayer.encode(to))).toContain(hex(seed))
    expect(hex(signalLayer.encode(expired))).not.toContain(hex(seed))
    expect(hex(signalLayer.encode(to))).toContain(hex(key))
    expect(hex(signalLayer.encode(expired))).not.toContain(hex(key))
    expect(signalLayer.decode(signalLayer.encode(expired))).toEqual(expired)
    // A clock that was set back revives nothing, and takes nothing either.
    expect(open(signalLayer.expire(expired, 0), late!)).toBeUndefined()
    expect(open(signalLayer.expire(to, 0), late!)).toBeDefined()
  })
})
