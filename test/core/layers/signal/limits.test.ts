/** Every limit, and one past each: RT-4, RT-5 and RT-8 of docs/invariants.md. */
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { Crypto, type CryptoService } from "../../../../src/core/crypto/crypto.ts"
import {
  MAX_BRAID_JUMP,
  MAX_STORED_BRAID_KEYS,
  nextSendingKey,
} from "../../../../src/core/layers/signal/braid-chains.ts"
import { chainStep } from "../../../../src/core/layers/signal/chain-key.ts"
import { type SignalState, signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import {
  MAX_RECEIVER_CHAINS,
  MAX_STORED_SEEDS,
  SEED_LIFETIME,
} from "../../../../src/core/layers/signal/receiver-chain.ts"
import { ANSWER_DEADLINE } from "../../../../src/core/layers/signal/session.ts"
import { MAX_COUNTER, MAX_FORWARD_JUMP } from "../../../../src/machines/double-ratchet.ts"
import {
  ASSOCIATED,
  acquainted,
  attempt,
  crypto,
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

/** The sender after `count` messages that nobody wrote: as sealing and losing them, only faster. */
const lose = (state: SignalState, count: number): SignalState => loseInBraid(loseInChain(state, count), count)

/** The same as far as the Double Ratchet knows. */
const loseInChain = (state: SignalState, count: number): SignalState => {
  const { sending } = state.keys!
  let chain = sending!.chain
  for (let i = 0; i < count; i++) chain = chainStep(crypto, chain)
  return {
    ...state,
    keys: { ...state.keys!, sending: { ...sending!, chain } },
    ratchet: { ...state.ratchet, context: { ...state.ratchet.context, sent: state.ratchet.context.sent + count } },
  }
}

/** The same as far as the braid's chain knows. */
const loseInBraid = (state: SignalState, count: number): SignalState => {
  const { braid } = state.keys!
  let { chains } = braid
  for (let i = 0; i < count; i++) chains = nextSendingKey(crypto, chains, braid.machine.context.epoch - 1)!.chains
  return { ...state, keys: { ...state.keys!, braid: { ...braid, chains } } }
}

/** The words sealed and lost, `count` times: the ciphertexts, in order. */
const sealMany = (state: SignalState, count: number) => {
  const ciphertexts: Array<Uint8Array> = []
  let sender = state
  for (let i = 0; i < count; i++) {
    const [next, ciphertext] = seal(sender, text("late"))
    sender = next
    ciphertexts.push(ciphertext)
  }
  return [sender, ciphertexts] as const
}

/** Counts what opening costs. */
const costOf = (state: SignalState, ciphertext: Uint8Array) => {
  const cost = { hashes: 0, derivations: 0, agreements: 0, decryptions: 0 }
  const counting: CryptoService = {
    ...crypto,
    hmacSha256: (key, data) => {
      cost.hashes += 1
      return crypto.hmacSha256(key, data)
    },
    hkdfSha256: (ikm, salt, info, length) => {
      cost.derivations += 1
      return crypto.hkdfSha256(ikm, salt, info, length)
    },
    x25519: {
      ...crypto.x25519,
      agree: (secret, key) => {
        cost.agreements += 1
        return crypto.x25519.agree(secret, key)
      },
    },
    aes256Cbc: {
      ...crypto.aes256Cbc,
      decrypt: (key, iv, data) => {
        cost.decryptions += 1
        return crypto.aes256Cbc.decrypt(key, iv, data)
      },
    },
  }
  const opened = Effect.exit(signalLayer.open(state, ciphertext, ASSOCIATED))
  const { _tag } = Effect.runSync(Effect.provideService(opened, Crypto, counting))
  return { ...cost, opened: _tag === "Success" }
}

/** A forged message: the claim is changed, the MAC is not. */
const claiming = (ciphertext: Uint8Array, counter: number): Uint8Array => {
  const bytes: Array<number> = []
  for (let left = counter; ; left = Math.floor(left / 128)) {
    bytes.push(left > 127 ? (left % 128) | 128 : left)
    if (left <= 127) break
  }
  // 44, field 1 (35 bytes), then the counter's tag.
  return Uint8Array.from([...ciphertext.slice(0, 37), ...bytes, ...ciphertext.slice(38)])
}

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
