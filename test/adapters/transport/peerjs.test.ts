/** Through the real PeerServer, with real WebRTC: every promise of the port, and the broker coming and going. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as webrtc from "node-datachannel/polyfill"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type PeerJsOptions, peerjs, type WebRtc } from "../../../src/adapters/transport/peerjs.ts"
import type { Transport } from "../../../src/core/transport.ts"
import { linksOf, transportConformance } from "../../../src/spec/conformance/transport.ts"
import { startBroker, type TestBroker } from "./broker.ts"

const node = webrtc as unknown as WebRtc

let broker: TestBroker
beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.stop())

const transport = (options: Partial<PeerJsOptions> = {}): Transport =>
  peerjs({ ...broker.options, webrtc: node, ...options })
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

describe("peerjs in Node", () => {
  for (const { name, run } of transportConformance) {
    it(name, () => Effect.runPromise(run({ here: transport(), there: transport() })))
  }
})
