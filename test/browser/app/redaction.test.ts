/** What "Look inside" may show: names and counters of the statecharts; nothing that could be a key or a message. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { inspectContact, KEPT, lineOf, report } from "../../../examples/chat/src/inspector.ts"
import { chartsIn, namesIn, nextStates } from "../../../examples/chat/src/rails.ts"
import { HIDDEN, learn, redact, show, stateName } from "../../../examples/chat/src/redact.ts"
import type { InspectedTransition } from "../../../src/face.ts"
import * as machines from "../../../src/machines/index.ts"

learn(namesIn(machines))

interface States {
  readonly states?: Readonly<Record<string, States>>
}
/** The names of all states, the inner ones too. */
const keysWithin = ({ states = {} }: States = {}): ReadonlyArray<string> =>
  Object.entries(states).flatMap(([key, inner]) => [key, ...keysWithin(inner)])

const secret = fc.uint8Array({ minLength: 16, maxLength: 64 })
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

/** Every way in which bytes tend to end up in a value that was meant to be shown. */
const disguise = fc
  .tuple(secret, fc.integer({ min: 0, max: 9 }), fc.lorem({ maxCount: 3 }))
  .map(([bytes, way, words]): { readonly bytes: Uint8Array; readonly value: unknown } => {
    const base64 = Buffer.from(bytes).toString("base64")
    const values: ReadonlyArray<unknown> = [
      bytes,
      [...bytes],
      hex(bytes),
      base64,
      Buffer.from(bytes).toString("base64url"),
      bytes.buffer,
      JSON.parse(JSON.stringify(bytes)),
      `${words} ${hex(bytes)} ${words}`,
      { [base64]: words },
      { outer: [{ inner: `key=${base64}` }] },
    ]
    return { bytes, value: values[way] }
  })

/** No run of the secret's hexadecimal or base64, however it is cut, and no four of its bytes in a row. */
const tells = (bytes: Uint8Array, text: string): boolean => {
  const forms = [
    hex(bytes),
    hex(bytes).toUpperCase(),
    Buffer.from(bytes).toString("base64"),
    Buffer.from(bytes).toString("base64url"),
  ]
  const parts = forms.flatMap((form) =>
    Array.from({ length: form.length - 11 }, (_, index) => form.slice(index, index + 12)),
  )
  return parts.some((part) => text.includes(part)) || text.includes([...bytes.slice(0, 4)].join(","))
}

describe("secrets are not shown", () => {
  test("in whatever form they come", () => {
    fc.assert(
      fc.property(disguise, ({ bytes, value }) => {
        expect(tells(bytes, show(value))).toBe(false)
        expect(tells(bytes, stateName(value))).toBe(false)
        expect(tells(bytes, JSON.stringify(redact(value)) ?? "")).toBe(false)
      }),
      { numRuns: Number(process.env["FUZZ"] ?? 500) },
    )
  })

  test("nor on the clipboard, from any part of a transition", () => {
    fc.assert(
      fc.property(secret, fc.constantFrom("machine", "id", "event", "from", "to", "commands"), (bytes, part) => {
        const key = Buffer.from(bytes).toString("base64")
        const transition = {
          machine: "session",
          id: "session/main",
          event: "FrameArrived",
          from: "open",
          to: "open",
          commands: ["openFrame"],
          contact: "ana",
          at: 0,
          [part]: part === "commands" ? [key] : key,
        } as InspectedTransition
        expect(tells(bytes, report([lineOf(1, transition)]))).toBe(false)
      }),
    )
  })

  test("nor short ones: half a hash, a nonce, bytes that went through JSON", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 12 }), (bytes) => {
        expect(show(hex(bytes).slice(0, 12))).toBe(HIDDEN)
        expect(show(JSON.parse(JSON.stringify(bytes)))).toBe(HIDDEN)
        expect(show({ nonce: [...bytes] })).toBe(`{"nonce":"${HIDDEN}"}`)
      }),
    )
  })

  test("what is deep is left out", () => {
    const deep = { a: { b: { c: { d: { e: { f: new Uint8Array(32) } } } } } }
    expect(show(deep)).not.toContain("0,0,0")
    expect(show(new Map([["k", new Uint8Array(32)]]))).toBe("1 entries")
  })
})

describe("what a person came to see is shown", () => {
  test("every name of every statechart", () => {
    for (const name of namesIn(machines).filter((name) => !name.includes("xstate."))) expect(show(name)).toBe(name)
  })

  test("instances, counters and short words", () => {
    for (const text of ["delivery/17", "doubleRatchet/signal", "kemRatchet/kem", "sent", "12 frames"])
      expect(show(text)).toBe(text)
    expect(show({ attempt: 3, peerHas: 1_700_000_000_000 })).toBe('{"attempt":3,"peerHas":1700000000000}')
    expect(stateName({ conversation: { established: { open: {}, acknowledging: "gathering" } } })).toBe(
      "conversation › established › open · acknowledging › gathering",
    )
    expect(stateName("conversing.ourTurn")).toBe("conversing › ourTurn")
    expect(show("doubleRatchet/signal/AAAAAAAAAAAAAAAAAAAAAA")).toContain(HIDDEN)
  })

  test("where a machine can go, from the statechart itself", () => {
    const charts = chartsIn(machines)
    expect([...charts.keys()]).toEqual(expect.arrayContaining(["session", "link", "delivery", "doubleRatchet"]))
    expect(nextStates(charts, "no such machine", "open")).toEqual([])
    expect(nextStates(charts, "link", { no: "such state" }).length).toBeGreaterThanOrEqual(0)
    const [first = ""] = Object.keys(charts.get("delivery")?.states ?? {})
    const next = nextStates(charts, "delivery", first)
    expect(next.length).toBeGreaterThan(0)
    expect(next).not.toContain(first)
    expect(keysWithin(charts.get("delivery"))).toEqual(expect.arrayContaining([...next]))
  })
})

describe("the inspector", () => {
  const setUp = () => {
    let listener: ((transition: InspectedTransition) => void) | undefined
    let tick = () => {}
    const left: Array<string> = []
    const inspector = inspectContact(
      {
        inspect: (fn) => {
          listener = fn
          return () => left.push("machines")
        },
      },
      "ana",
      {
        repeat: (run) => {
          tick = run
          return () => left.push("clock")
        },
      },
    )
    const happen = (change: Partial<InspectedTransition>) =>
      listener?.({
        machine: "link",
        id: "link/main",
        event: "Opened",
        from: "a",
        to: "b",
        commands: [],
        contact: "ana",
        at: 0,
        ...change,
      })
    return { inspector, happen, tick: () => tick(), left }
  }

  test("publishes by its clock only, keeps the last of them, and one contact's", () => {
    const { inspector, happen, tick } = setUp()
    for (let index = 0; index < 3 * KEPT; index++) happen({ at: index })
    happen({ contact: "bo", at: -1 })
    expect(inspector.lines.value).toEqual([])
    tick()
    expect(inspector.lines.value).toHaveLength(KEPT)
    expect(inspector.lines.value.at(-1)?.at).toBe(3 * KEPT - 1)
    expect(inspector.past.value.get("link/main")?.from).toBe("a")
  })

  test("shows nothing new while paused, and everything after", () => {
    const { inspector, happen, tick } = setUp()
    inspector.paused.value = true
    happen({})
    tick()
    expect(inspector.lines.value).toEqual([])
    inspector.paused.value = false
    tick()
    expect(inspector.lines.value).toHaveLength(1)
  })

  test("listens to nothing once it is closed", () => {
    const { inspector, left } = setUp()
    inspector.stop()
    expect(left).toEqual(["machines", "clock"])
  })
})
