/** Relay only, in a real Chromium: what the broker gets to see, and that a link comes about where there is a relay. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Browser } from "playwright-core"
import { afterAll, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { decodeCode } from "../../../src/adapters/transport/manual/code.ts"
import { type Passing, startBroker, type TestBroker } from "../../adapters/transport/broker.ts"
import { idOf, scoped } from "../../adapters/transport/support.ts"
import { bundle, launch } from "../chromium.ts"
import { RemotePage, servePage } from "./remote.ts"
import { hasTurn, startTurn, type Turn } from "./turn.ts"

let broker: TestBroker
let served: Awaited<ReturnType<typeof servePage>>
let browser: Browser
let alice: RemotePage
let bob: RemotePage

beforeAll(async () => {
  broker = await startBroker()
  served = await servePage(await bundle(new URL("page.ts", import.meta.url)))
  browser = await launch()
  alice = await RemotePage.open(await browser.newContext(), served.url)
  bob = await RemotePage.open(await browser.newContext(), served.url)
})
afterAll(async () => {
  await browser?.close()
  await broker.stop()
  served.server.close()
})
beforeEach(() => {
  broker.passed.length = 0
})

/** Every candidate in any message, in a description or on its own. */
const candidates = (passed: ReadonlyArray<Passing>): ReadonlyArray<string> =>
  passed.flatMap(({ text }) => text.match(/candidate:\d[^"\\]*/g) ?? [])

const RELAY = /^candidate:3 1 udp \d+ 127\.0\.0\.1 \d+ typ relay raddr 0\.0\.0\.0 rport 0$/

describe("relay only", () => {
  const nowhere = [{ urls: "turn:127.0.0.1:9", username: "u", credential: "c" }]

  it("without a relay that answers nothing is told, and nobody reached", () =>
    scoped(function* () {
      const options = { ...broker.options, iceServers: nowhere, relayOnly: true }
      const listener = yield* alice.transport(options).listen()
      const attempt = Effect.scoped(bob.transport(options).connect(listener.address))
      assert.strictEqual((yield* Effect.timeoutOption(attempt, 1_500))._tag, "None")
      assert.isTrue(broker.passed.some(({ text }) => text.includes('"ANSWER"')))
      assert.deepStrictEqual(candidates(broker.passed), [])
      for (const { text } of broker.passed) assert.notMatch(text, /\.local|192\.|10\.|fd00|fe80/)

      const offer = yield* alice.hand(options).offer
      assert.deepStrictEqual(decodeCode("offer", offer.code)?.candidates, [])
    }))

  it("is a choice: otherwise the host's candidates are told, without their related addresses", () =>
    scoped(function* () {
      const listener = yield* alice.transport(broker.options).listen()
      yield* bob.transport(broker.options).connect(listener.address)
      const told = candidates(broker.passed)
      assert.isTrue(told.some((candidate) => candidate.includes("typ host")))
      for (const candidate of told) assert.notMatch(candidate, /raddr (?!0\.0\.0\.0)/)
    }))
})

describe.skipIf(!hasTurn)("through coturn", () => {
  let turn: Turn
  beforeAll(async () => {
    turn = await startTurn()
  })
  afterAll(() => turn?.stop())

  for (const both of [true, false]) {
    it(`a link is relayed, ${both ? "and only relays are told" : "also to a peer that does not hide"}`, () =>
      scoped(function* () {
        const hidden = { ...broker.options, iceServers: turn.iceServers, relayOnly: true }
        const listener = yield* alice.transport(hidden).listen()
        const accepting = yield* Effect.forkScoped(listener.accept)
        const ours = yield* bob.transport({ ...hidden, relayOnly: both }).connect(listener.address)
        const theirs = yield* Fiber.join(accepting)
        yield* ours.send(Uint8Array.of(1))
        assert.deepStrictEqual(yield* theirs.receive, Uint8Array.of(1))
        for (const end of [ours, theirs]) assert.strictEqual((yield* end.path).kind, "relayed")

        const hers = broker.socketsOf(idOf(listener.address))
        const told = both
          ? broker.passed
          : broker.passed.filter(({ socket, way }) => way === "in" && hers.includes(socket))
        for (const candidate of candidates(told)) assert.match(candidate, RELAY)
        if (both) assert.isAtLeast(candidates(told).length, 2)
      }))
  }

  it("by hand", () =>
    scoped(function* () {
      const hidden = { iceServers: turn.iceServers, relayOnly: true }
      const offer = yield* alice.hand(hidden).offer
      const answer = yield* bob.hand(hidden).answer(offer.code)
      for (const [type, { code }] of [
        ["offer", offer],
        ["answer", answer],
      ] as const) {
        const told = decodeCode(type, code)!.candidates
        assert.isNotEmpty(told)
        for (const candidate of told) assert.strictEqual(candidate.type, "relay")
      }
      const [ours] = yield* Effect.all([offer.accept(answer.code), answer.link], { concurrency: 2 })
      assert.strictEqual((yield* ours.path).kind, "relayed")
    }))
})
