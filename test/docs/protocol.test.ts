/**
 * docs/protocol.md says what the code does: its formats accept exactly the bytes that the code accepts, at every bound and on damaged
 * input; its labels are the code's; the limits in it are the code's; and every section that the code cites is there.
 * `FUZZ=20` tries twenty times as many damaged inputs.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { decodeCode } from "../../src/adapters/transport/manual/code.ts"
import { placeOf } from "../../src/adapters/transport/peerjs/address.ts"
import { content } from "../../src/core/content.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { decodeFrame, decodeReassembled, MAX_FRAME, MAX_HELLO, MAX_MESSAGE } from "../../src/core/frame.ts"
import { envelope } from "../../src/core/handshake/envelope.ts"
import { inviteBody } from "../../src/core/handshake/invite.ts"
import { acceptBody, bundleBody, helloBody } from "../../src/core/handshake/messages.ts"
import { staticPublic } from "../../src/core/handshake/static-keys.ts"
import { SUITES } from "../../src/core/handshake/suites.ts"
import { confirmMac, transcriptHash } from "../../src/core/handshake/transcript.ts"
import { associatedData } from "../../src/core/layers/associated.ts"
import { LAYER_NUMBERS } from "../../src/core/layers/layer.ts"
import { MAX_HAND_CODE, MAX_LINK_FRAME } from "../../src/core/transport.ts"
import { decoders } from "../../src/spec/decoders.ts"
import { arbitraryInput, inputGenerator } from "../fuzz/mutate.ts"
import { boundaries, encodeAs, type Hints } from "./format-values.ts"
import { type Decoded, decodeAs, type Formats, formatsIn } from "./formats.ts"
import { rootUrl, sourceFiles } from "./repository.ts"

const text = readFileSync(new URL("docs/protocol.md", rootUrl), "utf8")
const flat = text.replaceAll(/\s+/g, " ")
const formats: Formats = formatsIn(text)
const FUZZ = Number(process.env["FUZZ"] ?? 1)
const INPUTS = 1_500

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

interface Subject {
  readonly format: string
  readonly accepts: (bytes: Uint8Array) => boolean
  /** The sentences that narrow the format, and what they say. */
  readonly also?: ReadonlyArray<readonly [sentence: string, holds: (value: Decoded) => boolean]>
  /** Of the whole message. */
  readonly from?: number
  readonly upTo: number
  readonly seeds?: string
  readonly hints?: Hints
}

const of = (kind: string, holds: (value: Decoded) => boolean) => (value: Decoded) =>
  value.is !== "union" || value.name !== kind || holds(value.value)

const typed = (type: number) => (length: number) => new Uint8Array(length).fill(type, 0, 1)

const subjects: ReadonlyArray<Subject> = [
  { format: "StaticPublic", accepts: (b) => staticPublic.decode(b) !== undefined, upTo: 1_292, seeds: "static keys" },
  {
    format: "InviteBody",
    accepts: (bytes) => inviteBody.decode(bytes) !== undefined,
    upTo: 1_100,
    seeds: "invite body",
  },
  { format: "Envelope", accepts: (b) => envelope.decode(b) !== undefined, upTo: MAX_MESSAGE, seeds: "envelope" },
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
    upTo: 64 * 1024 + 64,
    seeds: "content",
    also: [
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
        "Also `host` is a lower-case DNS name, an IPv4 address, or an IPv6 address in brackets.",
        (value) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:.]{2,45}\]$/.test(textAt(value, "host") ?? ""),
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
          "Also each candidate is one byte (type × 4 + family), the port (two bytes, not 0), and the place: type 0 host, 1 server-reflexive, 2 relayed; family 0 IPv4 (4 bytes), 1 IPv6 (16), 2 the UUID of an mDNS name (16, hosts only).",
          (value) => {
            const candidates = field(value, "candidates")
            return (
              candidates?.is === "list" &&
              candidates.values.every((each) => each.is === "bytes" && isCandidate(each.value))
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
    }),
  ),
]

const isCandidate = (packed: Uint8Array): boolean => {
  const [head = 255, high = 0, low = 0] = packed
  const [type, family] = [head >> 2, head & 3]
  if (type > 2 || family > 2 || (family === 2 && type !== 0)) return false
  return high + low > 0 && packed.length === 3 + (family === 0 ? 4 : 16)
}

describe("the formats of docs/protocol.md", () => {
  for (const { accepts, also = [], format, from = 0, hints = {}, seeds, upTo } of subjects) {
    const says = (bytes: Uint8Array): boolean => {
      if (bytes.length < from || bytes.length > upTo) return false
      const value = decodeAs(formats, format, bytes)
      return value !== undefined && also.every(([, holds]) => holds(value))
    }
    const agree = (bytes: Uint8Array, where: string) => {
      if (says(bytes) === accepts(bytes)) return
      const hex = Buffer.from(bytes.subarray(0, 400)).toString("hex")
      assert.fail(`${where}: the document ${says(bytes) ? "accepts" : "refuses"} what the code does not: ${hex}`)
    }
    const known = decoders.find(({ name }) => name === seeds)?.seeds ?? []
    const edges = boundaries(formats, format, hints)
    const valid = [...known, ...edges.filter(says)]

    it(`${format} up to ${upTo} bytes is what the code reads, bound by bound and damaged`, () => {
      for (const [sentence] of also) assert.include(flat, sentence)
      assert.isAbove(valid.length, 0)
      for (const bytes of known) assert.isTrue(says(bytes), "the document refuses a valid encoding")
      edges.forEach((bytes, i) => {
        agree(bytes, `bound ${i}`)
      })
      for (let i = 0; i < INPUTS * FUZZ; i++) agree(arbitraryInput(inputGenerator(7, i), valid), `input ${i}`)
    })
  }

  it("have no other than these and those that are hashed", () => {
    const hashed = ["Transcript", "Confirmed", "Associated", "SafetyPayload"]
    const inside = ["Address", "Suites"]
    const tested = new Set([...subjects.map(({ format }) => format), ...hashed, ...inside])
    assert.sameMembers([...formats.keys()], [...tested])
  })

  it("that are hashed come to the code's hashes", () => {
    const crypto = nobleCrypto((length) => new Uint8Array(length))
    const fill = (byte: number) => new Uint8Array(32).fill(byte)
    const suites = SUITES.map((suite) => ({ ...suite }))
    const [hello, bundle, accept] = [Uint8Array.of(1), new Uint8Array(300).fill(2), new Uint8Array(9_000).fill(3)]
    for (const binding of [undefined, fill(9)]) {
      const said = [
        { by: "joiner", message: hello },
        { by: "inviter", message: bundle },
        { by: "joiner", message: accept },
      ]
      const encoded = encodeAs(formats, "Transcript", { profile: "sotto/1", suites, said, binding })
      const ours = transcriptHash(crypto, { hello, bundle, accept, binding })
      assert.deepStrictEqual(crypto.sha256(encoded), ours)
    }
    for (const role of ["inviter", "joiner"] as const) {
      const info = new TextEncoder().encode(`sotto/1 confirm ${role}`)
      const key = crypto.hkdfSha256(fill(1), fill(2), info, 32)
      const encoded = encodeAs(formats, "Confirmed", { role, transcript: fill(2) })
      assert.deepStrictEqual(crypto.hmacSha256(key, encoded), confirmMac(crypto, fill(1), fill(2), role))
    }
    for (const { layer, suite } of SUITES) {
      const name = (Object.keys(LAYER_NUMBERS) as Array<keyof typeof LAYER_NUMBERS>).find(
        (each) => LAYER_NUMBERS[each] === layer,
      )!
      for (const direction of ["inviterToJoiner", "joinerToInviter"] as const) {
        const encoded = encodeAs(formats, "Associated", {
          profile: "sotto/1",
          transcript: fill(4),
          layer,
          suite,
          direction,
        })
        assert.deepStrictEqual(crypto.sha256(encoded), associatedData(crypto, fill(4), name, direction))
      }
    }
  })
})

describe("the words of docs/protocol.md", () => {
  it("name every suite, and every label that separates keys, as the code does", () => {
    for (const { layer, suite } of SUITES) assert.match(text, new RegExp(`\\| ${layer} \\| \`${suite}\` \\|`))
    const labels = new Set<string>()
    for (const { source } of sourceFiles("src")) {
      for (const [, label] of source.matchAll(/\$\{PROFILE\} ([\w ]+)(?=[`$])/g)) labels.add(label!.trim())
    }
    assert.isAbove(labels.size, 5)
    for (const label of labels) assert.include(text, `"sotto/1 ${label}`)
    // Quoted ones are in the code, but for those that end with a role, a direction or a message's name.
    const made = /^(hello|bundle|accept|confirm (inviter|joiner)|recovery( id)?|aes (inviterToJoiner|joinerToInviter))$/
    for (const [, label] of text.matchAll(/"sotto\/1 ([\w ]+)"/g)) {
      if (!made.test(label!)) assert.include([...labels], label!)
    }
  })
})
