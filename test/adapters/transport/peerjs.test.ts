/** Through the real PeerServer, with real WebRTC: every promise of the port, and the broker coming and going. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { type PeerJsOptions, peerjs } from "../../../src/adapters/transport/peerjs.ts"
import { HIGH_WATER } from "../../../src/adapters/transport/webrtc/link.ts"
import { type Listener, MAX_LINK_FRAME, type Transport } from "../../../src/core/transport.ts"
import { transportConformance } from "../../../src/spec/conformance/transport.ts"
import { brokered, idOf, meet as link, node, reachable, scoped } from "./support.ts"

const { broker, transport } = brokered()

const registered = (listener: Listener) => Effect.promise(() => broker.registered(idOf(listener.address)))

/** A link, and proof that it carries frames. */
const meet = Effect.fnUntraced(function* (from: Transport, listener: Listener) {
  const ends = yield* link(from, listener)
  yield* ends.ours.send(Uint8Array.of(1, 2, 3))
  assert.deepStrictEqual(yield* ends.theirs.receive, Uint8Array.of(1, 2, 3))
  return ends
})

describe("peerjs in Node", () => {
  for (const { name, run } of transportConformance) {
    it(name, () => Effect.runPromise(run({ here: transport(), there: transport() })))
  }

  it("a joiner meets at the inviter's broker, whatever its own is", () =>
    scoped(function* () {
      const listener = yield* transport().listen()
      const elsewhere = transport({ host: "nowhere.invalid", port: 1, secure: true })
      assert.deepStrictEqual(elsewhere.services(listener.address), [`127.0.0.1:${broker.port}`])
      yield* meet(elsewhere, listener)
    }))

  it("a caller is gone from the broker once its link is open", () =>
    scoped(function* () {
      const listener = yield* transport().listen()
      broker.passed.length = 0
      yield* meet(transport(), listener)
      const caller = broker.passed.find(({ text, way }) => way === "in" && text.includes("OFFER"))!.id
      yield* Effect.promise(() => broker.left(caller))
    }))

  it("links outlive the broker, and a listener comes back under its id when the broker does", () =>
    scoped(function* () {
      const here = transport()
      const listener = yield* here.listen()
      const { ours, theirs } = yield* meet(transport(), listener)

      yield* Effect.promise(() => broker.stop())
      yield* reachable(listener, false)
      yield* theirs.send(Uint8Array.of(9))
      assert.deepStrictEqual(yield* ours.receive, Uint8Array.of(9))
      const { reason, service } = yield* Effect.flip(Effect.scoped(transport().connect(listener.address)))
      assert.deepStrictEqual([reason, service], ["service", `127.0.0.1:${broker.port}`])
      assert.strictEqual((yield* Effect.flip(Effect.scoped(transport().listen()))).reason, "service")

      const back = broker.registered(idOf(listener.address))
      yield* Effect.promise(() => broker.start())
      yield* Effect.promise(() => back)
      yield* reachable(listener, true)
      yield* meet(transport(), listener)
      yield* ours.send(Uint8Array.of(8))
      assert.deepStrictEqual(yield* theirs.receive, Uint8Array.of(8))
    }))

  it("after sleep a dead socket is noticed and replaced, though the broker still holds it and greets nobody", () =>
    scoped(function* () {
      const here = transport({ pingInterval: 50 })
      const listener = yield* here.listen()
      const id = idOf(listener.address)
      yield* Effect.promise(() =>
        broker.passes(({ id: to, text, way }) => to === id && way === "out" && text.includes("LEAVE")),
      )
      // Like a network that is gone: the socket stays, and nothing comes through, not even its closing.
      const deaf = broker.socketsOf(id)
      for (const socket of deaf) socket.pause()
      broker.tamper = ({ socket, text }) => (deaf.includes(socket) ? undefined : text)
      broker.passed.length = 0
      yield* registered(listener)
      yield* reachable(listener, true)
      yield* meet(transport(), listener)
      broker.tamper = ({ text }) => text
      assert.isFalse(broker.passed.some(({ id: to, text }) => to === id && text.includes("OPEN")))
    }))

  it("where only the fingerprint is wrong, there is no path", () =>
    scoped(function* () {
      const listener = yield* transport().listen()
      const wrong = (text: string) => text.replace(/(sha-256 )..:../, (_, start) => `${start}00:00`)
      broker.tamper = ({ text }) => (text.includes('"ANSWER"') ? wrong(text) : text)
      const { reason } = yield* Effect.flip(Effect.scoped(transport().connect(listener.address)))
      broker.tamper = ({ text }) => text
      assert.strictEqual(reason, "noPath")
      yield* meet(transport(), listener)
    }))

  it("a sender waits while the channel's buffer is over its high-water mark, and is back before it is empty", () =>
    scoped(function* () {
      const channels: Array<RTCDataChannel> = []
      class Spied extends node.RTCPeerConnection {
        override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
          const channel = super.createDataChannel(label, init)
          channels.push(channel)
          return channel
        }
      }
      const listener = yield* transport().listen()
      const { ours, theirs } = yield* meet(transport({ webrtc: { RTCPeerConnection: Spied } }), listener)
      yield* Effect.forkScoped(Effect.ignore(Effect.forever(theirs.receive)))
      const left: Array<number> = []
      for (let i = 0; i < 200; i++) {
        yield* ours.send(new Uint8Array(MAX_LINK_FRAME))
        left.push(channels[0]!.bufferedAmount)
      }
      assert.isAtMost(Math.max(...left), HIGH_WATER)
      assert.isAbove(Math.max(...left), HIGH_WATER / 2)
      assert.deepStrictEqual([channels[0]!.ordered, channels[0]!.maxRetransmits], [true, null])
    }))

  it("an attempt that fails, and a link that ends, free their connection, though the scope around goes on", () =>
    scoped(function* () {
      const alive = new Set<RTCPeerConnection>()
      class Counted extends node.RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration)
          alive.add(this)
        }
        override close(): void {
          alive.delete(this)
          super.close()
        }
      }
      const counted = transport({ webrtc: { RTCPeerConnection: Counted } })
      const { address } = yield* Effect.scoped(transport().listen())
      assert.strictEqual((yield* Effect.flip(counted.connect(address))).reason, "absent")
      assert.strictEqual(alive.size, 0)
      const { ours, theirs } = yield* meet(counted, yield* counted.listen())
      assert.strictEqual(alive.size, 2)
      yield* theirs.close
      yield* ours.closed
      yield* Effect.repeat(Effect.sleep(5), { until: () => Effect.sync(() => alive.size === 0) })
    }))

  it("without WebRTC or a WebSocket it says so", () =>
    scoped(function* () {
      const { webrtc: _, ...bare } = { ...broker.options, webrtc: node }
      const listener = yield* transport().listen()
      const none = peerjs(bare)
      assert.strictEqual((yield* Effect.flip(Effect.scoped(none.connect(listener.address)))).reason, "unsupported")
    }))

  it("options that can never work are refused at once", () => {
    const bad: ReadonlyArray<Partial<PeerJsOptions>> = [
      { host: "evil.example/?" },
      { host: "a@b.example" },
      { host: "a".repeat(200) },
      { host: "h.example:1" },
      { port: 0 },
      { port: 70_000 },
      { key: "a&b" },
      { path: "a?b" },
      { path: "../up" },
      { host: "a".repeat(90), path: "p".repeat(45), key: "k".repeat(30) },
      { relayOnly: true },
      { relayOnly: true, iceServers: [{ urls: "stun:stun.example" }] },
      // node-datachannel sends past the relay.
      { relayOnly: true, iceServers: [{ urls: "turn:turn.example", username: "u", credential: "c" }] },
    ]
    for (const options of bad) assert.throws(() => transport(options), TypeError)
    transport({ host: "[::1]", path: "a/b" })
  })

  it("ids and tokens are 128 random bits each, and a listener keeps both", () =>
    scoped(function* () {
      const urls: Array<URL> = []
      class Spied extends WebSocket {
        constructor(url: string | URL) {
          super(url)
          urls.push(new URL(url))
        }
      }
      const here = transport({ WebSocket: Spied })
      const listener = yield* Effect.scoped(here.listen())
      yield* here.listen(listener.address)
      yield* here.listen()
      const seen = urls.map((url) => [url.searchParams.get("id"), url.searchParams.get("token")])
      for (const value of seen.flat()) assert.match(value ?? "", /^[0-9a-f]{32}$/)
      assert.deepStrictEqual(seen[0], seen[1])
      assert.strictEqual(new Set(seen.flat()).size, 4)
    }))
})
