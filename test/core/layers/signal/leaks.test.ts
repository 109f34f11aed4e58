/**
 * What a thief makes of a stolen state: RT-6 (nothing earlier) and RT-7 (nothing after a clean round trip) of
 * docs/invariants.md. The thief knows the protocol, reads all traffic, and tries every secret in the state in every role. The
 * keys of the braid are given away, so that the Double Ratchet stands alone; braid.test.ts has it the other way round.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { equal } from "../../../../src/core/crypto/bytes.ts"
import { type BraidKey, nextSendingKey } from "../../../../src/core/layers/signal/braid-chains.ts"
import { chainKey, chainStep, seedAt } from "../../../../src/core/layers/signal/chain-key.ts"
import { type SignalState, signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { type MessageSeed, macOf, messageKeys, messageSeed } from "../../../../src/core/layers/signal/message-keys.ts"
import { decodePreKeyMessage, isPreKeyMessage } from "../../../../src/core/layers/signal/pre-key-message.ts"
import { rootStep } from "../../../../src/core/layers/signal/root-key.ts"
import { decodeSignalMessage } from "../../../../src/core/layers/signal/signal-message.ts"
import { acquainted, attempt, crypto, introduced, open, seal, text } from "./people.ts"

/** How far the thief follows a chain. Longer than any in these tests. */
const STEPS = 12

type Seeds = ReadonlyArray<MessageSeed>

/** A message as the thief sees it: with what the braid gave to it. */
interface Seen {
  readonly ciphertext: Uint8Array
  readonly braidKey: BraidKey
}

/** What the next message of this party gets from the braid. */
const nextBraidKey = ({ keys }: SignalState): BraidKey => {
  const { chains, machine } = keys!.braid
  return nextSendingKey(crypto, chains, machine.context.epoch - 1)!.key
}

const sealSeen = (state: SignalState, words: string): readonly [SignalState, Seen] => {
  const [next, ciphertext] = seal(state, text(words))
  return [next, { ciphertext, braidKey: nextBraidKey(state) }]
}

const signalMessageOf = (ciphertext: Uint8Array) =>
  decodeSignalMessage(isPreKeyMessage(ciphertext) ? decodePreKeyMessage(ciphertext)!.message : ciphertext)!

/** All strings of 32 bytes in a record: CBOR's head of such a string is 58 20. */
const stringsIn = (record: Uint8Array): ReadonlyArray<Uint8Array> => {
  const found: Array<Uint8Array> = []
  for (let at = 0; at + 34 <= record.length; at++)
    if (record[at] === 0x58 && record[at + 1] === 0x20) found.push(record.slice(at + 2, at + 34))
  return found
}

/** Every seed that follows from a state: each secret as a seed, as a chain key, and as a ratchet secret with the root. */
const ransack = (state: SignalState, traffic: ReadonlyArray<Seen>): Seeds => {
  const strings = stringsIn(signalLayer.encode(state))
  const root = state.keys!.root
  const publicKeys = [
    ...new Map(
      traffic
        .map(({ ciphertext }) => signalMessageOf(ciphertext))
        .map(({ ratchetKey }) => [`${ratchetKey}`, ratchetKey]),
    ).values(),
  ]
  const chains = strings.map(chainKey)
  for (const secret of strings)
    for (const publicKey of publicKeys) {
      const agreed = attempt(crypto.x25519.agree(secret, publicKey))
      if (agreed !== undefined) chains.push(rootStep(crypto, root, agreed).chain)
    }
  const seeds = strings.map(messageSeed)
  for (let chain of chains)
    for (let i = 0; i < STEPS; i++) {
      seeds.push(seedAt(crypto, chain))
      chain = chainStep(crypto, chain)
    }
  return seeds
}

const opensFor = (thief: Seeds, { braidKey, ciphertext }: Seen, [a, b]: readonly [Uint8Array, Uint8Array]): boolean => {
  const { body, mac } = signalMessageOf(ciphertext)
  return thief.some((seed) => {
    const keys = messageKeys(crypto, seed, braidKey)
    return (
      equal(macOf(crypto, keys, { sender: a, receiver: b }, body), mac) ||
      equal(macOf(crypto, keys, { sender: b, receiver: a }, body), mac)
    )
  })
}

type Name = "alice" | "bob"
const peerOf = (name: Name): Name => (name === "alice" ? "bob" : "alice")

/** A conversation without a fault in the network. */
const talk = (speakers: ReadonlyArray<Name>) => {
  const pair = introduced()
  const states: Record<Name, SignalState> = { alice: pair.alice, bob: pair.bob }
  const traffic: Array<Seen> = []
  const say = (name: Name): Seen => {
    const [sender, seen] = sealSeen(states[name], "words")
    states[name] = sender
    states[peerOf(name)] = open(states[peerOf(name)], seen.ciphertext)![0]
    traffic.push(seen)
    return seen
  }
  for (const name of speakers) say(name)
  return { states, traffic, say, identities: [pair.alice.own, pair.bob.own] as const }
}

describe("a stolen state", () => {
  it("opens no earlier message, whose ever", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Name>("alice", "bob"), { maxLength: 8 }),
        fc.constantFrom<Name>("alice", "bob"),
        (speakers, victim) => {
          const { identities, states, traffic } = talk(speakers)
          const thief = ransack(states[victim], traffic)
          for (const seen of traffic) {
            expect(opensFor(thief, seen, identities)).toBe(false)
            expect(open(states[victim], seen.ciphertext)).toBeUndefined()
          }
        },
      ),
      { numRuns: 6 },
    )
  })

  it("opens the next messages: the thief is a good one", () => {
    for (const victim of ["alice", "bob"] as const) {
      const { identities, say, states, traffic } = talk(["bob", "alice", "bob", "bob"])
      const stolen = states[victim]
      // Bob has the turn, so a thief of either reads on in his chain.
      const next = say("bob")
      expect(opensFor(ransack(stolen, [...traffic, next]), next, identities)).toBe(true)
      if (victim === "alice") expect(open(stolen, next.ciphertext)).toBeDefined()
    }
    const { identities, say, states, traffic } = talk(["bob", "alice"])
    const stolen = states.alice
    // The first step of the round trip is not clean yet: Alice's secret, with Bob's new key from the wire, opens his turn.
    const turned = say("bob")
    expect(opensFor(ransack(stolen, [...traffic, turned]), turned, identities)).toBe(true)
  })

  it("opens nothing after a clean round trip", () => {
    for (const victim of ["alice", "bob"] as const) {
      const { identities, say, states, traffic } = talk(["bob", "alice", "bob", "alice", "alice"])
      let stolen = states[victim]
      const follow = ({ ciphertext }: Seen) => {
        // The thief keeps up as the victim does, as long as that goes.
        const opened = open(stolen, ciphertext)
        if (opened !== undefined) stolen = opened[0]
        return opened !== undefined
      }
      // A round trip begins with the victim: its turn is the first under a key that the thief has not seen.
      for (const name of [peerOf(victim), victim, peerOf(victim), victim]) {
        const seen = say(name)
        if (name !== victim) follow(seen)
      }
      for (let i = 0; i < 4; i++) {
        const later = say(i % 2 === 0 ? peerOf(victim) : victim)
        expect(follow(later)).toBe(false)
        expect(opensFor(ransack(stolen, [...traffic, later]), later, identities)).toBe(false)
      }
    }
  })

  it("keeps only the keys of messages that have not come", () => {
    const { alice, bob } = acquainted()
    const [one, late] = sealSeen(bob, "late")
    const [, onTime] = sealSeen(one, "on time")
    const [waiting] = open(alice, onTime.ciphertext)!
    const identities = [alice.own, bob.own] as const
    expect(opensFor(ransack(waiting, [late, onTime]), late, identities)).toBe(true)
    expect(opensFor(ransack(waiting, [late, onTime]), onTime, identities)).toBe(false)
    const [complete] = open(waiting, late.ciphertext)!
    expect(opensFor(ransack(complete, [late, onTime]), late, identities)).toBe(false)
  })
})
