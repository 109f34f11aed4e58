/** What the tests of the WebRTC transports in Node share. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as webrtc from "node-datachannel/polyfill"
import { afterAll, afterEach, beforeAll } from "vitest"
import { placeOf } from "../../../src/adapters/transport/peerjs/address.ts"
import { type PeerJsOptions, peerjs } from "../../../src/adapters/transport/peerjs.ts"
import type { Address, Listener, Transport } from "../../../src/core/transport.ts"
import { TestBroker } from "./broker.ts"

/** As a class of the DOM's, so that tests can extend it. */
export const node = webrtc as unknown as { readonly RTCPeerConnection: typeof RTCPeerConnection }

export const transportAt = (broker: TestBroker, options: Partial<PeerJsOptions> = {}): Transport =>
  peerjs({ ...broker.options, webrtc, ...options })

/** A broker for all tests of a file, honest again after each, and transports that meet there. */
export const brokered = () => {
  const broker = new TestBroker()
  beforeAll(async () => {
    await broker.start()
  })
  afterAll(() => broker.stop())
  afterEach(() => {
    broker.tamper = ({ text }) => text
  })
  return { broker, transport: (options: Partial<PeerJsOptions> = {}): Transport => transportAt(broker, options) }
}

export const scoped = <Yielded extends Effect.Effect<unknown, unknown, Scope.Scope>>(
  body: () => Generator<Yielded, void, never>,
): Promise<void> => Effect.runPromise(Effect.scoped(Effect.gen(body)) as Effect.Effect<void>)

/** The id under which an address is registered at its broker. */
export const idOf = (address: Address): string => Buffer.from(placeOf(address)!.id).toString("hex")

/** Both ends of a link to a listener. */
export const meet = Effect.fnUntraced(function* (from: Transport, listener: Listener) {
  const accepting = yield* Effect.forkScoped(listener.accept)
  const ours = yield* from.connect(listener.address)
  return { ours, theirs: yield* Fiber.join(accepting) }
})

/** What a listener knows follows what happened at the broker by a turn or two of the event loop. */
export const reachable = (listener: Listener, wanted: boolean) =>
  Effect.repeat(Effect.andThen(Effect.sleep(5), listener.service), {
    until: (service) => service?.reachable === wanted,
  })

/** What a broker passes on, as far as tests read it. */
interface Told {
  readonly type: string
  readonly dst: string
  readonly src?: string
  readonly payload: { readonly connectionId: string; readonly sdp: { readonly sdp: string } }
}
export const read = (text: string): Told => JSON.parse(text) as Told
