/**
 * Session descriptions cut down to what a data channel needs. Whatever a stack or a peer says is parsed into this and
 * printed afresh: no peer's SDP ever reaches the browser's parser, and nothing of ours leaves that is not listed here.
 * RFC 8866, 8839, 8841, 8842.
 */
import { MAX_LINK_FRAME } from "../../../core/transport.ts"
import { type Candidate, parseCandidate, printCandidate } from "./candidate.ts"

export interface Description {
  readonly type: "offer" | "answer"
  /** Names the one media section; an answer repeats the offer's. */
  readonly mid: string
  readonly ufrag: string
  readonly pwd: string
  /** SHA-256 of the DTLS certificate. */
  readonly fingerprint: Uint8Array
  /** Who opens the DTLS connection: `actpass` in an offer, one of the others in an answer. */
  readonly setup: "actpass" | "active" | "passive"
  readonly candidates: ReadonlyArray<Candidate>
}

/** Four times what Chromium writes. */
const MAX_TEXT = 8 * 1024
/** A device with more interfaces than this is reached by the first ones. */
export const MAX_CANDIDATES = 32

/** RFC 8839 §5.4 allows 256 characters; no stack uses more than these. */
export const isUfrag = (text: string): boolean => /^[A-Za-z0-9+/]{4,32}$/.test(text)
export const isPwd = (text: string): boolean => /^[A-Za-z0-9+/]{22,64}$/.test(text)

/** Undefined for anything that is not one data-channel section under exactly one SHA-256 fingerprint. Never throws. */
export const parseDescription = (type: Description["type"], sdp: string): Description | undefined => {
  if (sdp.length > MAX_TEXT) return undefined
  const lines = sdp.split(/\r?\n/)
  const media = lines.filter((line) => line.startsWith("m="))
  if (media.length !== 1 || !/^m=application \d{1,5} UDP\/DTLS\/SCTP webrtc-datachannel$/.test(media[0]!))
    return undefined
  const only = (name: string): string | undefined => {
    const found = lines.filter((line) => line.startsWith(`a=${name}:`))
    return found.length === 1 ? found[0]!.slice(name.length + 3) : undefined
  }

  const [mid, ufrag, pwd, setup] = [only("mid"), only("ice-ufrag"), only("ice-pwd"), only("setup")]
  const fingerprint = fingerprintOf(sdp)
  if (mid === undefined || !/^[A-Za-z0-9]{1,16}$/.test(mid) || only("sctp-port") !== "5000") return undefined
  if (ufrag === undefined || !isUfrag(ufrag) || pwd === undefined || !isPwd(pwd)) return undefined
  if (fingerprint === undefined || !isSetup(type, setup)) return undefined

  const candidates = lines
    .filter((line) => line.startsWith("a=candidate:"))
    .slice(0, MAX_CANDIDATES)
    .flatMap((line) => parseCandidate(line.slice(2)) ?? [])
  return { type, mid, ufrag, pwd, fingerprint, setup, candidates }
}

const isSetup = (type: Description["type"], setup: string | undefined): setup is Description["setup"] =>
  type === "offer" ? setup === "actpass" : setup === "active" || setup === "passive"

/** The one SHA-256 certificate fingerprint of a description; undefined where there is none, or a choice of them. */
const fingerprintOf = (sdp: string): Uint8Array | undefined => {
  const found = new Set(
    [...sdp.matchAll(/^a=fingerprint:sha-256 (\S+)\s*$/gim)].map((match) => match[1]!.toUpperCase()),
  )
  const [text] = found
  if (found.size !== 1 || text === undefined || !/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(text)) return undefined
  return Uint8Array.from(text.split(":"), (byte) => Number.parseInt(byte, 16))
}

export const printDescription = (description: Description): string => {
  const { candidates, fingerprint, mid, pwd, setup, ufrag } = description
  const print = Array.from(fingerprint, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(":")
  return [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${mid}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    ...candidates.map((candidate) => `a=${printCandidate(candidate)}`),
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    "a=ice-options:trickle",
    `a=fingerprint:sha-256 ${print}`,
    `a=setup:${setup}`,
    `a=mid:${mid}`,
    "a=sctp-port:5000",
    `a=max-message-size:${MAX_LINK_FRAME}`,
    "",
  ].join("\r\n")
}
