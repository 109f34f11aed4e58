/** What a broker and a peer come to know of us. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { brokered, node, read, scoped } from "./support.ts"

const { broker, transport } = brokered()

describe("what we tell", () => {
  it("is no address of ours where relay only was asked, even if the WebRTC implementation finds and would use them", () =>
    scoped(function* () {
      const tried: Array<string> = []
      class Careless extends node.RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super({ ...configuration, iceTransportPolicy: "all", iceServers: [] })
        }
        override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
          tried.push(candidate?.candidate ?? "")
          return Promise.resolve()
        }
      }
      const iceServers = [{ urls: "turn:turn.example", username: "u", credential: "c" }]
      const hidden = {
        relayOnly: true,
        iceServers,
        webrtc: { RTCPeerConnection: Careless, enforcesRelayPolicy: true },
      } as const
      const listener = yield* transport(hidden).listen()
      broker.passed.length = 0
      // A peer's name would be looked up in the local network.
      const mdns = "candidate:1 1 udp 1 12345678-1234-1234-1234-123456789abc.local 9 typ host"
      broker.tamper = ({ id, text, way }) => {
        if (way === "out" && text.includes('"ANSWER"')) {
          const { payload, src } = read(text)
          const said = (candidate: string) => ({
            type: "data",
            connectionId: payload.connectionId,
            candidate: { candidate },
          })
          for (const candidate of [mdns, "candidate:1 1 udp 1 192.0.2.9 9 typ host"]) {
            queueMicrotask(() => broker.push(id, JSON.stringify({ type: "CANDIDATE", src, payload: said(candidate) })))
          }
        }
        return text
      }
      yield* Effect.timeoutOption(Effect.scoped(transport(hidden).connect(listener.address)), 500)
      assert.isTrue(broker.passed.some(({ text }) => text.includes('"ANSWER"')))
      for (const { text } of broker.passed) assert.notInclude(text, "candidate:")
      assert.deepStrictEqual(
        tried.map((text) => text.split(" ")[4]),
        ["192.0.2.9"],
      )
    }))

  it("is a bare description, and no network address before the peer has answered", () =>
    scoped(function* () {
      const { address } = yield* Effect.scoped(transport().listen())
      broker.passed.length = 0
      yield* Effect.flip(Effect.scoped(transport().connect(address)))
      const told = broker.passed.filter(({ way }) => way === "in").map(({ text }) => text)
      assert.isTrue(told.some((text) => text.includes('"OFFER"')))
      assert.isFalse(told.some((text) => text.includes('"CANDIDATE"')))
      for (const text of told) {
        if (!text.includes('"OFFER"')) continue
        const { payload } = read(text)
        assert.match(payload.sdp.sdp, BARE)
        assert.sameMembers(Object.keys(payload), ["sdp", "type", "connectionId", "label", "reliable", "serialization"])
      }
    }))
})

/** Nothing here but random credentials, the certificate's fingerprint, and constants. */
const BARE = new RegExp(
  [
    "^v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:\\S+",
    "a=ice-pwd:\\S+",
    "a=ice-options:trickle",
    "a=fingerprint:sha-256 [0-9A-F:]{95}",
    "a=setup:actpass",
    "a=mid:0",
    "a=sctp-port:5000",
    "a=max-message-size:16384",
    "$",
  ].join("\r\n"),
)
