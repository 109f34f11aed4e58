/** The Double Ratchet's statechart alone: no keys, no bytes. `FUZZ=50` multiplies the number of event sequences. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type AnyStateMachine, type AnyStateNode, createMachine } from "xstate"
import { getShortestPaths } from "xstate/graph"
import type { Command } from "../../src/core/host/command.ts"
import { begin, fromRest, type Snapshot, step } from "../../src/core/host/step.ts"
import {
  type DoubleRatchetContext,
  type DoubleRatchetEvent,
  doubleRatchet,
  MAX_COUNTER,
  MAX_FORWARD_JUMP,
} from "../../src/machines/double-ratchet.ts"

const RUNS = 500 * Number(process.env["FUZZ"] ?? 1)

const counter = fc.oneof(
  { weight: 6, arbitrary: fc.nat(5) },
  fc.constantFrom(MAX_FORWARD_JUMP - 1, MAX_FORWARD_JUMP, MAX_FORWARD_JUMP + 1, MAX_COUNTER),
)
const skipped = fc.nat(2_000)
const event: fc.Arbitrary<DoubleRatchetEvent> = fc.oneof(
  fc.constantFrom<DoubleRatchetEvent>(
    { type: "BundleAccepted" },
    { type: "PreKeyMessageAccepted" },
    { type: "AnswerOverdue" },
  ),
  { weight: 6, arbitrary: fc.constant<DoubleRatchetEvent>({ type: "SealAsked" }) },
  fc.record({ type: fc.constant("FrameOfNewChain" as const), counter }),
  fc.record({ type: fc.constant("FrameOfCurrentChain" as const), counter }),
  fc.record({ type: fc.constant("FrameOfFormerChain" as const), counter, received: counter, last: counter }),
  fc.record({ type: fc.constant("FrameOfStoredKey" as const), counter }),
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("NewChainOpened" as const), counter, previous: counter, skipped }),
  },
  fc.record({ type: fc.constant("CurrentChainOpened" as const), counter, skipped }),
  fc.record({ type: fc.constant("LateFrameOpened" as const), skipped }),
  fc.record({ type: fc.constant("StoredKeysExpired" as const), skipped }),
)

interface Observed {
  readonly event: DoubleRatchetEvent
  readonly from: Snapshot
  readonly to: Snapshot
  readonly commands: ReadonlyArray<Command>
}

const observe = (machine: AnyStateMachine, events: ReadonlyArray<DoubleRatchetEvent>): ReadonlyArray<Observed> => {
  const seen: Array<Observed> = []
  let from = begin(machine, undefined).snapshot
  for (const event of events) {
    const { commands, snapshot: to } = step(machine, from, event)
    seen.push({ event, from, to, commands })
    from = to
  }
  return seen
}

const contextOf = (snapshot: Snapshot): DoubleRatchetContext => snapshot.context as DoubleRatchetContext
const names = ({ commands }: Observed): ReadonlyArray<string> => commands.map(({ type }) => type)
const paramsOf = ({ commands }: Observed, type: string) =>
  commands.filter((command) => command.type === type).map(({ params }) => params as Record<string, number>)

/** What holds for every run, each with the sentence that says it. */
const rules: Readonly<Record<string, (run: ReadonlyArray<Observed>) => boolean>> = {
  "a claim changes nothing": (run) =>
    run.every(({ event, from, to }) => !event.type.startsWith("FrameOf") || to === from || sameRest(from, to)),

  "no claim costs more than the forward jump": (run) =>
    run.every((seen) =>
      ["openNewChain", "openCurrentChain", "openFormerChain"].every((type) =>
        paramsOf(seen, type).every(({ skip }) => skip! >= 0 && skip! <= MAX_FORWARD_JUMP),
      ),
    ),

  "nothing is opened after a chain's end": (run) =>
    run.every(
      (seen) =>
        seen.event.type !== "FrameOfFormerChain" ||
        names(seen).length === 0 ||
        (seen.event.counter <= seen.event.last && seen.event.counter >= seen.event.received),
    ),

  "no place of a sending chain is sealed twice": (run) => {
    let chain = 0
    const places: Array<string> = []
    for (const seen of run) {
      if (names(seen).includes("turnSending")) chain += 1
      for (const { counter } of paramsOf(seen, "seal")) places.push(`${chain}/${counter}`)
    }
    return new Set(places).size === places.length
  },

  "a counter never wraps": (run) =>
    run.every((seen) => paramsOf(seen, "seal").every((p) => p["counter"]! <= MAX_COUNTER)),

  "turns alternate": (run) => {
    const turns = run.flatMap((seen) => [
      ...(seen.event.type === "NewChainOpened" && seen.to !== seen.from ? ["theirs"] : []),
      ...(names(seen).includes("turnSending") ? ["ours"] : []),
    ])
    return turns.every((turn, i) => turn !== turns[i - 1])
  },

  "the peer's turn closes its former chain and erases our sending keys": (run) =>
    run.every(
      (seen) =>
        seen.event.type !== "NewChainOpened" ||
        seen.to === seen.from ||
        (names(seen).includes("closeFormerChain") && names(seen).includes("eraseSendingKeys")),
    ),

  "the prekeys travel until the first answer, and are then forgotten": (run) => {
    const initiated = run.findIndex(({ event, from, to }) => event.type === "BundleAccepted" && from !== to)
    if (initiated < 0) return run.every((seen) => !names(seen).includes("wrapInPreKeyMessage"))
    const after = run.slice(initiated)
    const answered = after.findIndex(({ event, from, to }) => event.type.endsWith("Opened") && from !== to)
    return after.every((seen, i) => {
      const isBefore = answered < 0 || i < answered
      const wraps = names(seen).includes("wrapInPreKeyMessage")
      const forgets = names(seen).includes("forgetPreKeys")
      return names(seen).includes("seal") ? wraps === isBefore : forgets === (i === answered)
    })
  },

  "what is abandoned stays so, without keys": (run) =>
    run.every((seen) => {
      if (seen.from.value === "abandoned") return names(seen).length === 0 && seen.to.value === "abandoned"
      return (seen.to.value === "abandoned") === names(seen).includes("eraseAllKeys")
    }),

  "the context is counters": (run) =>
    run.every(({ to }) => Object.values(contextOf(to)).every((value) => Number.isSafeInteger(value) && value >= 0)),
}

const sameRest = (a: Snapshot, b: Snapshot) =>
  JSON.stringify([a.value, a.context]) === JSON.stringify([b.value, b.context])

describe("over arbitrary events", () => {
  for (const [says, holds] of Object.entries(rules)) {
    it(says, () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 40 }), (events) => holds(observe(doubleRatchet, events))),
        { numRuns: RUNS },
      )
    })
  }
})

describe("a machine with a fault is caught", () => {
  const breaks = (machine: AnyStateMachine, says: keyof typeof rules): boolean =>
    fc.check(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => rules[says]!(observe(machine, events))),
      { numRuns: 50_000, endOnFailure: true },
    ).failed

  const edited = (edit: (config: Config) => void): AnyStateMachine => {
    const config = clone(doubleRatchet.config) as Config
    edit(config)
    return createMachine(config as never, doubleRatchet.implementations as never)
  }

  it("a guard that lets every gap through", () => {
    const lax = doubleRatchet.provide({ guards: { isInReach: () => true } })
    expect(breaks(lax, "no claim costs more than the forward jump")).toBe(true)
    expect(breaks(lax, "nothing is opened after a chain's end")).toBe(true)
  })

  it("a turn that forgets the former chain", () => {
    const machine = edited(({ states }) => {
      const opened = states["conversing"]!.states!["theirTurn"]!.on!["NewChainOpened"]!
      opened.actions = opened.actions.filter((action) => (action as { type?: string }).type !== "closeFormerChain")
    })
    expect(breaks(machine, "the peer's turn closes its former chain and erases our sending keys")).toBe(true)
  })

  it("a peer that may turn twice", () => {
    const machine = edited(({ states }) => {
      const { ourTurn, theirTurn } = states["conversing"]!.states!
      ourTurn!.on!["NewChainOpened"] = theirTurn!.on!["NewChainOpened"]!
    })
    expect(breaks(machine, "turns alternate")).toBe(true)
  })

  it("a seal that does not count", () => {
    const machine = edited(({ states }) => {
      const asked = states["conversing"]!.states!["theirTurn"]!.on!["SealAsked"]!
      asked.actions = asked.actions.filter((action) => typeof action !== "function")
    })
    expect(breaks(machine, "no place of a sending chain is sealed twice")).toBe(true)
  })

  it("an answer that does not stop the prekeys", () => {
    const machine = edited(({ states }) => {
      const { NewChainOpened } = states["awaitingAnswer"]!.on!
      NewChainOpened!.target = "awaitingAnswer"
    })
    expect(breaks(machine, "the prekeys travel until the first answer, and are then forgotten")).toBe(true)
  })
})

interface Transition {
  target?: string
  actions: Array<unknown>
}
interface Config {
  readonly states: Record<string, { readonly on?: Record<string, Transition>; readonly states?: Config["states"] }>
}
const clone = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(clone)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clone(inner)]))
      : value

describe("its limits", () => {
  const at = (context: Partial<DoubleRatchetContext>, value: unknown = { conversing: "theirTurn" }): Snapshot =>
    fromRest(doubleRatchet, {
      value: value as never,
      context: { ...contextOf(begin(doubleRatchet, undefined).snapshot), ...context },
    })
  const after = (snapshot: Snapshot, event: DoubleRatchetEvent) => step(doubleRatchet, snapshot, event)
  const commandsOf = (snapshot: Snapshot, event: DoubleRatchetEvent) =>
    after(snapshot, event).commands.map(({ type }) => type)

  it.each([
    ["openNewChain", 0, { type: "FrameOfNewChain", counter: MAX_FORWARD_JUMP }],
    ["openCurrentChain", 9, { type: "FrameOfCurrentChain", counter: 9 + MAX_FORWARD_JUMP }],
    ["openFormerChain", 0, { type: "FrameOfFormerChain", counter: 3 + MAX_FORWARD_JUMP, received: 3, last: 99_999 }],
  ] as const)("%s jumps as far as the limit, and no further", (command, received, event) => {
    expect(commandsOf(at({ received }), event)).toEqual([command])
    expect(commandsOf(at({ received }), { ...event, counter: event.counter + 1 })).toEqual([])
  })

  it("a chain seals its last counter, then waits for the peer's turn", () => {
    const last = after(at({ sent: MAX_COUNTER }), { type: "SealAsked" })
    expect(last.commands).toMatchObject([{ type: "seal", params: { counter: MAX_COUNTER } }])
    expect(after(last.snapshot, { type: "SealAsked" }).commands).toEqual([])
    const turned = after(last.snapshot, { type: "NewChainOpened", counter: 0, previous: 0, skipped: 0 })
    expect(commandsOf(turned.snapshot, { type: "SealAsked" })).toEqual(["turnSending", "seal"])
  })

  it("the peer cannot turn again before we have", () => {
    expect(commandsOf(at({}, { conversing: "ourTurn" }), { type: "FrameOfNewChain", counter: 0 })).toEqual([])
  })
})

describe("its shape", () => {
  const leaves = (node: AnyStateNode): ReadonlyArray<AnyStateNode> =>
    Object.keys(node.states).length === 0 ? [node] : Object.values(node.states).flatMap(leaves)

  it("every state is reached", () => {
    const one = { counter: 0, previous: 0, skipped: 0 }
    const paths = getShortestPaths(doubleRatchet, {
      events: [
        { type: "BundleAccepted" },
        { type: "PreKeyMessageAccepted" },
        { type: "SealAsked" },
        { type: "NewChainOpened", ...one },
        { type: "AnswerOverdue" },
      ],
      serializeState: ({ value }) => JSON.stringify(value),
    })
    const reached = new Set(paths.flatMap(({ state }) => state._nodes.map(({ id }) => id)))
    expect(
      leaves(doubleRatchet.root)
        .map(({ id }) => id)
        .filter((id) => !reached.has(id)),
    ).toEqual([])
  })

  it("every state is final or has a way out", () => {
    const stuck = leaves(doubleRatchet.root).filter(
      (node) =>
        node.type !== "final" &&
        ![...node.transitions.values()].flat().some(({ target }) => target?.some((to) => to !== node)),
    )
    expect(stuck.map(({ id }) => id)).toEqual([])
  })
})
