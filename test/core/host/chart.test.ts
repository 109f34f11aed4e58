/**
 * Our runner of statecharts beside XState's interpreter: for every machine of ours over arbitrary events, and for arbitrary
 * statecharts, both come to the same states, contexts, commands and timers.
 */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type AnyStateMachine, and, assign, createMachine, not, or, raise, setup, stateIn } from "xstate"
import { perform, prepare } from "../../../src/core/host/command.ts"
import { begin, fromRest } from "../../../src/core/host/step.ts"
import * as exported from "../../../src/machines/index.ts"
import { timerEventsOf } from "../../../src/spec/machines/life.ts"
import { runs } from "../layers/runtime.ts"
import { compare } from "./chart-comparison.ts"

const machines = Object.values<unknown>(exported).filter(
  (value): value is AnyStateMachine => typeof value === "object" && value !== null && "root" in value,
)

const number = fc.nat(4)
/** Whatever our events say, in the names that they use. */
const said = fc.record({
  number,
  upTo: number,
  readUpTo: number,
  also: fc.array(number, { maxLength: 3 }),
  kind: fc.constantFrom("text", "profile", "rekey", "tombstone", "known", "edit", "timer", "void"),
  before: fc.option(number, { nil: undefined }),
  bytes: fc.constantFrom(0, 10, 9_000_000),
  at: fc.option(number),
  tell: fc.boolean(),
  apart: fc.boolean(),
  reason: fc.constantFrom("expired", "cancelled", "version", "service", "absent"),
  outcome: fc.constantFrom("expired", "deleted", "failed"),
  role: fc.constantFrom("inviter", "joiner"),
  epoch: number,
  isNew: fc.boolean(),
  acknowledges: fc.boolean(),
  acknowledged: fc.boolean(),
  turn: number,
  index: number,
  counter: number,
  previous: number,
  skipped: number,
  written: number,
  base: fc.option(number),
  theirs: fc.option(number),
  repeats: number,
  link: fc.constantFrom("link-1", "link-2"),
  via: fc.constantFrom("link-1", "link-2"),
  frame: fc.constantFrom("arrived/1", "arrived/2"),
  received: number,
  due: fc.option(number),
  now: number,
  wait: number,
})

const input = {
  role: "inviter",
  number: 1,
  lifetime: 60_000,
  restored: true,
  made: true,
  wrong: 0,
  wait: 0,
  methods: [],
}

describe.each(machines.map((machine) => ({ id: machine.id, machine })))("$id", ({ machine }) => {
  it("takes every step as XState's interpreter does", () => {
    const types = [
      ...new Set([
        "Other",
        ...machine.events.filter((one: string) => one !== "*").map(String),
        ...timerEventsOf(machine).map(({ type }) => type),
      ]),
    ]
    const event = fc.tuple(fc.constantFrom(...types), said).map(([type, fields]) => ({ ...fields, type }))
    const inputs = fc.constantFrom(input, { ...input, role: "joiner", lifetime: 5, restored: false })
    let moved = 0
    fc.assert(
      fc.property(inputs, fc.array(event, { maxLength: 60, size: "max" }), (given, events) => {
        moved += compare(machine, given, events)
      }),
      { numRuns: runs(30) },
    )
    assert.isAbove(moved, 0)
  })
})

/** States within states, at most. */
const DEPTH = 3

interface Drawn {
  readonly shape: "atomic" | "final" | "compound" | "parallel"
  readonly inner: ReadonlyArray<Drawn>
  readonly on: ReadonlyArray<{
    readonly event: number
    readonly to: number
    readonly reenter: boolean
    readonly odd: boolean
  }>
  readonly after: boolean
}

const drawn = (depth: number): fc.Arbitrary<Drawn> =>
  fc.record({
    shape: fc.constantFrom("atomic", "final", "compound", "parallel", "compound", "parallel"),
    inner: depth === 0 ? fc.constant([]) : fc.array(drawn(depth - 1), { minLength: 2, maxLength: 3 }),
    on: fc.array(fc.record({ event: fc.nat(3), to: fc.nat(40), reenter: fc.boolean(), odd: fc.boolean() }), {
      maxLength: 3,
    }),
    after: fc.boolean(),
  })

/** A statechart with commands wherever one can stand, so that every order shows. */
const chartOf = (root: Drawn): AnyStateMachine => {
  const isLeaf = ({ shape }: Drawn, depth: number) => depth === 0 || shape === "atomic" || shape === "final"
  const named = (node: Drawn, path: string, depth: number): ReadonlyArray<string> => [
    path,
    ...(isLeaf(node, depth) && path !== "r"
      ? []
      : node.inner.flatMap((inner, i) => named(inner, `${path}_${i}`, depth - 1))),
  ]
  const ids = named(root, "r", DEPTH).slice(1)
  const count = (by: number) => assign({ n: ({ context }: { context: { n: number } }) => context.n + by })
  const told = (type: string) => ({
    type: "told",
    params: ({ context }: { context: { n: number } }) => ({ type, n: context.n }),
  })
  const config = (node: Drawn, path: string, depth: number): object => {
    const isInner = !isLeaf(node, depth) || path === "r"
    const isFinal = !isInner && node.shape === "final"
    const on = Object.groupBy(node.on, ({ event }) => `E${event}`)
    const transitions = Object.entries(on).map(([event, all]) => [
      event,
      all!.map(({ odd, reenter, to }) => ({
        ...(to % 5 > 0 && { target: `#${ids[to % ids.length]}` }),
        reenter,
        ...(odd && { guard: "isOdd" }),
        actions: [told(`${path} ${event}`), count(3)],
      })),
    ])
    return {
      id: path,
      ...(isFinal && { type: "final" }),
      entry: [told(`into ${path}`), count(1)],
      exit: [told(`out of ${path}`)],
      ...(!isFinal && { on: Object.fromEntries(transitions) }),
      ...(!isFinal && node.after && { after: { later: { actions: told(`${path} after`) } } }),
      ...(isInner && {
        ...(node.shape === "parallel" ? { type: "parallel" } : { initial: "c0" }),
        states: Object.fromEntries(node.inner.map((inner, i) => [`c${i}`, config(inner, `${path}_${i}`, depth - 1)])),
      }),
    }
  }
  return setup({
    types: { context: {} as { n: number } },
    actions: { told: perform<{ readonly type: string; readonly n: number }>() },
    guards: { isOdd: ({ context }) => context.n % 2 === 1 },
    delays: { later: ({ context }) => context.n + 1 },
  }).createMachine({ ...config(root, "r", DEPTH), context: { n: 0 } } as never) as unknown as AnyStateMachine
}

describe("any statechart", () => {
  it("is left, entered and timed as XState's interpreter does it", () => {
    let moved = 0
    fc.assert(
      fc.property(drawn(DEPTH), fc.array(fc.nat(3), { minLength: 10, maxLength: 25 }), (root, events) => {
        moved += compare(
          chartOf(root),
          undefined,
          events.map((event) => ({ type: `E${event}` })),
        )
      }),
      { numRuns: runs(120) },
    )
    assert.isAbove(moved, 0)
  })

  it("knows guards made of guards, raised events and states that are done", () => {
    const machine = setup({
      types: { context: {} as { n: number } },
      actions: { ask: prepare<object>(), count: assign({ n: ({ context }) => context.n + 1 }) },
      guards: { few: ({ context }) => context.n < 4, even: ({ context }) => context.n % 2 === 0 },
    }).createMachine({
      context: { n: 0 },
      type: "parallel",
      states: {
        one: {
          initial: "a",
          states: {
            a: { on: { GO: { target: "b", actions: ["count", raise({ type: "GO" })] } } },
            b: { on: { GO: "c" }, entry: { type: "ask", params: {} } },
            c: { type: "final" },
          },
          onDone: { actions: { type: "ask", params: {} } },
        },
        two: {
          initial: "x",
          states: {
            x: {
              always: { guard: and([stateIn({ one: "c" }), "few"]), actions: "count" },
              on: {
                NEXT: [
                  { guard: not("even"), target: "y" },
                  { guard: or(["few", stateIn({ one: "a" })]), actions: "count" },
                ],
              },
            },
            y: { type: "final" },
          },
        },
      },
    }) as unknown as AnyStateMachine
    const events = ["NEXT", "GO", "NEXT", "NEXT"].map((type) => ({ type }))
    assert.isAbove(compare(machine, undefined, events), 1)
  })

  it("refuses what no machine of ours may hold", () => {
    const history = createMachine({ initial: "a", states: { a: {}, h: { type: "history" } } }) as AnyStateMachine
    assert.throws(() => begin(history, undefined), TypeError)
    const plain = setup({ actions: { unmarked: () => {} } }).createMachine({ entry: "unmarked" }) as AnyStateMachine
    assert.throws(() => begin(plain, undefined), TypeError)
    const machine = createMachine({ initial: "a", states: { a: {} } }) as AnyStateMachine
    assert.throws(() => fromRest(machine, { value: "z", context: {} }), TypeError)
  })
})
