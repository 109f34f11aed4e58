/**
 * Two people and a bad network, over arbitrary schedules: RT-2 and RT-3 of docs/invariants.md. Every state goes through its
 * record on the way. `FUZZ=50` multiplies the number of schedules.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type SignalState, signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { MAX_RECEIVER_CHAINS } from "../../../../src/core/layers/signal/receiver-chain.ts"
import { ASSOCIATED, attempt, flipped, hex, introduced, open, run, seal, text } from "./people.ts"

const RUNS = 100 * Number(process.env["FUZZ"] ?? 1)

type Name = "alice" | "bob"
const peerOf = (name: Name): Name => (name === "alice" ? "bob" : "alice")

type Step =
  | { readonly do: "say"; readonly who: Name; readonly times: number }
  | { readonly do: "deliver" | "drop" | "repeat" | "reflect" | "misdirect"; readonly to: Name; readonly which: number }
  | { readonly do: "damage"; readonly to: Name; readonly which: number; readonly bit: number }

const who = fc.constantFrom<Name>("alice", "bob")
const which = fc.nat(30)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("say" as const), who, times: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant("deliver" as const), to: who, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const), to: who, which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("repeat" as const, "reflect" as const, "misdirect" as const),
      to: who,
      which,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("damage" as const), to: who, which, bit: fc.nat() }) },
)

interface Letter {
  readonly from: Name
  readonly words: string
  readonly ciphertext: Uint8Array
  /** Which of the sender's turns it belongs to. */
  readonly turn: number
}

/** The reference: who knows of which turns. A letter opens once, if its turn is among the peer's last five known ones. */
interface Model {
  readonly turn: Record<Name, number>
  /** Whether the peer's latest turn has been seen since one's own. */
  readonly mayTurn: Record<Name, boolean>
  readonly known: Record<Name, number>
  readonly opened: Set<Letter>
}

const converse = (steps: ReadonlyArray<Step>) => {
  const pair = introduced()
  const states: Record<Name, SignalState> = { alice: pair.alice, bob: pair.bob }
  const hello: Letter = { from: "alice", words: "", ciphertext: pair.first, turn: 1 }
  const model: Model = {
    turn: { alice: 1, bob: 0 },
    mayTurn: { alice: false, bob: true },
    known: { alice: 0, bob: 1 },
    opened: new Set([hello]),
  }
  const letters: Array<Letter> = []
  const underWay: Record<Name, Array<Letter>> = { alice: [], bob: [] }
  const arrived: Record<Name, Array<Letter>> = { alice: [], bob: [hello] }

  const rest = (name: Name, state: SignalState) => {
    const record = signalLayer.encode(state)
    const back = signalLayer.decode(record)
    expect(back).toBeDefined()
    expect(hex(signalLayer.encode(back!))).toBe(hex(record))
    states[name] = back!
  }
  const say = (name: Name) => {
    if (model.mayTurn[name]) {
      model.turn[name] += 1
      model.mayTurn[name] = false
    }
    const words = `${name} ${letters.length}`
    const [state, ciphertext] = seal(states[name], text(words))
    rest(name, state)
    const letter = { from: name, words, ciphertext, turn: model.turn[name] }
    letters.push(letter)
    underWay[peerOf(name)].push(letter)
  }
  const arrive = (to: Name, letter: Letter) => {
    const before = hex(signalLayer.encode(states[to]))
    const given = states[to]
    const result = open(given, letter.ciphertext)
    expect(hex(signalLayer.encode(given))).toBe(before)
    const expected = !model.opened.has(letter) && model.known[to] - letter.turn < MAX_RECEIVER_CHAINS
    expect(result !== undefined).toBe(expected)
    if (result === undefined) return
    expect(result[1]).toEqual(text(letter.words))
    rest(to, result[0])
    model.opened.add(letter)
    if (letter.turn > model.known[to]) {
      model.known[to] = letter.turn
      model.mayTurn[to] = true
    }
  }
  const refuses = (to: Name, ciphertext: Uint8Array) => {
    const before = hex(signalLayer.encode(states[to]))
    expect(open(states[to], ciphertext)).toBeUndefined()
    expect(hex(signalLayer.encode(states[to]))).toBe(before)
  }

  for (const step of steps) {
    if (step.do === "say") {
      for (let i = 0; i < step.times; i++) say(step.who)
      continue
    }
    const { to } = step
    const queue = step.do === "repeat" ? arrived[to] : step.do === "reflect" ? underWay[peerOf(to)] : underWay[to]
    const letter = queue[step.which % queue.length]
    if (letter === undefined) continue
    if (step.do === "deliver" || step.do === "drop") queue.splice(queue.indexOf(letter), 1)
    if (step.do === "deliver") {
      arrive(to, letter)
      arrived[to].push(letter)
    } else if (step.do === "repeat") arrive(to, letter)
    else if (step.do === "reflect") refuses(to, letter.ciphertext)
    else if (step.do === "damage") refuses(to, flipped(letter.ciphertext, step.bit))
    else if (step.do === "misdirect") {
      // The same message under another session's associated data.
      const elsewhere = new Uint8Array(32).fill(1)
      expect(attempt(signalLayer.open(states[to], letter.ciphertext, elsewhere))).toBeUndefined()
    }
  }
  // Whatever happened, both can still speak and be heard.
  for (const name of ["alice", "bob", "alice"] as const) {
    say(name)
    arrive(peerOf(name), underWay[peerOf(name)].pop()!)
  }
}

describe("a conversation", () => {
  it("opens each delivered message once, and a failed open changes nothing, whatever the network does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => converse(steps)),
      { numRuns: RUNS },
    )
  })

  it("opens everything in the reverse order", () => {
    let { alice, bob } = introduced()
    const letters: Array<Uint8Array> = []
    for (let i = 0; i < 20; i++) {
      const [next, ciphertext] = seal(bob, text(`${i}`))
      bob = next
      letters.push(ciphertext)
    }
    for (let i = 19; i >= 0; i--) {
      const opened = open(alice, letters[i]!)!
      alice = opened[0]
      expect(opened[1]).toEqual(text(`${i}`))
    }
    expect(signalLayer.view(alice)).toMatchObject({ skipped: 0, received: 20 })
  })

  it("repeats the introduction until an answer opens, and no longer", () => {
    const { alice, bob, first } = introduced()
    const [, second] = seal(alice, text("are you there?"))
    expect(second.length).toBeGreaterThan(1_600)
    expect(open(bob, first)).toBeUndefined()
    const [afterSecond] = open(bob, second)!
    const [, answer] = seal(afterSecond, text("yes"))
    const [answered] = open(alice, answer)!
    expect(seal(answered, text("good"))[1].length).toBeLessThan(250)
  })

  it("tells what its machines did, without a key", () => {
    const { alice, bob } = introduced()
    const sealed = seal(bob, text("yes"))
    expect(
      run(signalLayer.seal(bob, text("yes"), ASSOCIATED)).transitions.map(({ id, commands }) => [id, commands]),
    ).toEqual([
      ["doubleRatchet/signal", ["turnSending", "seal"]],
      ["braid/signal", ["sendNothing"]],
    ])
    const { transitions } = attempt(signalLayer.open(alice, sealed[1], new Uint8Array(32).fill(0xad)))!
    expect(transitions).toMatchObject([
      {
        machine: "doubleRatchet",
        id: "doubleRatchet/signal",
        event: "FrameOfNewChain",
        from: "awaitingAnswer",
        to: "awaitingAnswer",
        commands: ["openNewChain"],
      },
      {
        machine: "doubleRatchet",
        id: "doubleRatchet/signal",
        event: "NewChainOpened",
        from: "awaitingAnswer",
        to: { conversing: "ourTurn" },
        commands: ["closeFormerChain", "eraseSendingKeys", "forgetPreKeys"],
      },
    ])
    expect(signalLayer.view(seal(alice, text("on"))[0]).machines).toEqual([
      { machine: "braid", id: "braid/signal", state: "keysSampled", context: { epoch: 1, sent: 2, received: 0 } },
    ])
  })
})
