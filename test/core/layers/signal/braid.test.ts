/** The braid between two sides that mean well, and what it takes from one that does not. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { codec } from "../../../../src/core/codec/codec.ts"
import { braidKey, braidReceive, braidSend } from "../../../../src/core/layers/signal/braid.ts"
import { type BraidMessage, decodeBraidMessage } from "../../../../src/core/layers/signal/braid-message.ts"
import {
  type Braid,
  type BraidStateName,
  braidShape,
  startBraid,
} from "../../../../src/core/layers/signal/braid-state.ts"
import { signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { braid as machine } from "../../../../src/machines/braid.ts"
import { makeDice } from "../../../../src/spec/simulation/dice.ts"
import { acquainted, attempt, crypto, flipped, hex, open, run, seal, text } from "./people.ts"

const record = codec(braidShape, 64 * 1024)

const start = (): readonly [Braid, Braid] => {
  const key = crypto.random(32)
  return [startBraid(crypto, "initiator", key), startBraid(crypto, "responder", key)]
}

const send = (braid: Braid) => {
  const sent = run(braidSend(crypto, braid))
  return { ...sent, message: decodeBraidMessage(sent.message)! }
}

/** The braid after a message, or undefined where it is refused. */
const receive = (braid: Braid, message: BraidMessage) => {
  const found = braidKey(crypto, braid, message, 0)
  const received = found && attempt(braidReceive(crypto, found.braid, message))
  return received && { braid: received.braid, key: found.key }
}

/** In turns, until one of them is in this state; answers both, and whose it is. */
const until = (state: BraidStateName, change = (message: BraidMessage) => message): readonly [Braid, Braid] => {
  let [speaker, listener] = start()
  for (let i = 0; i < 400; i++) {
    if (speaker.machine.value === state) return [speaker, listener]
    if (listener.machine.value === state) return [listener, speaker]
    const sent = send(speaker)
    const received = receive(listener, change(sent.message))
    if (received === undefined) throw new Error("refused")
    ;[speaker, listener] = [received.braid, sent.braid]
  }
  throw new Error(`never came to ${state}`)
}

/** In turns every state but one is reached; that one needs a loss of acknowledgements. */
const INSTANT: ReadonlyArray<string> = ["ekReceivedCt1Sampled"]
const STATES = Object.keys(machine.states).filter((state) => !INSTANT.includes(state)) as ReadonlyArray<BraidStateName>

describe("two sides", () => {
  it("get the same keys, message after message, and an epoch further every ninety", () => {
    let [a, b] = start()
    const keys = new Set<string>()
    for (let i = 0; i < 400; i++) {
      const sent = send(a)
      const received = receive(b, sent.message)!
      expect(hex(received.key)).toBe(hex(sent.key))
      keys.add(hex(sent.key))
      ;[a, b] = [received.braid, sent.braid]
    }
    expect(keys.size).toBe(400)
    expect(a.machine.context.epoch).toBe(5)
  })

  it.each(STATES)("come to %s, which comes back from its record and holds no more than it needs", (state) => {
    const [braid] = until(state)
    const encoded = record.encode(braid)
    expect(record.decode(encoded)).toEqual(braid)
    // Sending and receiving change nothing of what they were given.
    send(braid)
    expect(hex(record.encode(braid))).toBe(hex(encoded))
    expect(encoded.length).toBeLessThan(4_500)
  })

  it("agree on the next epoch also where a third of the messages is lost", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const dice = makeDice(seed)
        let [a, b] = start()
        for (let i = 0; i < 400; i++) {
          const sent = send(a)
          a = sent.braid
          if (!dice.chance(0.35)) b = receive(b, sent.message)!.braid
          ;[a, b] = [b, a]
        }
        expect(Math.min(a.machine.context.epoch, b.machine.context.epoch)).toBeGreaterThan(1)
      }),
      { numRuns: 5 },
    )
  })
})

describe("a braid under a right MAC that lies", () => {
  /** Changes the chunk with this number whenever it is sent as this type. */
  const lying =
    (type: BraidMessage["payload"]["type"], number: number) =>
    (message: BraidMessage): BraidMessage => {
      const { payload } = message
      if (!("chunk" in payload) || payload.type !== type || payload.chunk.number !== number) return message
      return { ...message, payload: { ...payload, chunk: { number, bytes: flipped(payload.chunk.bytes, 77) } } }
    }

  it.each([
    ["in its header", "header", 1],
    ["in its header's MAC", "header", 2],
    ["in its key", "vector", 20],
    ["in its first ciphertext", "first", 20],
    ["in its second ciphertext", "second", 2],
    ["in the ciphertexts' MAC", "second", 4],
  ] as const)("%s is refused when the message is whole", (_, type, number) => {
    expect(() => {
      let [speaker, listener] = start()
      for (let i = 0; i < 180; i++) {
        const sent = send(speaker)
        const before = hex(record.encode(listener))
        const received = receive(listener, lying(type, number)(sent.message))
        expect(hex(record.encode(listener))).toBe(before)
        if (received === undefined) throw new Error("refused")
        ;[speaker, listener] = [received.braid, sent.braid]
        if (speaker.machine.context.epoch > 1 || listener.machine.context.epoch > 2) break
      }
    }).toThrow("refused")
  })

  it("about what it has not been sent is ignored", () => {
    const [braid, peer] = until("headerSent")
    const { epoch } = braid.machine.context
    const sent = send(peer)
    for (const type of ["header", "vector", "acknowledgingVector", "second"] as const) {
      const chunk = { number: 0, bytes: new Uint8Array(32) }
      const received = receive(braid, { ...sent.message, payload: { type, chunk } })!
      expect(received.braid.machine).toEqual(braid.machine)
      expect(received.braid.material).toEqual(braid.material)
    }
    // An epoch that is not yet: there is no key for it.
    expect(receive(braid, { ...sent.message, epoch: epoch + 1 })).toBeUndefined()
    expect(receive(braid, { ...sent.message, epoch: epoch + 1_000 })).toBeUndefined()
  })

  it("keeps no more chunks than a message has, whatever their numbers", () => {
    let [braid, peer] = until("headerSent")
    for (let i = 0; i < 200; i++) {
      const sent = send(peer)
      peer = sent.braid
      const chunk = { number: 60_000 + (i % 7), bytes: new Uint8Array(32).fill(i) }
      braid = receive(braid, { ...sent.message, payload: { type: "first", chunk } })!.braid
      expect(braid.kept.length).toBeLessThanOrEqual(8)
    }
    expect(braid.kept.length).toBeGreaterThanOrEqual(7)
  })
})

describe("a session's record", () => {
  const { alice } = acquainted()
  const { braid } = alice.keys!
  const with_ = (change: Partial<Braid>) => ({ ...alice, keys: { ...alice.keys!, braid: { ...braid, ...change } } })

  it.each([
    ["a key that the state does not need", { material: { ...braid.material, randomness: new Uint8Array(32) } }],
    ["a state without its key", { material: {} }],
    ["chunks that are not counted", { kept: [{ number: 0, bytes: new Uint8Array(32) }] }],
    ["the wrong place for its epoch", { machine: { ...braid.machine, context: { epoch: 2, sent: 1, received: 0 } } }],
    ["no epoch at all", { machine: { ...braid.machine, context: { epoch: 0, sent: 1, received: 0 } } }],
    ["no chains", { chains: { ...braid.chains, epochs: [] } }],
    [
      "chains with a gap",
      { chains: { ...braid.chains, epochs: [{ ...braid.chains.epochs[0]!, epoch: 5 }, braid.chains.epochs[0]!] } },
    ],
  ] satisfies ReadonlyArray<readonly [string, Partial<Braid>]>)("cannot hold %s", (_, change) => {
    expect(() => signalLayer.encode(with_(change))).toThrow(RangeError)
  })

  it("damaged in the braid's part is none, or goes on as something else that is whole", () => {
    const encoded = signalLayer.encode(alice)
    fc.assert(
      fc.property(fc.nat(), (bit) => {
        const damaged = flipped(encoded, bit)
        const back = signalLayer.decode(damaged)
        if (back !== undefined) expect(hex(signalLayer.encode(back))).toBe(hex(damaged))
      }),
      { numRuns: 500 },
    )
  })
})

it("through the layer, an epoch of turns stays within the length that the cascade has room for", () => {
  let { alice, bob } = acquainted()
  const lengths: Array<number> = []
  for (let i = 0; i < 200; i++) {
    const [sealed, ciphertext] = seal(alice, text("words"))
    lengths.push(ciphertext.length)
    const [opened] = open(bob, ciphertext)!
    ;[alice, bob] = [opened, sealed]
  }
  expect(Math.max(...lengths)).toBeLessThan(300)
  expect(signalLayer.view(alice).machines?.[0]).toMatchObject({ machine: "braid", context: { epoch: 3 } })
})
