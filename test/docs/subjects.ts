import { isIPv4, isIPv6 } from "node:net"
import { decodeCode } from "../../src/adapters/transport/manual/code.ts"
import { placeOf } from "../../src/adapters/transport/peerjs/address.ts"
import { content } from "../../src/core/content.ts"
import {
  decodeFrame,
  decodeReassembled,
  MAX_ASK,
  MAX_FRAME,
  MAX_HELLO,
  MAX_MESSAGE,
  MAX_TELL,
} from "../../src/core/frame.ts"
import { envelope } from "../../src/core/handshake/envelope.ts"
import { inviteBody } from "../../src/core/handshake/invite.ts"
import { acceptBody, bundleBody, helloBody } from "../../src/core/handshake/messages.ts"
import { askMessage, tellBody, tellMessage } from "../../src/core/handshake/standing.ts"
import { staticPublic } from "../../src/core/handshake/static-keys.ts"
import { MAX_HAND_CODE, MAX_LINK_FRAME } from "../../src/core/transport.ts"
import type { Hints, Plain } from "./format-values.ts"
import type { Decoded } from "./formats.ts"

/** A field of a struct, by its name in the document. */
const field = (value: Decoded | undefined, name: string): Decoded | undefined =>
  value?.is === "struct" ? value.fields.find(([other]) => other === name)?.[1] : undefined
const bytesAt = (value: Decoded | undefined, name: string): Uint8Array => {
  const found = field(value, name)
  return found?.is === "bytes" ? found.value : new Uint8Array()
}
const textAt = (value: Decoded | undefined, name: string): string | undefined => {
  const found = field(value, name)
  return found?.is === "text" ? found.value : undefined
}
const integerAt = (value: Decoded | undefined, name: string): number => {
  const found = field(value, name)
  return found?.is === "integer" ? found.value : Number.NaN
}

export interface Subject {
  readonly format: string
  readonly accepts: (bytes: Uint8Array) => boolean
  /** The sentences that narrow the format, and what they say. */
  readonly also?: ReadonlyArray<readonly [sentence: string, holds: (value: Decoded) => boolean]>
  /** Of the whole message. */
  readonly from?: number
  readonly upTo: number
  readonly seeds?: string
  readonly hints?: Hints
  /** Further values to try, and to damage. */
  readonly values?: ReadonlyArray<Plain>
}

const place = (host: string): Plain => ({ id: new Uint8Array(16), host, port: 443, secure: true })
const code = (...candidates: ReadonlyArray<ReadonlyArray<number>>): Plain => ({
  setup: "passive",
  ufrag: "abcd",
  pwd: "abcdefghijklmnopqrstuv",
  fingerprint: new Uint8Array(32),
  candidates: candidates.map((one) => Uint8Array.from([...one, ...new Array((one[0]! & 3) === 0 ? 1 : 13).fill(9)])),
})
const [RELAYED, REFLEXIVE, HOST, NAMED] = [
  [8, 1, 1, 0, 0, 0],
  [5, 1, 1, 0, 0, 0],
  [0, 1, 1, 0, 0, 0],
  [2, 1, 1, 0, 0, 0],
]

const of = (kind: string, holds: (value: Decoded) => boolean) => (value: Decoded) =>
  value.is !== "union" || value.name !== kind || holds(value.value)

const typed = (type: number) => (length: number) => new Uint8Array(length).fill(type, 0, 1)

export const subjects: ReadonlyArray<Subject> = [
  { format: "StaticPublic", accepts: (b) => staticPublic.decode(b) !== undefined, upTo: 1_291, seeds: "static keys" },
  {
    format: "InviteBody",
    accepts: (bytes) => inviteBody.decode(bytes) !== undefined,
    upTo: 1_100,
    seeds: "invite body",
  },
  { format: "Envelope", accepts: (b) => envelope.decode(b) !== undefined, upTo: MAX_MESSAGE, seeds: "envelope" },
  { format: "Ask", accepts: (bytes) => askMessage.decode(bytes) !== undefined, upTo: MAX_ASK, seeds: "ask" },
  { format: "TellMessage", accepts: (b) => tellMessage.decode(b) !== undefined, upTo: MAX_TELL, seeds: "tell" },
  { format: "Tell", accepts: (bytes) => tellBody.decode(bytes) !== undefined, upTo: 512, seeds: "tell body" },
  { format: "HelloBody", accepts: (b) => helloBody.decode(b) !== undefined, upTo: MAX_HELLO, seeds: "hello body" },
  {
    format: "BundleBody",
    accepts: (bytes) => bundleBody.decode(bytes) !== undefined,
    upTo: MAX_MESSAGE,
    seeds: "bundle body",
    also: [
      [
        "Also the key of a `signedPreKey` and of a `oneTimePreKey` begins with `0x05`, that of a `kyberPreKey` with `0x08`.",
        (value) =>
          bytesAt(field(value, "signedPreKey"), "key")[0] === 5 &&
          bytesAt(field(value, "kyberPreKey"), "key")[0] === 8 &&
          (field(value, "oneTimePreKey") === undefined || bytesAt(field(value, "oneTimePreKey"), "key")[0] === 5),
      ],
    ],
    hints: { key: (length) => typed(length > 1_000 ? 8 : 5)(length) },
  },
  { format: "AcceptBody", accepts: (b) => acceptBody.decode(b) !== undefined, upTo: MAX_MESSAGE, seeds: "accept body" },
  {
    format: "Frame",
    accepts: (bytes) => decodeFrame(bytes) !== undefined,
    upTo: MAX_LINK_FRAME,
    seeds: "frame",
    also: [
      [
        "Also a fragment has at least one byte, `count` is above 1, `index` is below `count`, and every fragment but the last has exactly 16,320 bytes.",
        of("fragment", (value) => {
          const [index, count] = [integerAt(value, "index"), integerAt(value, "count")]
          const { length } = bytesAt(value, "bytes")
          return length > 0 && count > 1 && index < count && (index === count - 1 || length === 16_320)
        }),
      ],
    ],
    hints: { bytes: (length) => new Uint8Array(length || 16_320), count: () => 9, index: () => 8 },
  },
  {
    format: "Frame",
    accepts: (bytes) => decodeReassembled(bytes) !== undefined,
    from: MAX_LINK_FRAME + 1,
    upTo: MAX_FRAME,
    seeds: "reassembled frame",
    also: [
      [
        "What comes out must be longer than 16,384 bytes, and be a `confirm` or a `sealed` frame.",
        (value) => value.is === "union" && (value.name === "confirm" || value.name === "sealed"),
      ],
    ],
  },
  {
    format: "Content",
    accepts: (bytes) => content.decode(bytes) !== undefined,
    upTo: 64 * 1024 + 128,
    seeds: "content",
    hints: { after: () => 1 },
    also: [
      [
        "Also `after` of a `timer` is not 0.",
        (value) => value.is !== "union" || integerAt(field(value.value, "timer"), "after") !== 0,
      ],
      [
        "Also the numbers in `also` ascend, and all of them are above `upTo`.",
        of("acknowledgement", (value) => {
          const also = field(value, "also")
          const numbers =
            also?.is === "list" ? also.values.map((each) => (each.is === "integer" ? each.value : -1)) : []
          return numbers.every((n, i) => n > (numbers[i - 1] ?? integerAt(value, "upTo")))
        }),
      ],
    ],
  },
  {
    format: "PeerJsPlace",
    accepts: (at) => placeOf({ kind: "peerjs", at }) !== undefined,
    upTo: 160,
    also: [
      ["Also `port` is not 0.", (value) => integerAt(value, "port") !== 0],
      [
        "Also `host` is a lower-case name whose last label is no number (decimal, or hexadecimal after `0x`), an IPv4 address, or an IPv6 address in brackets.",
        (value) => isHost(textAt(value, "host") ?? ""),
      ],
      [
        "Also `path` begins and ends with a slash and has only letters, digits, `_`, `~` and `-` between slashes, and is absent for `/`.",
        (value) => /^(\/[\w~-]+)+\/$/.test(textAt(value, "path") ?? "/a/"),
      ],
      [
        "Also `key` has letters, digits, `_` and `-`, and is absent for `peerjs`.",
        (value) => /^[\w-]+$/.test(textAt(value, "key") ?? "a") && textAt(value, "key") !== "peerjs",
      ],
    ],
    hints: {
      port: () => 443,
      host: (length) => "a".repeat(Math.max(1, length)),
      path: (length) => `/${"a".repeat(Math.max(1, length - 2))}/`,
    },
    values: [
      ...["broker.example", "127.0.0.1", "[::1]", "[2001:db8::7]", "2130706433", "a.0x7f", "1.2.3", "a.b.0x", "[1]"],
      ...["[::ffff:1.2.3.4]", "[FE80::1]", "a-.b", "a..b", "1a", "0x7g", "[1.2.3.4]", "[::1", "[fe80::1%eth0]"],
    ].map(place),
  },
  ...(["offer", "answer"] as const).map(
    (type): Subject => ({
      format: "HandCode",
      accepts: (code) => decodeCode(type, code) !== undefined,
      upTo: MAX_HAND_CODE,
      also: [
        [
          "Also `setup` is actpass in an offer and one of the others in an answer.",
          (value) => {
            const setup = field(value, "setup")
            return setup?.is === "choice" && (setup.name === "actpass") === (type === "offer")
          },
        ],
        [
          "Also `ufrag` has 4 or more characters and `pwd` 22 or more, all of them letters, digits, `+` or `/`.",
          (value) =>
            /^[A-Za-z0-9+/]{4,}$/.test(textAt(value, "ufrag") ?? "") &&
            /^[A-Za-z0-9+/]{22,}$/.test(textAt(value, "pwd") ?? ""),
        ],
        [
          "Also each candidate is one byte (type × 4 + family), the port (two bytes, not 0), and the place: type 0 host, 1 server-reflexive, 2 relayed; family 0 IPv4 (4 bytes), 1 IPv6 (16), 2 the UUID of an mDNS name (16, hosts only); relayed ones come first, then server-reflexive, then hosts.",
          (value) => {
            const candidates = field(value, "candidates")
            return (
              candidates?.is === "list" &&
              areCandidates(candidates.values.map((each) => (each.is === "bytes" ? each.value : new Uint8Array())))
            )
          },
        ],
      ],
      hints: {
        ufrag: (length) => "u".repeat(Math.max(4, length)),
        pwd: (length) => "p".repeat(Math.max(22, length)),
        // An IPv4 address where there is room for no more, otherwise IPv6.
        candidates: (length) =>
          Uint8Array.from([length < 19 ? 0 : 1, 1, 1, ...new Uint8Array(Math.max(4, length - 3))]),
      },
      values: [
        code(RELAYED!, REFLEXIVE!, HOST!, NAMED!),
        code(REFLEXIVE!, RELAYED!),
        code(HOST!, REFLEXIVE!),
        code(NAMED!, HOST!),
        code([6, 1, 1, 0, 0, 0]),
        code([8, 0, 0, 0, 0, 0]),
        code([12, 1, 1, 0, 0, 0]),
      ],
    }),
  ),
]

const isHost = (host: string): boolean =>
  host.startsWith("[")
    ? host.endsWith("]") && isIPv6(host.slice(1, -1)) && !host.includes("%")
    : isIPv4(host) || (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(host))

const areCandidates = (all: ReadonlyArray<Uint8Array>): boolean =>
  all.every((one, i) => isCandidate(one) && (i === 0 || one[0]! >> 2 <= all[i - 1]![0]! >> 2))

const isCandidate = (packed: Uint8Array): boolean => {
  const [head = 255, high = 0, low = 0] = packed
  const [type, family] = [head >> 2, head & 3]
  if (type > 2 || family > 2 || (family === 2 && type !== 0)) return false
  return high + low > 0 && packed.length === 3 + (family === 0 ? 4 : 16)
}
