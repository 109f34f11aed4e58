/** How connections are to be made: with which WebRTC implementation, servers and privacy. */
import * as Effect from "effect/Effect"
import { Unreachable } from "../../../core/transport.ts"

/** What is used of an RTCPeerConnection, so that any implementation fits that has it. */
export type PeerConnection = Pick<
  RTCPeerConnection,
  | "addEventListener"
  | "addIceCandidate"
  | "close"
  | "connectionState"
  | "createAnswer"
  | "createDataChannel"
  | "createOffer"
  | "getStats"
  | "iceGatheringState"
  | "localDescription"
  | "setLocalDescription"
  | "setRemoteDescription"
>

/** What is needed of a WebRTC implementation. Browsers have it globally; for Node see `node-datachannel/polyfill`. */
export interface WebRtc {
  /** The class, as the W3C specifies it, as far as it is used. */
  readonly RTCPeerConnection: new (
    configuration?: RTCConfiguration,
  ) => PeerConnection
  /**
   * Set only for an implementation that sends nothing past the TURN server under `iceTransportPolicy: "relay"`. Browsers do;
   * node-datachannel 0.33 does not (it hides its candidates, and still checks the peer's from its own sockets), so that
   * `relayOnly` cannot be had with it.
   */
  readonly enforcesRelayPolicy?: true
}

/** Which WebRTC, servers and privacy. */
export interface IceOptions {
  /** STUN and TURN servers, as RTCPeerConnection takes them. Default: none, which reaches peers on the same network only. */
  readonly iceServers?: ReadonlyArray<RTCIceServer>
  /**
   * Reach peers through a TURN server only, so that neither they nor the broker learn our network address. Default: false.
   * Needs a TURN server among `iceServers`.
   */
  readonly relayOnly?: boolean
  /** Default: the runtime's own. */
  readonly webrtc?: WebRtc
}

/** Throws a TypeError where `relayOnly` cannot be kept, or could never reach anybody. */
export const checkIce = ({ iceServers = [], relayOnly = false, webrtc }: IceOptions): void => {
  if (!relayOnly) return
  const urls = iceServers.flatMap((server) => server.urls)
  if (!urls.some((url) => /^turns?:/.test(url))) throw new TypeError("relayOnly needs a TURN server in iceServers")
  if (webrtc !== undefined && webrtc.enforcesRelayPolicy !== true) {
    throw new TypeError("relayOnly needs a WebRTC implementation that enforces it; see WebRtc.enforcesRelayPolicy")
  }
}

export const makePeerConnection = (ice: IceOptions): Effect.Effect<PeerConnection, Unreachable> =>
  Effect.try({
    try: () => {
      const { RTCPeerConnection: Implementation } = ice.webrtc ?? globalThis
      return new Implementation({
        iceServers: (ice.iceServers ?? []).map((server) => ({ ...server })),
        iceTransportPolicy: ice.relayOnly ? "relay" : "all",
      })
    },
    catch: (cause) => new Unreachable({ reason: "unsupported", cause }),
  })
