/**
 * ICE candidates: a place where one side may be reached. Parsed strictly and printed afresh both ways, so that nothing
 * passes that was not understood, and no related address tells what a relay was meant to hide. RFC 8839 §5.1.
 */
import { parseIp, printIp } from "./ip.ts"

export type CandidateType = "host" | "srflx" | "relay"

export interface Candidate {
  readonly type: CandidateType
  /** An IP address (4 or 16 bytes), or the UUID of an mDNS name (`<uuid>.local`). */
  readonly address: { readonly ip: Uint8Array } | { readonly mdns: string }
  readonly port: number
  readonly priority: number
}

/** Longer than any real one, with every extension that stacks add. */
const MAX_TEXT = 512

const MDNS = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.local$/

/** A `candidate:` attribute, as stacks and peers give it. Undefined for TCP, other components, names other than mDNS and anything malformed. */
export const parseCandidate = (text: string): Candidate | undefined => {
  if (text.length > MAX_TEXT) return undefined
  const [foundation, component, protocol, priority, host, port, typ, type] = text.split(" ")
  // node-datachannel gives the whole line of a description.
  if (!/^(a=)?candidate:/.test(foundation ?? "") || component !== "1" || protocol?.toLowerCase() !== "udp")
    return undefined
  if (typ !== "typ" || !(type === "host" || type === "srflx" || type === "relay")) return undefined
  if (!isNumber(priority, 2 ** 31 - 1) || !isNumber(port, 65_535) || port === "0") return undefined
  const address = parseAddress(host ?? "")
  // An mDNS name stands for an interface of the host; a service that saw an address would tell the address.
  if (address === undefined || ("mdns" in address && type !== "host")) return undefined
  return { type, address, port: Number(port), priority: Number(priority) }
}

const parseAddress = (host: string): Candidate["address"] | undefined => {
  const name = MDNS.exec(host)?.[1]
  if (name !== undefined) return { mdns: name }
  const ip = parseIp(host)
  return ip && { ip }
}

const isNumber = (text: string | undefined, max: number): boolean =>
  text !== undefined && /^(0|[1-9]\d{0,9})$/.test(text) && Number(text) <= max

/** With a related address of zeros: Firefox demands one, and the true one is nobody's business. RFC 8839 §5.1. */
export const printCandidate = ({ address, port, priority, type }: Candidate): string => {
  const host = "ip" in address ? printIp(address.ip) : `${address.mdns}.local`
  const related = type === "host" ? "" : " raddr 0.0.0.0 rport 0"
  return `candidate:${FOUNDATION[type]} 1 udp ${priority} ${host} ${port} typ ${type}${related}`
}

/** One a type: it only groups candidates that are checked together. RFC 8445 §5.1.1.3. */
const FOUNDATION = { host: 1, srflx: 2, relay: 3 } as const

/** RFC 8445 §5.1.2.1, with the recommended preferences of types. `place` orders those of one type: 0 first. */
export const priorityOf = (type: CandidateType, place: number): number =>
  PREFERENCE[type] * 2 ** 24 + (65_535 - place) * 2 ** 8 + 255

const PREFERENCE = { host: 126, srflx: 100, relay: 0 } as const

/** Whether we may tell it to anyone: with `relayOnly` nothing but a relay's address leaves this device. */
export const mayTell = (candidate: Candidate, relayOnly: boolean): boolean => !relayOnly || candidate.type === "relay"

/** Whether to use one that a peer told us: with `relayOnly` no name is looked up in the local network. */
export const mayTry = (candidate: Candidate, relayOnly: boolean): boolean => !relayOnly || "ip" in candidate.address
