/** A recording of a live peer: it says what the machines did and no secret, and reading one survives whatever it is given. */
import * as fc from "fast-check"
import { assert, beforeAll, describe, it } from "vitest"
import { makeShelves, memory } from "../../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { RECORD, recoverySecrets } from "../../src/core/contact/records.ts"
import { decodeFrame, encodeFrame } from "../../src/core/frame.ts"
import { ownStatics } from "../../src/core/handshake/own-keys.ts"
import { createMessenger, type InspectedFrame } from "../../src/index.ts"
import { record } from "../../src/recording.ts"
import {
  lineOf,
  MAX_LINES,
  type Recording,
  readRecording,
  shortened,
  variablesOf,
} from "../../src/spec/recording/recording.ts"
import { timelineOf } from "../../src/spec/recording/timeline.ts"
import { type Canary, canary, leaksIn } from "../attacks/fixture/canary.ts"

const opened = (text: string): Recording => {
  const found = readRecording(text)
  if ("problem" in found) throw new Error(found.problem)
  return found
}

/** Alice is recorded three times over while she pairs and talks. */
const story = async () => {
  const network = memoryNetwork()
  const shelves = makeShelves()
  const base = { transports: [network.transport()], appUrl: "https://chat.example/" }
  const alice = await createMessenger({ ...base, name: "Alexandra Canaria", storage: memory(shelves) })
  const bob = await createMessenger({ ...base, transports: [network.transport()], name: "Benedict Canarius" })
  const [plain, withTexts, short] = [record(alice), record(alice, { texts: true }), record(alice, { keep: 5 })]
  const invite = await alice.invite()
  const toAlice = await bob.accept(invite.url)
  const toBob = await invite.joined()
  const heard = toBob.messages()[Symbol.asyncIterator]()
  const sent = await toBob.send("canary number one sings")
  const answer = await toAlice.send("canary number two answers")
  await Promise.all([sent.until("delivered"), answer.until("delivered")])
  await heard.next()
  await heard.next()
  const { id } = toBob
  const [, shelf] = [...shelves.hosts].find(([host]) => host === id)!
  const own = ownStatics.decode(shelf.records.get(RECORD.ownStatics)!)!
  const secrets = recoverySecrets.decode(shelf.records.get(RECORD.recovery)!)!
  const canaries: ReadonlyArray<Canary> = [
    canary("our name", "Alexandra Canaria"),
    canary("their name", "Benedict Canarius"),
    canary("a message sent", "canary number one"),
    canary("a message received", "canary number two"),
    canary("the contact's id", id),
    { what: "the contact's id, in bytes", bytes: Buffer.from(id, "hex") },
    canary("a message's id", sent.id),
    { what: "a message's id, in bytes", bytes: Buffer.from(sent.id, "hex") },
    canary("the safety number", toBob.safetyNumber?.digits ?? ""),
    canary("the invite", invite.text.slice(8, 40)),
    ...Object.entries(own).map(([what, bytes]) => ({ what, bytes })),
    ...secrets.flatMap((secret) => Object.entries(secret).map(([what, bytes]) => ({ what, bytes }))),
    ...["layer/mls", "layer/signal", "layer/kem", "layer/aes"].map((what) => ({
      what,
      bytes: shelf.records.get(what)!.slice(-32),
    })),
  ]
  // A recorder hears of an event when its turn comes.
  for (let i = 0; i < 1_000 && !withTexts.text().includes("number two"); i++) await new Promise(setImmediate)
  const texts = { plain: plain.text(), withTexts: withTexts.text(), short: short.text() }
  for (const one of [plain, withTexts, short]) one.stop()
  await toBob.send("after the end").catch(() => {})
  const after = plain.text()
  await alice.close()
  await bob.close()
  return { ...texts, after, canaries }
}

let told: Awaited<ReturnType<typeof story>>
beforeAll(async () => {
  told = await story()
})

describe("a recording", () => {
  it("has every step of every machine, in order, and what the application was told", () => {
    const { head, lines, truncated } = opened(told.plain)
    assert.deepEqual(head, { recording: "sotto", version: 1, texts: false, dropped: 0 })
    assert.isFalse(truncated)
    const steps = lines.flatMap((line) => ("id" in line ? [line] : []))
    const ids = new Set(steps.map(({ id }) => id))
    for (const id of ["session/main", "inviter/main", "link/main", "delivery/1", "receipt/1", "braid/signal"]) {
      assert.isTrue(ids.has(id), `${id} among ${[...ids].join()}`)
    }
    assert.isTrue(steps.some(({ to }) => JSON.stringify(to).includes("established")))
    assert.isTrue(lines.some((line) => "news" in line && line.news === "messageArrived"))
    assert.strictEqual(lines[0]!.at, 0)
    assert.isTrue(lines.every(({ contact }) => contact <= 1))
    const words = timelineOf(opened(told.plain)).join("\n")
    assert.match(words, /contact 1 {3}session\/main/)
    assert.match(words, /device|contact 1 .*hears paired/)
  })

  it("has every frame that was carried, and the latest sealed ones as they were", () => {
    const frames = opened(told.plain).lines.flatMap((line) => ("way" in line ? [line] : []))
    for (const way of ["out", "in"] as const) {
      const kinds = new Set(frames.filter((frame) => frame.way === way).map(({ kind }) => kind))
      for (const kind of ["sealed", "confirm", "ask", "tell"]) assert.isTrue(kinds.has(kind), `${way} ${kind}`)
    }
    assert.isTrue(frames.some(({ kind, way }) => kind === "bundle" && way === "out"))
    for (const { bytes, kind, length } of frames) {
      assert.strictEqual(bytes?.length, ["sealed", "confirm", "fragment"].includes(kind) ? length : undefined, kind)
      if (bytes !== undefined) assert.strictEqual(decodeFrame(bytes)?.kind, kind)
    }
  })

  it("has what machines remember, in numbers and words", () => {
    const steps = opened(told.plain).lines.flatMap((line) => ("id" in line ? [line] : []))
    const of = (id: string) => steps.findLast((step) => step.id === id)?.context
    assert.isAtLeast(Number(of("doubleRatchet/signal")?.["opened"]), 1)
    assert.isAtLeast(Number(of("session/main")?.["nextNumber"] ?? of("session/main")?.["written"]), 1)
    for (const { context = {}, id } of steps)
      for (const value of Object.values(context))
        if (typeof value === "string") assert.match(value, /^([a-z][a-zA-Z]{0,23}|…)$/, id)
  })

  it("leaves out of a context what could be anything", () => {
    const key = "q".repeat(43)
    const context = { turn: 3, role: "joiner", seen: [1, 2], key, bytes: new Uint8Array(32), isNew: true, none: null }
    assert.deepEqual(variablesOf({ ...context, inner: { key } }), {
      ...{ turn: 3, role: "joiner", seen: 2, key: "…", bytes: "…", isNew: true, none: null, inner: "…" },
    })
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true }), (any) => {
        const told = variablesOf(any)
        assert.isDefined(lineOf({ at: 0, contact: 1, id: "a/b", event: "E", to: "s", commands: [], context: told }))
      }),
    )
  })

  it("keeps the bytes of so many frames and no more", () => {
    const listeners: Array<(frame: InspectedFrame) => void> = []
    const recorder = record({
      inspect: () => () => {},
      events: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
      inspectFrames: (fn) => {
        listeners.push(fn)
        return () => {}
      },
    })
    const bytes = encodeFrame({ kind: "sealed", ciphertext: new Uint8Array(100) })
    for (let at = 0; at < 1_000; at++) for (const tell of listeners) tell({ contact: "one", way: "out", bytes, at })
    const frames = opened(recorder.text()).lines.flatMap((line) => ("way" in line ? [line] : []))
    assert.lengthOf(frames, 1_000)
    const withBytes = frames.flatMap((frame, i) => (frame.bytes === undefined ? [] : [i]))
    assert.deepEqual(
      withBytes,
      Array.from({ length: 200 }, (_, i) => 800 + i),
    )
    recorder.stop()
  })

  it("has no name, text, id or key in it", () => {
    assert.isNotEmpty(told.canaries)
    assert.deepEqual(leaksIn("the recording", Buffer.from(told.plain), told.canaries), [])
    // The search finds what is there.
    const found = leaksIn("with texts", Buffer.from(told.withTexts), told.canaries).map(({ what }) => what)
    assert.deepEqual([...new Set(found)], ["a message received"])
  })

  it("keeps the latest lines, and says how many went before", () => {
    const { head, lines } = opened(told.short)
    assert.lengthOf(lines, 5)
    assert.strictEqual(head.dropped, opened(told.plain).lines.length - 5)
  })

  it("ends when it is stopped", () => {
    assert.strictEqual(told.after, told.plain)
  })
})

describe("reading a recording", () => {
  it("goes as far as one goes that breaks off anywhere", () => {
    const whole = opened(told.plain).lines
    const first = told.plain.indexOf("\n") + 1
    fc.assert(
      fc.property(fc.integer({ min: first, max: told.plain.length }), (end) => {
        const { lines, truncated } = opened(told.plain.slice(0, end))
        assert.deepEqual(lines, whole.slice(0, lines.length))
        const left = told.plain.slice(0, end).split("\n").length - 2
        assert.isTrue(lines.length === left || (lines.length === left + 1 && !truncated))
      }),
    )
  })

  it("refuses with a reason, and never throws", () => {
    const head = '{"recording":"sotto","version":1,"texts":false,"dropped":0}'
    const step = (more: object) =>
      JSON.stringify({ at: 0, contact: 1, id: "a/b", event: "E", to: "s", commands: [], ...more })
    const deep = (depth: number): unknown => (depth === 0 ? "s" : { s: deep(depth - 1) })
    for (const [text, words] of [
      ["", /not a recording/],
      ["null", /not a recording/],
      ['{"recording":"other"}', /not a recording/],
      ['{"recording":"sotto","version":2}', /version 2; this reads 1/],
      ['{"recording":"sotto","version":"<b>"}', /version \?/],
      ['{"recording":"sotto","version":1,"texts":1}', /first line.*damaged/],
      [`${head}\nnothing\n${step({})}`, /Line 2/],
      [`${head}\n[]`, /Line 2/],
      [`${head}\n${step({ at: -1 })}`, /Line 2/],
      [`${head}\n${step({ at: 0.5 })}`, /Line 2/],
      [`${head}\n${step({ id: "<img src=x>" })}`, /Line 2/],
      [`${head}\n${step({ to: { __proto__: null, "": "s" } })}`, /Line 2/],
      [`${head}\n${step({}).replace('"to":"s"', '"to":{"__proto__":"s"}')}`, /Line 2/],
      [`${head}\n${step({ to: deep(9) })}`, /Line 2/],
      [`${head}\n${step({ commands: Array(65).fill("c") })}`, /Line 2/],
      [`${head}\n${step({ context: { key: "q".repeat(43) } })}`, /Line 2/],
      [`${head}\n${step({ context: { key: [1] } })}`, /Line 2/],
      [`${head}\n{"at":0,"contact":1,"way":"up","kind":"sealed","length":3}`, /Line 2/],
      [`${head}\n{"at":0,"contact":1,"way":"in","kind":"sealed","length":4,"bytes":"AAAA"}`, /Line 2/],
      [`${head}\n${step({ at: 5 })}\n${step({ at: 4 })}`, /Line 3 is earlier/],
      [`${head}\n${JSON.stringify({ at: 0, contact: 1, news: "x", text: "y".repeat(25_000) })}\n`, /Line 2/],
      [`${head}${"\n".repeat(MAX_LINES + 2)}`, /more than 200000 lines/],
    ] as const) {
      const found = readRecording(text)
      assert.isTrue("problem" in found, text.slice(0, 200))
      if ("problem" in found) assert.match(found.problem, words)
    }
    fc.assert(
      fc.property(fc.string(), fc.array(fc.json(), { maxLength: 4 }), (noise, values) => {
        readRecording(noise)
        readRecording([head, ...values].join("\n"))
      }),
    )
  })

  it("gives back what was written, whatever a text is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => {
        const line = { at: 3, contact: 1, news: "messageArrived", text: shortened(text) }
        const { head, lines } = opened(`{"recording":"sotto","version":1,"texts":true,"dropped":0}\n${lineOf(line)}\n`)
        assert.isTrue(head.texts)
        assert.deepEqual([...lines], [line])
      }),
    )
  })
})
