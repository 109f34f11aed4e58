/** The arithmetic behind a conversation: days, bursts of messages, pages, and which of them are drawn. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { BURST, makeAnnouncer, sentence } from "../../../examples/chat/src/announcer.ts"
import { ago, dayName, dayNumber, span } from "../../../examples/chat/src/days.ts"
import { advance } from "../../../examples/chat/src/observed.ts"
import { spanOf } from "../../../examples/chat/src/parts/window.ts"
import { append, PAGE, type Page } from "../../../examples/chat/src/thread.ts"
import type { Message, Session } from "../../../src/face.ts"

describe("days", () => {
  const noon = new Date(2026, 4, 7, 12).getTime()
  const at = (year: number, month: number, day: number, hour = 12) => new Date(year, month, day, hour).getTime()

  test("are told as a person tells them", () => {
    expect(dayName(at(2026, 4, 7, 0), noon)).toBe("Today")
    expect(dayName(at(2026, 4, 6, 23), noon)).toBe("Yesterday")
    expect(dayName(at(2026, 4, 3), noon)).toBe(
      new Intl.DateTimeFormat(undefined, { weekday: "long" }).format(at(2026, 4, 3)),
    )
    expect(dayName(at(2026, 3, 1), noon)).not.toContain("2026")
    expect(dayName(at(2024, 3, 1), noon)).toContain("2024")
    // A clock that is ahead of ours.
    expect(dayName(at(2026, 4, 9), noon)).not.toMatch(/Today|Yesterday/)
  })

  test("change at midnight where the person is, also when a day has 23 or 25 hours", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (day) => {
        const start = new Date(1990, 0, 1 + day, 0).getTime()
        const next = new Date(1990, 0, 2 + day, 0).getTime()
        expect(dayNumber(next) - dayNumber(start)).toBe(1)
        expect(dayNumber(next - 1)).toBe(dayNumber(start))
      }),
    )
  })

  test("lengths of time", () => {
    expect(ago(400)).toBe("just now")
    expect(ago(40_000)).toBe("40 seconds ago")
    expect(span(61)).toBe("1 minute")
    expect(span(7_200)).toBe("2 hours")
  })
})

describe("the announcer", () => {
  const setUp = () => {
    const said: Array<string> = []
    const waiting: Array<() => void> = []
    const announcer = makeAnnouncer(
      (text) => said.push(text),
      (run, milliseconds) => {
        expect(milliseconds).toBe(BURST)
        waiting.push(run)
      },
    )
    return { said, announcer, pass: () => waiting.splice(0).forEach((run) => void run()) }
  }

  test("tells of a message once", () => {
    const { announcer, pass, said } = setUp()
    announcer.arrived("1", { who: "Ana", text: "hello" })
    announcer.arrived("1", { who: "Ana", text: "hello" })
    pass()
    announcer.arrived("1", { who: "Ana", text: "hello" })
    pass()
    expect(said).toEqual(["Ana: hello"])
  })

  test("tells of a burst in one sentence", () => {
    const { announcer, pass, said } = setUp()
    for (let id = 0; id < 50; id++) announcer.arrived(`${id}`, { who: id % 2 ? "Ana" : "Bo", text: "x" })
    pass()
    announcer.arrived("a", { who: "Ana", text: "x" })
    announcer.arrived("b", { who: "Ana", text: "x" })
    pass()
    expect(said).toEqual(["50 new messages in 2 chats", "2 new messages from Ana"])
  })

  test("cuts what is long", () => {
    expect(sentence([{ who: "Ana", text: "a".repeat(10_000) }]).length).toBeLessThan(200)
  })
})

describe("pages", () => {
  const message = (id: number): Message => ({
    id: `${id}`,
    cursor: `${id}`,
    from: "ana",
    at: id,
    kind: "text",
    text: "",
    replyTo: undefined,
    edited: false,
    deleted: false,
    reactions: [],
    timer: undefined,
    expiresAt: undefined,
    state: undefined,
    gap: 0,
  })

  test("hold every message once and in order, however they come; filled pages never change", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 12 }), (batches) => {
        let pages: ReadonlyArray<Page> = []
        let next = 0
        for (const size of batches) {
          const before = pages
          // The last one again: what was sent is also told by the live messages.
          const batch = [
            ...(next > 0 ? [message(next - 1)] : []),
            ...Array.from({ length: size }, () => message(next++)),
          ]
          pages = append(pages, batch)
          for (const [index, page] of before.entries()) {
            if (page.messages.length === PAGE) expect(pages[index]).toBe(page)
            expect(pages[index]?.key).toBe(page.key)
          }
        }
        const all = pages.flatMap((page) => page.messages.map(({ id }) => Number(id)))
        expect(all).toEqual(Array.from({ length: next }, (_, index) => index))
        expect(pages.every((page) => page.messages.length <= PAGE)).toBe(true)
      }),
    )
  })

  test("those in view are drawn, and the space of the others adds up", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 300 }),
        fc.integer({ min: -500, max: 500_000 }),
        fc.integer({ min: 0, max: 2_000 }),
        fc.integer({ min: 0, max: 1_000 }),
        (heights, top, height, overscan) => {
          const { first, end, above, below } = spanOf(heights, top, height, overscan)
          const sum = (from: number, to: number) => heights.slice(from, to).reduce((total, one) => total + one, 0)
          expect(above).toBe(sum(0, first))
          expect(below).toBe(sum(end, heights.length))
          if (heights.length > 0) expect(end).toBeGreaterThan(first)
          // Whatever touches the view is drawn.
          let start = 0
          for (const [index, one] of heights.entries()) {
            if (start + one > top && start < top + height) {
              expect(index).toBeGreaterThanOrEqual(first)
              expect(index).toBeLessThan(end)
            }
            start += one
          }
        },
      ),
    )
  })
})

describe("what was observed", () => {
  const session = (step: Session["step"], epoch: number): Session => ({
    state: "handshaking",
    step,
    epoch,
    waiting: 0,
    layers: [{ layer: "kem", state: "x", epoch, sent: 0, received: 0, skipped: 0 }],
  })

  test("a step has the time at which it was first seen; keys are young when their epoch changed", () => {
    const first = advance(undefined, session("find", 0), 100)
    const second = advance(first, session("keys", 0), 200)
    const third = advance(second, session("keys", 1), 300)
    expect(third.steps).toEqual({ find: 100, keys: 200 })
    expect(second.epochs["kem"]?.since).toBeUndefined()
    expect(third.epochs["kem"]).toEqual({ epoch: 1, since: 300 })
  })
})
