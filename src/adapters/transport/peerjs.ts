/**
 * WebRTC data channels between peers that find each other at a PeerServer (https://github.com/peers/peerjs-server), in
 * browsers and in Node. The broker sees random ids, and network addresses unless `relayOnly`; no content. It authenticates
 * nobody, and need not be honest: what it swaps or forges, the handshake finds out. Docs: architecture.md, "Ports".
 *
 * It speaks the PeerServer's protocol itself, so importing it touches no global and needs no further package. For Node:
 *
 *     import * as webrtc from "node-datachannel/polyfill"
 *     peerjs({ host: "broker.example", webrtc })
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { type Transport, Unreachable } from "../../core/transport.ts"
import {
  addressOf,
  type Broker,
  DEFAULT_KEY,
  DEFAULT_PATH,
  ID_BYTES,
  KIND,
  type Place,
  placeOf,
  serviceName,
} from "./peerjs/address.ts"
import { listenAt } from "./peerjs/listener.ts"
import { type Message, type Signal, writeSignal } from "./peerjs/message.ts"
import { callPeer, MAX_SAID } from "./peerjs/negotiate.ts"
import { register } from "./peerjs/registration.ts"
import { openConnection } from "./webrtc/connection.ts"
import { checkIce, type IceOptions } from "./webrtc/ice.ts"
import { keepLink } from "./webrtc/lifetime.ts"

export type { IceOptions, WebRtc } from "./webrtc/ice.ts"

/** Which broker, and how connections are made. */
export interface PeerJsOptions extends IceOptions {
  /** Name or IP address of the broker at which we listen. Peers are met at theirs, as their addresses say. */
  readonly host: string
  /** Default: 443, or 80 where not `secure`. */
  readonly port?: number
  /** The server's `path`. Default: "/". */
  readonly path?: string
  /** The server's `key`. Default: "peerjs". */
  readonly key?: string
  /** Over TLS. Default: true, except for a broker on this machine. */
  readonly secure?: boolean
  /** Milliseconds between signs of life to the broker. Default: 20,000; proxies cut what is silent for a minute. */
  readonly pingInterval?: number
  /** Default: the runtime's own. */
  readonly WebSocket?: typeof WebSocket
}

/** Throws a TypeError for options that can never work. */
export const peerjs = (options: PeerJsOptions): Transport => {
  checkIce(options)
  const home = brokerOf(options)
  const tokens = new Map<string, string>()
  const registration = () => ({
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    pingInterval: options.pingInterval ?? 20_000,
  })

  // An id keeps its token: with it we get back in while the broker still holds our dead socket.
  const identityOf = (place: Place) => {
    const id = hex(place.id)
    const token = tokens.get(id) ?? randomHex()
    tokens.set(id, token)
    return { id, token }
  }

  const listen: Transport["listen"] = Effect.fnUntraced(function* (address) {
    const place = address === undefined ? { broker: home, id: random() } : placeOf(address)
    if (place === undefined) return yield* new Unreachable({ reason: "invalid" })
    return yield* listenAt(place, identityOf(place), { ...options, ...registration() })
  })

  const connect: Transport["connect"] = Effect.fnUntraced(function* (address, onFound = () => {}) {
    const place = placeOf(address)
    if (place === undefined) return yield* new Unreachable({ reason: "invalid" })
    const open = Effect.flatMap(openConnection(options), (connection) =>
      Effect.scoped(call(place, connection, onFound)),
    )
    return yield* keepLink(yield* Effect.scope, open)
  })

  // We call under an id that is used once, and leave the broker when the link is open.
  const call = Effect.fnUntraced(function* (
    place: Place,
    connection: Effect.Success<ReturnType<typeof openConnection>>,
    onFound: () => void,
  ) {
    const peer = hex(place.id)
    const name = `dc_${randomHex()}`
    const said = yield* Queue.dropping<Signal, Unreachable>(MAX_SAID)
    const hear = (message: Message) => {
      if ((message.kind !== "signal" && message.kind !== "absent") || message.from !== peer) return
      if (message.kind === "absent") Effect.runSync(Queue.fail(said, new Unreachable({ reason: "absent" })))
      else if (message.connection === name) Queue.offerUnsafe(said, message.signal)
    }
    const { lost, send } = yield* register(place.broker, { id: randomHex(), token: randomHex() }, registration(), hear)
    const gone = new Unreachable({ reason: "service", service: serviceName(place.broker) })
    yield* Effect.forkScoped(Effect.andThen(lost, Queue.fail(said, gone)))
    return yield* callPeer(connection, { said, send: (signal) => send(writeSignal(peer, name, signal)) }, onFound)
  })

  const services: Transport["services"] = (address) => {
    const place = placeOf(address)
    return place && [serviceName(place.broker)]
  }
  return { kind: KIND, listen, connect, services }
}

const brokerOf = ({ host, key = DEFAULT_KEY, path = DEFAULT_PATH, ...options }: PeerJsOptions): Broker => {
  const secure = options.secure ?? !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)
  const slashed = `/${path.replace(/^\/+|\/+$/g, "")}/`.replace("//", "/")
  const broker = { host: host.toLowerCase(), port: options.port ?? (secure ? 443 : 80), path: slashed, key, secure }
  try {
    addressOf({ broker, id: new Uint8Array(ID_BYTES) })
  } catch (cause) {
    throw new TypeError("peerjs: host, port, path or key is malformed, or they are too long for an invite", { cause })
  }
  return broker
}

/** Ids and tokens: 128 bits from the runtime's generator for keys. */
const random = (): Uint8Array => crypto.getRandomValues(new Uint8Array(ID_BYTES))

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

const randomHex = (): string => hex(random())
