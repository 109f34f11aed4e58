/**
 * A description as a code that people carry: only what the other stack cannot guess, packed. An offer of a host with two
 * interfaces takes about 110 bytes. Canonical and bounded, like everything that comes from a peer.
 */
import { bytes, choice, codec, fixed, refine, text } from "../../../core/codec/codec.ts"
import { list, struct } from "../../../core/codec/composite.ts"
import { concat } from "../../../core/crypto/bytes.ts"
import { MAX_HAND_CODE } from "../../../core/transport.ts"
import { type Candidate, type CandidateType, priorityOf } from "../webrtc/candidate.ts"
import { type Description, isPwd, isUfrag } from "../webrtc/description.ts"

/** Relays and reflexive addresses first, then as many of the host's own as fit: a code is to stay small. */
const MAX_CANDIDATES = 8

/** Type and family in one byte, the port, and an IPv4 address, an IPv6 address or an mDNS name's UUID. */
const MAX_PACKED = 1 + 2 + 16

/** Relays first and the host's own last, as `encodeCode` puts them. */
const isPackedInOrder = (packed: ReadonlyArray<Uint8Array>): boolean =>
  packed.every((one, i) => unpack(one, i) !== undefined && (i === 0 || one[0]! >> 2 <= packed[i - 1]![0]! >> 2))

const shape = struct({
  // Tells offers from answers, too: only an offer is `actpass`.
  setup: [1, choice({ actpass: 1, active: 2, passive: 3 })],
  ufrag: [2, refine(text(32), isUfrag)],
  pwd: [3, refine(text(64), isPwd)],
  fingerprint: [4, fixed(32)],
  candidates: [5, refine(list(bytes(MAX_PACKED), MAX_CANDIDATES), isPackedInOrder)],
})
const codes = codec(shape, MAX_HAND_CODE)

/** The only name of the media section in codes; every stack's default. */
const MID = "0"

/** Undefined for a description that no code can carry: of a stack that names its section otherwise. */
export const encodeCode = ({ candidates, mid, ...description }: Description): Uint8Array | undefined => {
  if (mid !== MID) return undefined
  const chosen = TYPES.toReversed().flatMap((type) => candidates.filter((candidate) => candidate.type === type))
  const { fingerprint, pwd, setup, ufrag } = description
  return codes.encode({ setup, ufrag, pwd, fingerprint, candidates: chosen.slice(0, MAX_CANDIDATES).map(pack) })
}

/** Undefined for anything but a code of this type. */
export const decodeCode = (type: Description["type"], code: Uint8Array): Description | undefined => {
  const decoded = codes.decode(code)
  if (decoded === undefined || (decoded.setup === "actpass") !== (type === "offer")) return undefined
  return { ...decoded, type, mid: MID, candidates: decoded.candidates.flatMap((packed, i) => unpack(packed, i) ?? []) }
}

const TYPES: ReadonlyArray<CandidateType> = ["host", "srflx", "relay"]
const [V4, V6, MDNS] = [0, 1, 2]

const pack = ({ address, port, type }: Candidate): Uint8Array => {
  const [family, place] =
    "mdns" in address
      ? ([MDNS, fromHex(address.mdns.replaceAll("-", ""))] as const)
      : ([address.ip.length === 4 ? V4 : V6, address.ip] as const)
  return concat(Uint8Array.of((TYPES.indexOf(type) << 2) | family!, port >> 8, port & 255), place)
}

const unpack = (packed: Uint8Array, place: number): Candidate | undefined => {
  const [head = 255, high = 0, low = 0] = packed
  const type = TYPES[head >> 2]
  const [family, port] = [head & 3, (high << 8) | low]
  const at = packed.slice(3)
  if (type === undefined || port === 0 || at.length !== (family === V4 ? 4 : 16)) return undefined
  if (family > MDNS! || (family === MDNS && type !== "host")) return undefined
  const address = family === MDNS ? { mdns: uuid(at) } : { ip: at }
  return { type, address, port, priority: priorityOf(type, place) }
}

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const uuid = (bytes: Uint8Array): string => {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
