/** Brokers and peers that mean ill: what they can do to a peerjs transport, and what they cannot. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { assert, describe, it } from "vitest"
import { equal } from "../../../src/core/crypto/bytes.ts"
import { type Link, MAX_LINK_FRAME } from "../../../src/core/transport.ts"
import { brokered, idOf, meet, node, reachable, read, scoped } from "./support.ts"

const { broker, transport } = brokered()

const speaks = Effect.fnUntraced(function* (from: Link, to: Link, byte: number) {
  yield* from.send(Uint8Array.of(byte))
  assert.deepStrictEqual(yield* to.receive, Uint8Array.of(byte))
})

describe("an evil broker", () => {
  it("that puts itself in the middle is told by the bindings, which differ at both ends", () =>
    scoped(function* () {
      const victim = yield* transport().listen()
      const mallory = transport()
      const fake = yield* mallory.listen()
      const [victimId, fakeId] = [idOf(victim.address), idOf(fake.address)]
      let joiner: string | undefined

      // The joiner's call to the victim goes to Mallory, and what Mallory answers seems to be the victim's.
      broker.tamper = ({ id, text, way }) => {
        const message = read(text)
        if (way === "in" && message.type === "OFFER" && joiner === undefined) joiner = id
        if (way === "in" && id === joiner && message.dst === victimId)
          return JSON.stringify({ ...message, dst: fakeId })
        if (way === "out" && id === joiner && message.src === fakeId)
          return JSON.stringify({ ...message, src: victimId })
        return text
      }
      const joining = yield* Effect.forkScoped(transport().connect(victim.address))
      const toJoiner = yield* fake.accept
      const { ours: toVictim, theirs: victimEnd } = yield* meet(mallory, victim)
      const joinerEnd = yield* Fiber.join(joining)

      // Frames flow through Mallory, as if nothing were.
      yield* speaks(joinerEnd, toJoiner, 1)
      yield* speaks(toVictim, victimEnd, 1)
      assert.isTrue(equal(joinerEnd.binding!, toJoiner.binding!))
      assert.isTrue(equal(victimEnd.binding!, toVictim.binding!))
      assert.isFalse(equal(joinerEnd.binding!, victimEnd.binding!))
    }))

  it("that swaps in a fingerprint of its own, at either side, gets no link opened", () =>
    scoped(function* () {
      for (const type of ["OFFER", "ANSWER"]) {
        const listener = yield* transport().listen()
        const swapped = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}`
        broker.tamper = ({ text }) =>
          text.includes(`"${type}"`) ? text.replace(/a=fingerprint:sha-256 [0-9A-F:]+/, swapped) : text
        const attempt = Effect.scoped(transport().connect(listener.address))
        assert.strictEqual((yield* Effect.flip(attempt)).reason, "noPath")
        assert.strictEqual((yield* Effect.timeoutOption(listener.accept, 20))._tag, "None")
      }
    }))

  it("that says nonsense, too much, or what only peers say, changes nothing", () =>
    scoped(function* () {
      const listener = yield* transport().listen()
      const id = idOf(listener.address)
      const { ours, theirs } = yield* meet(transport(), listener)
      const offer = broker.passed.findLast(({ text }) => text.includes('"OFFER"'))!.text
      const told = read(offer)
      const nonsense = [
        "",
        "null",
        "[]",
        "{",
        '{"type":"OFFER"}',
        '{"type":"OFFER","src":{},"payload":[]}',
        '{"__proto__":{"type":"OPEN"},"type":"ANSWER","src":"a","payload":null}',
        JSON.stringify({ ...told, src: "a".repeat(1_000) }),
        JSON.stringify({ ...told, payload: { ...told.payload, sdp: { type: "offer", sdp: "v=0\r\n".repeat(5_000) } } }),
        JSON.stringify({
          type: "CANDIDATE",
          src: "nobody",
          payload: { type: "data", connectionId: "c", candidate: {} },
        }),
        JSON.stringify({ type: "LEAVE", src: told.src }),
        JSON.stringify({ type: "EXPIRE", src: "x" }),
        `{"type":"OPEN","x":"${"y".repeat(1_000_000)}"}`,
        offer.slice(0, -10),
      ]
      for (const text of nonsense) broker.push(id, text)
      broker.push(id, new Uint8Array(100_000))
      // A call comes after all of it.
      yield* meet(transport(), listener)
      assert.isTrue((yield* listener.service)?.reachable)
      yield* speaks(ours, theirs, 2)
    }))

  it("that says the id is taken, or refuses us, is come back to", () =>
    scoped(function* () {
      const listener = yield* transport().listen()
      const id = idOf(listener.address)
      for (const text of ['{"type":"ID-TAKEN"}', '{"type":"ERROR","payload":{"msg":"go away"}}']) {
        const back = broker.registered(id)
        broker.push(id, text)
        yield* reachable(listener, false)
        yield* Effect.promise(() => back)
        yield* reachable(listener, true)
      }
      yield* meet(transport(), listener)
    }))

  it("that refuses from the start is a service that is not there", () =>
    scoped(function* () {
      for (const options of [{ key: "wrong" }, { path: "wrong" }]) {
        const { reason, service } = yield* Effect.flip(Effect.scoped(transport(options).listen()))
        assert.deepStrictEqual([reason, service], ["service", `127.0.0.1:${broker.port}`])
      }
    }))

  it("that forges answers from others, or of other calls, does not mislead a caller", () =>
    scoped(function* () {
      const listener = yield* transport().listen()
      const decoy = yield* transport().listen()
      yield* meet(transport(), decoy)
      const stale = broker.passed.findLast(({ text, way }) => way === "out" && text.includes('"ANSWER"'))!.text

      broker.tamper = ({ id, text, way }) => {
        if (way === "in" && text.includes('"OFFER"')) {
          const { connectionId } = read(text).payload
          const forged = read(stale)
          for (const [src, connection] of [
            ["stranger", connectionId],
            [idOf(decoy.address), connectionId],
            [idOf(listener.address), forged.payload.connectionId],
          ] as const) {
            broker.push(
              id,
              JSON.stringify({ ...forged, src, payload: { ...forged.payload, connectionId: connection } }),
            )
            broker.push(id, JSON.stringify({ type: "EXPIRE", src: "stranger" }))
          }
        }
        return text
      }
      const { ours, theirs } = yield* meet(transport(), listener)
      assert.isTrue(equal(ours.binding!, theirs.binding!))
      yield* speaks(ours, theirs, 3)
    }))
})

describe("an evil peer", () => {
  it("that takes our id while we are away has it until it leaves, and gets none of our links", () =>
    scoped(function* () {
      const victim = yield* transport().listen()
      yield* Effect.promise(() => broker.stop())
      yield* Effect.promise(() => broker.start())
      const { joined } = yield* Effect.scoped(
        Effect.gen(function* () {
          const impostor = yield* transport().listen(victim.address)
          // Our next attempt finds it taken.
          yield* Effect.promise(() => broker.passes(({ text }) => text.includes("ID-TAKEN")))
          // A joiner cannot tell: addresses authenticate nobody, the handshake does.
          const { ours, theirs } = yield* meet(transport(), impostor)
          assert.isFalse((yield* victim.service)?.reachable)
          yield* speaks(ours, theirs, 4)
          return { joined: ours }
        }),
      )
      yield* joined.closed
      yield* reachable(victim, true)
      assert.strictEqual((yield* Effect.timeoutOption(victim.accept, 20))._tag, "None")
      const { ours, theirs } = yield* meet(transport(), victim)
      yield* speaks(ours, theirs, 5)
    }))

  it("that floods us with offers costs us eight connections, and links that stand no more than that", () =>
    scoped(function* () {
      let made = 0
      class Counted extends node.RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration)
          made++
        }
      }
      const listener = yield* transport({ webrtc: { RTCPeerConnection: Counted } }).listen()
      const { ours, theirs } = yield* meet(transport(), listener)
      const offer = read(broker.passed.findLast(({ text }) => text.includes('"OFFER"'))!.text)
      made = 0
      for (let i = 0; i < 100; i++) {
        const payload = { ...offer.payload, connectionId: `dc_${i}` }
        broker.push(idOf(listener.address), JSON.stringify({ ...offer, src: `flood${i}`, payload }))
      }
      // It hears of this after all of them.
      const back = broker.registered(idOf(listener.address))
      broker.push(idOf(listener.address), '{"type":"ID-TAKEN"}')
      yield* Effect.promise(() => back)
      assert.strictEqual(made, 8)
      yield* speaks(ours, theirs, 6)
    }))

  it("whose links nobody accepts gets eight of them", () =>
    scoped(function* () {
      const listener = yield* transport().listen()
      const links: Array<Link> = []
      for (let i = 0; i < 8; i++) links.push(yield* transport().connect(listener.address))
      // The listener hangs up as soon as the ninth opens at its side, which may be before it has opened at ours.
      const ninth = yield* Effect.exit(transport().connect(listener.address))
      if (Exit.isSuccess(ninth)) yield* ninth.value.closed
      for (const link of links) yield* speaks(link, yield* listener.accept, 7)
    }))

  it("that sends texts, giants and a flood over the channel is heard where it keeps to frames", () =>
    scoped(function* () {
      const channels: Array<RTCDataChannel> = []
      class Ruthless extends node.RTCPeerConnection {
        override setRemoteDescription({ type, sdp }: RTCSessionDescriptionInit): Promise<void> {
          return super.setRemoteDescription({ type, sdp: sdp!.replace("size:16384", "size:262144") })
        }
        override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
          const channel = super.createDataChannel(label, init)
          channels.push(channel)
          return channel
        }
      }
      let heard = 0
      const heardAll = Promise.withResolvers<void>()
      class Counted extends node.RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration)
          this.addEventListener("datachannel", ({ channel }) =>
            channel.addEventListener("message", () => ++heard === 1_004 && heardAll.resolve()),
          )
        }
      }
      const listener = yield* transport({ webrtc: { RTCPeerConnection: Counted } }).listen()
      const { ours, theirs } = yield* meet(transport({ webrtc: { RTCPeerConnection: Ruthless } }), listener)
      const [raw] = channels
      raw!.send("a text")
      raw!.send(new Uint8Array(MAX_LINK_FRAME + 1))
      raw!.send(new Uint8Array(60_000))
      raw!.send(Uint8Array.of(1))
      assert.deepStrictEqual(yield* theirs.receive, Uint8Array.of(1))

      // Nobody reads now, and the newest are lost.
      for (let i = 0; i < 1_000; i++) yield* ours.send(Uint8Array.of(2, i >> 8, i & 255))
      yield* Effect.promise(() => heardAll.promise)
      const kept: Array<number> = []
      const drain = Effect.forever(Effect.map(theirs.receive, ([, high, low]) => void kept.push((high! << 8) | low!)))
      yield* Effect.timeoutOption(drain, 100)
      assert.deepStrictEqual(
        kept,
        Array.from({ length: 256 }, (_, i) => i),
      )
      yield* speaks(ours, theirs, 8)
    }))
})
