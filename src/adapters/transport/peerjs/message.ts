/**
 * What a PeerServer and peers behind it say, read strictly; and how we say it. Interoperable with peerjs 1.5 and its server:
 * JSON texts over a WebSocket, `{ type, src, dst, payload }`. Nothing that is not understood gets past here.
 */
import { type Candidate, parseCandidate, printCandidate } from "../webrtc/candidate.ts"
import { type Description, parseDescription, printDescription } from "../webrtc/description.ts"

/** Told by a peer, through the broker, about one connection that it wants or that we asked for. */
export type Signal =
  | { readonly kind: "offer" | "answer"; readonly description: Description }
  | { readonly kind: "candidate"; readonly candidate: Candidate }

export interface PeerMessage {
  readonly kind: "signal"
  /** The sender's id, as the broker says. */
  readonly from: string
  readonly connection: string
  readonly signal: Signal
}

export type Message =
  | PeerMessage
  /** We are registered. */
  | { readonly kind: "open" }
  /** Somebody else is registered under our id. */
  | { readonly kind: "taken" }
  /** The broker will not have us. */
  | { readonly kind: "refused" }
  /** The peer is not there (any more). */
  | { readonly kind: "absent"; readonly from: string }

/** An offer with all its candidates takes a tenth of it. */
const MAX_TEXT = 32 * 1024

const isId = (value: unknown): value is string => typeof value === "string" && /^[A-Za-z0-9_-]{1,128}$/.test(value)

/** Undefined for anything that is not one of these messages. Never throws. */
export const readMessage = (data: unknown): Message | undefined => {
  if (typeof data !== "string" || data.length > MAX_TEXT) return undefined
  const { payload, src, type } = fieldsOf(parseJson(data))
  switch (type) {
    case "OPEN":
      return { kind: "open" }
    case "ID-TAKEN":
      return { kind: "taken" }
    case "ERROR":
    case "INVALID-KEY":
      return { kind: "refused" }
    case "EXPIRE":
    case "LEAVE":
      return isId(src) ? { kind: "absent", from: src } : undefined
    case "OFFER":
    case "ANSWER":
    case "CANDIDATE": {
      const { connectionId } = fieldsOf(payload)
      const signal = readSignal(type, fieldsOf(payload))
      if (signal === undefined || !isId(src) || !isId(connectionId)) return undefined
      return { kind: "signal", from: src, connection: connectionId, signal }
    }
    default:
      return undefined
  }
}

type Fields = { readonly [name: string]: unknown }

const readSignal = (type: "OFFER" | "ANSWER" | "CANDIDATE", payload: Fields): Signal | undefined => {
  if (payload["type"] !== "data") return undefined
  if (type === "CANDIDATE") {
    const text = fieldsOf(payload["candidate"])["candidate"]
    const candidate = typeof text === "string" ? parseCandidate(text) : undefined
    return candidate && { kind: "candidate", candidate }
  }
  const kind = type === "OFFER" ? "offer" : "answer"
  const sdp = fieldsOf(payload["sdp"])
  if (sdp["type"] !== kind || typeof sdp["sdp"] !== "string") return undefined
  const description = parseDescription(kind, sdp["sdp"])
  return description && { kind, description }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {})

/** A signal for `to`, as the stock client would send it. */
export const writeSignal = (to: string, connection: string, signal: Signal): string => {
  const about = { type: "data", connectionId: connection }
  if (signal.kind === "candidate") {
    const candidate = { candidate: printCandidate(signal.candidate), sdpMid: "0", sdpMLineIndex: 0 }
    return JSON.stringify({ type: "CANDIDATE", dst: to, payload: { candidate, ...about } })
  }
  const sdp = { type: signal.kind, sdp: printDescription(signal.description) }
  if (signal.kind === "answer") return JSON.stringify({ type: "ANSWER", dst: to, payload: { sdp, ...about } })
  const channel = { label: "sotto", reliable: true, serialization: "raw" }
  return JSON.stringify({ type: "OFFER", dst: to, payload: { sdp, ...about, ...channel } })
}

export const HEARTBEAT = JSON.stringify({ type: "HEARTBEAT" })

/** To ourselves: a broker that has us registered sends it back, and one that has not forgets it. */
export const echoFor = (id: string): string => JSON.stringify({ type: "LEAVE", dst: id })
