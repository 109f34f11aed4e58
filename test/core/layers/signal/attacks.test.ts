/** What an attacker on the wire, a thief of a message, or the peer itself may try once a session stands. */
import { describe, expect, it } from "vitest"
import { concat } from "../../../../src/core/crypto/bytes.ts"
import { braidSend } from "../../../../src/core/layers/signal/braid.ts"
import { seedAt } from "../../../../src/core/layers/signal/chain-key.ts"
import { type SignalState, signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { macOf, messageKeys } from "../../../../src/core/layers/signal/message-keys.ts"
import { seal as sealMessage } from "../../../../src/core/layers/signal/seal.ts"
import { encodeBody, type SignalMessage } from "../../../../src/core/layers/signal/signal-message.ts"
import {
  ASSOCIATED,
  acquainted,
  attempt,
  crypto,
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

/** What a peer that keeps its keys but not the rules can send: any message of its chain, with a MAC that is right. */
const rogue = (
  state: SignalState,
  change: Partial<SignalMessage>,
  encrypt?: (key: Uint8Array, iv: Uint8Array) => Uint8Array,
): Uint8Array => {
  const { pair, chain } = state.keys!.sending!
  const braided = run(braidSend(crypto, state.keys!.braid))
  const keys = messageKeys(crypto, seedAt(crypto, chain), braided.key)
  const { previous, sent } = state.ratchet.context
  const body = encodeBody({
    ratchetKey: pair.publicKey,
    counter: sent,
    previousCounter: previous,
    ciphertext: encrypt
      ? encrypt(keys.cipherKey, keys.iv)
      : run(crypto.aes256Cbc.encrypt(keys.cipherKey, keys.iv, concat(ASSOCIATED, text("rogue")))),
    braid: braided.message,
    addresses: undefined,
    ...change,
  })
  return concat(body, macOf(crypto, keys, { sender: state.own, receiver: state.peer }, body))
}

const refuses = (state: SignalState, ciphertext: Uint8Array) => {
  const before = hex(signalLayer.encode(state))
  expect(attempt(signalLayer.open(state, ciphertext, ASSOCIATED))).toBeUndefined()
  expect(hex(signalLayer.encode(state))).toBe(before)
}

describe("on the wire", () => {
  const { alice, bob, first } = acquainted()
  const [bobAfter, ciphertext] = seal(bob, text("words"))

  it("every single bit of a message counts", () => {
    for (let bit = 0; bit < ciphertext.length * 8; bit++) {
      const damaged = ciphertext.slice()
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(open(alice, damaged)).toBeUndefined()
    }
    expect(open(alice, ciphertext)?.[1]).toEqual(text("words"))
  })

  it("a message cut short or made longer is refused", () => {
    for (let length = 0; length < ciphertext.length; length++) refuses(alice, ciphertext.slice(0, length))
    refuses(alice, concat(ciphertext, Uint8Array.of(0)))
  })

  it("low-order ratchet keys are refused", () => {
    for (const u of [0, 1]) {
      const forged = ciphertext.slice()
      forged.set(new Uint8Array(32).with(0, u), 4)
      refuses(alice, forged)
    }
  })

  it("a message is refused by its sender, by a stranger, and by the same people in another session", () => {
    refuses(bobAfter, ciphertext)
    const others = acquainted()
    refuses(others.alice, ciphertext)
    refuses(others.bob, ciphertext)
  })

  it("a first message begins nothing anew, nor does one of another session pass for a repetition", () => {
    refuses(bob, first)
    refuses(alice, first)
    refuses(bob, introduced().first)
    const { bob: fresh } = introduced()
    const [, another] = seal(introduced().alice, text("psst"))
    refuses(fresh, another)
  })

  it("a repeated introduction with any byte of it changed is refused", () => {
    const pair = introduced()
    const [, second] = seal(pair.alice, text("again"))
    expect(open(pair.bob, second)).toBeDefined()
    for (let at = 0; at < second.length; at += second.length > 400 && at > 250 && at < 1_650 ? 50 : 1)
      expect(open(pair.bob, second.with(at, second[at]! ^ 1))).toBeUndefined()
  })
})

describe("from a peer that breaks the rules", () => {
  const { alice, bob } = acquainted()
  // Bob has turned, and Alice has heard him.
  const there = deliver(bob, alice)
  const [rogueBob, victim] = [there.from, there.to]

  it("an honest message made this way opens, or none of these tests would tell anything", () => {
    expect(open(victim, rogue(rogueBob, {}))?.[1]).toEqual(text("rogue"))
  })

  it("a message without the associated data before it is refused", () => {
    const { message } = run(sealMessage(rogueBob, text("bare")))
    refuses(victim, message)
    const { message: long } = run(sealMessage(rogueBob, new Uint8Array(64)))
    refuses(victim, long)
  })

  it("a message under other associated data is refused, and so is any when none is given", () => {
    const other = run(signalLayer.seal(rogueBob, text("elsewhere"), new Uint8Array(32).fill(1)))
    refuses(victim, other.ciphertext)
    expect(attempt(signalLayer.open(victim, rogue(rogueBob, {}), new Uint8Array(0)))).toBeUndefined()
    expect(() => run(signalLayer.seal(victim, text("no"), new Uint8Array(31)))).toThrow(RangeError)
  })

  it("a message without the braid's part is refused, and so is one with a part that is none, or another's", () => {
    const { message } = run(braidSend(crypto, rogueBob.keys!.braid))
    const stranger = run(braidSend(crypto, acquainted().bob.keys!.braid)).message
    refuses(victim, rogue(rogueBob, { braid: undefined }))
    refuses(victim, rogue(rogueBob, { braid: new Uint8Array(0) }))
    refuses(victim, rogue(rogueBob, { braid: message.with(0, 0) }))
    refuses(victim, rogue(rogueBob, { braid: message.with(0, 2) }))
    refuses(victim, rogue(rogueBob, { braid: concat(message, Uint8Array.of(0)) }))
    refuses(victim, rogue(rogueBob, { braid: message.slice(0, -1) }))
    refuses(victim, rogue(rogueBob, { braid: stranger }))
  })

  it("addresses are covered by the MAC, and ignored", () => {
    expect(open(victim, rogue(rogueBob, { addresses: text("alice/1") }))).toBeDefined()
  })

  it("wrong padding under a right MAC is the same refusal", () => {
    const noPadding = (key: Uint8Array, iv: Uint8Array) => {
      const whole = run(crypto.aes256Cbc.encrypt(key, iv, new Uint8Array(16)))
      return whole.slice(0, 16)
    }
    refuses(victim, rogue(rogueBob, {}, noPadding))
  })

  it("lies about the previous counter do no harm but to the liar's own late messages", () => {
    for (const previousCounter of [0, 1, 5, 25_001, 0xffff_ffff]) {
      const pair = acquainted()
      const [one, late] = seal(pair.bob, text("late"))
      const heard = deliver(one, pair.alice)
      const back = deliver(heard.to, heard.from)
      const [turned] = seal(back.to, text("lost"))
      const lie = rogue(turned, { previousCounter })
      const [after] = open(back.from, lie)!
      expect(signalLayer.decode(signalLayer.encode(after))).toEqual(after)
      // It was passed over before the lie, so its key is stored.
      expect(open(after, late)).toBeDefined()
      expect(deliver(after, turned)).toBeDefined()
    }
  })
})

describe("states", () => {
  it("are not changed through what was given to the layer, or taken from it", () => {
    const people = strangers()
    const initiated = initiateTo(people)!
    const before = hex(signalLayer.encode(initiated.state))
    people.alice.publicKey.fill(0)
    people.bob.publicKey.fill(0)
    people.bundle.signed.publicKey.fill(0)
    initiated.message.fill(0)
    expect(hex(signalLayer.encode(initiated.state))).toBe(before)

    const { alice, bob } = acquainted()
    const sealed = seal(bob, text("words"))
    const copy = sealed[1].slice()
    const [opened, plaintext] = open(alice, sealed[1])!
    const kept = hex(signalLayer.encode(opened))
    sealed[1].fill(0)
    plaintext.fill(0)
    expect(hex(signalLayer.encode(opened))).toBe(kept)
    expect(open(opened, copy)).toBeUndefined()
  })
})
