/**
 * A PeerJS address: which broker, and a random id there. It travels in an invite, so a joiner meets at the inviter's broker
 * whatever its own is. Docs: protocol.md, "Invite".
 */
import { bool, codec, fixed, refine, text, uint } from "../../../core/codec/codec.ts"
import { optional, struct } from "../../../core/codec/composite.ts"
import type { Address } from "../../../core/transport.ts"
import { parseIp } from "../webrtc/ip.ts"

export const KIND = "peerjs"

/** Where a PeerServer listens. */
export interface Broker {
  /** Lower-case name, IPv4 address, or IPv6 address in brackets. */
  readonly host: string
  readonly port: number
  /** Begins and ends with a slash. */
  readonly path: string
  readonly key: string
  readonly secure: boolean
}

export interface Place {
  readonly broker: Broker
  /** 16 random bytes; on the wire their hexadecimal. */
  readonly id: Uint8Array
}

export const ID_BYTES = 16
export const DEFAULT_PATH = "/"
export const DEFAULT_KEY = "peerjs"

/** As the port demands of any address. */
const MAX_BYTES = 160

// What these let through cannot end the part of the URL that it stands in, and is not read as another host by a URL's rules
// (`2130706433` and `0x7f.1` would be 127.0.0.1): a person is shown what is contacted.
const isName = (host: string) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(host)
const isHost = (host: string) => isName(host) || isIp(host)
const isIp = (host: string) =>
  host.startsWith("[") ? parseIp(host.slice(1, -1))?.length === 16 && host.endsWith("]") : parseIp(host)?.length === 4
const isPath = (path: string) => /^\/([A-Za-z0-9_~-]+\/)*$/.test(path)
const isKey = (key: string) => /^[A-Za-z0-9_-]+$/.test(key)

/** Defaults are left out, and never written: one encoding a place. */
const placeCodec = codec(
  struct({
    id: [1, fixed(ID_BYTES)],
    host: [2, refine(text(100), isHost)],
    port: [3, refine(uint(65_535), (port) => port > 0)],
    secure: [4, bool],
    path: [5, optional(refine(text(48), (path) => isPath(path) && path !== DEFAULT_PATH))],
    key: [6, optional(refine(text(32), (key) => isKey(key) && key !== DEFAULT_KEY))],
  }),
  MAX_BYTES,
)

/** Throws a RangeError for a broker that no address can name: malformed, or too long. */
export const addressOf = ({ broker: { host, key, path, port, secure }, id }: Place): Address => {
  const named = { ...(path !== DEFAULT_PATH && { path }), ...(key !== DEFAULT_KEY && { key }) }
  return { kind: KIND, at: placeCodec.encode({ id, host, port, secure, ...named }) }
}

export const placeOf = (address: Address): Place | undefined => {
  const place = address.kind === KIND ? placeCodec.decode(address.at) : undefined
  if (place === undefined) return undefined
  const { host, id, key = DEFAULT_KEY, path = DEFAULT_PATH, port, secure } = place
  return { broker: { host, port, path, key, secure }, id }
}

/** For a person to see. */
export const serviceName = ({ host, port }: Broker): string => `${host}:${port}`
