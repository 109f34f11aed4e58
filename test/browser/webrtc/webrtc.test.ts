/** WebRTC in a real Chromium: inside a page, between two of them, and with Node. */
import * as Effect from "effect/Effect"
import * as webrtc from "node-datachannel/polyfill"
import type { Browser } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { manual } from "../../../src/adapters/transport/manual.ts"
import { peerjs } from "../../../src/adapters/transport/peerjs.ts"
import type { HandTransport } from "../../../src/core/transport.ts"
import { type LinkWorld, linkConformance, transportConformance } from "../../../src/spec/conformance/transport.ts"
import { startBroker, type TestBroker } from "../../adapters/transport/broker.ts"
import { bundle, launch } from "../chromium.ts"
import { RemotePage, servePage } from "./remote.ts"

const node = { webrtc }
let broker: TestBroker
let served: Awaited<ReturnType<typeof servePage>>
let browsers: ReadonlyArray<Browser>
let alice: RemotePage
let bob: RemotePage

beforeAll(async () => {
  broker = await startBroker()
  served = await servePage(await bundle(new URL("page.ts", import.meta.url)))
  browsers = await Promise.all([launch(), launch()])
  const [a, b] = await Promise.all(
    browsers.map(async (browser) => RemotePage.open(await browser.newContext(), served.url)),
  )
  alice = a!
  bob = b!
})
afterAll(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()))
  await broker.stop()
  served.server.close()
})

describe("in one page", () => {
  for (const kind of ["peerjs", "manual"] as const) {
    it(kind, async () => {
      assert.deepStrictEqual(await alice.conform(kind, broker.options), [])
    })
  }
})

describe("peerjs between two browsers", () => {
  for (const { name, run } of transportConformance) {
    it(name, () =>
      Effect.runPromise(run({ here: alice.transport(broker.options), there: bob.transport(broker.options) })),
    )
  }
})

/** The rest does not depend on which stacks meet. */
const essential = <C extends { readonly name: string }>(checks: ReadonlyArray<C>): ReadonlyArray<C> =>
  checks.filter(({ name }) => /^(frames of|1 MiB|a binding|closing|the end)/.test(name))

describe("peerjs between a browser and Node", () => {
  const ours = () => peerjs({ ...broker.options, ...node })
  const theirs = () => alice.transport(broker.options)
  for (const { name, run } of essential(transportConformance)) {
    it(`Node listens: ${name}`, () => Effect.runPromise(run({ here: ours(), there: theirs() })))
    it(`Node calls: ${name}`, () => Effect.runPromise(run({ here: theirs(), there: ours() })))
  }
})

const byHand = (here: HandTransport, there: HandTransport): LinkWorld => ({
  open: Effect.gen(function* () {
    const ours = yield* here.offer
    const theirs = yield* there.answer(ours.code)
    return yield* Effect.all([ours.accept(theirs.code), theirs.link], { concurrency: 2 })
  }),
})

describe("by hand", () => {
  for (const { name, run } of essential(linkConformance)) {
    it(`between two browsers: ${name}`, () => Effect.runPromise(run(byHand(alice.hand(), bob.hand()))))
    it(`Node offers: ${name}`, () => Effect.runPromise(run(byHand(manual(node), bob.hand()))))
    it(`Node answers: ${name}`, () => Effect.runPromise(run(byHand(bob.hand(), manual(node)))))
  }
})
