/**
 * Every decoder that a stranger's bytes reach, with valid encodings to mutate: what a fuzzer runs over. A new decoder belongs
 * here. Docs: invariants.md, CA-7.
 */
import * as fc from "fast-check"
import type { Codec } from "../core/codec/codec.ts"
import { content } from "../core/content.ts"
import { fromUtf8, utf8 } from "../core/crypto/bytes.ts"
import { nobleCrypto } from "../core/crypto/noble.ts"
import { NOTHING_IN_PROGRESS, reassemble } from "../core/fragments.ts"
import { decodeFrame, decodeReassembled, encodeFrame, type Frame } from "../core/frame.ts"
import { envelope } from "../core/handshake/envelope.ts"
import { decodeInvite, encodeInvite, inviteBody } from "../core/handshake/invite.ts"
import {
  acceptBody,
  bundleBody,
  checkHello,
  helloBody,
  makeAccept,
  makeBundle,
  makeHello,
  openAccept,
  openBundle,
} from "../core/handshake/messages.ts"
import { askMessage, tellBody, tellMessage } from "../core/handshake/standing.ts"
import { hashStaticPublic, staticPublic } from "../core/handshake/static-keys.ts"
import { bucketOf, pad, padTo, unpad, unpadFrom } from "../core/padding.ts"
import * as wire from "./arbitraries/wire.ts"

/** Something that reads what anybody may have sent. */
export interface Decoder {
  /** For a report. */
  readonly name: string
  /** Undefined: refused. Never throws, whatever the bytes. */
  readonly decode: (bytes: Uint8Array) => unknown
  /** Decodes and encodes again: accepted bytes come back (CA-7). Absent where more than one text is accepted on purpose. */
  readonly reencode?: (bytes: Uint8Array) => Uint8Array | undefined
  /** Encodings that are accepted. */
  readonly seeds: ReadonlyArray<Uint8Array>
}

/** The same values every time: a fuzzer's own seed is the only thing that varies. */
const samples = <A>(arbitrary: fc.Arbitrary<A>, count = 12): ReadonlyArray<A> =>
  fc.sample(arbitrary, { seed: 1, numRuns: count })

/** The entry of a codec, seeded with arbitrary values. */
export const codecDecoder = <A>(name: string, codec: Codec<A>, values: fc.Arbitrary<A>): Decoder => ({
  name,
  decode: codec.decode,
  reencode: (bytes) => map(codec.decode(bytes), codec.encode),
  seeds: samples(values).map(codec.encode),
})

const map = <A, B>(value: A | undefined, f: (value: A) => B): B | undefined =>
  value === undefined ? undefined : f(value)

/** Hashes only: nothing here draws randomness. */
const crypto = nobleCrypto((length) => new Uint8Array(length))

const pairing = samples(wire.pairingSecret, 1)[0]!
const statics = samples(wire.staticPublic, 1)[0]!
const staticsHash = hashStaticPublic(crypto, statics)
const helloMessage = makeHello(crypto, pairing, new Uint8Array(32))
const bundleMessages = samples(wire.bundle, 4).map((fields) =>
  makeBundle(crypto, pairing, helloMessage, { ...fields, statics }),
)
const bundleMessage = bundleMessages[0]!
const acceptMessages = samples(wire.accept, 4).map((fields) =>
  makeAccept(crypto, pairing, bundleMessage, { ...fields, statics }),
)

const half = samples(wire.fragment, 3)
const inProgress = half.reduce((state, part) => reassemble(state, part).reassembly, NOTHING_IN_PROGRESS)
const padded = [0, 1, 255, 256, 1_000, 5_000].map((length) => pad(new Uint8Array(length).fill(0x80)))
/** The cascade pads a second time, to a length that follows from the first. */
const outer = (bytes: Uint8Array): Uint8Array | undefined => unpadFrom(bytes, bytes.length)

/** All of them but those inside the layers. */
export const decoders: ReadonlyArray<Decoder> = [
  {
    name: "frame",
    decode: decodeFrame,
    reencode: (bytes) => map(decodeFrame(bytes), encodeFrame),
    seeds: samples(wire.frame, 24).map(encodeFrame),
  },
  {
    name: "reassembled frame",
    decode: decodeReassembled,
    reencode: (bytes) => map<Frame, Uint8Array>(decodeReassembled(bytes), encodeFrame),
    seeds: samples(wire.longFrame, 4).map(encodeFrame),
  },
  {
    name: "fragment in progress",
    decode: (bytes) => {
      const frame = decodeFrame(bytes)
      return frame?.kind === "fragment" ? reassemble(inProgress, frame) : undefined
    },
    seeds: half.map(encodeFrame),
  },
  codecDecoder("content", content, wire.content),
  {
    name: "padding",
    decode: unpad,
    reencode: (bytes) => map(unpad(bytes), pad),
    seeds: padded,
  },
  {
    name: "outer padding",
    decode: outer,
    reencode: (bytes) => map(outer(bytes), (inner) => padTo(inner, bytes.length)),
    seeds: padded.map((bytes) => padTo(bytes, bucketOf(bytes.length)! + 3_072)),
  },
  codecDecoder("static keys", staticPublic, wire.staticPublic),
  codecDecoder(
    "envelope",
    envelope,
    fc.record({ version: fc.nat({ max: 0xffff }), body: wire.bytesUpTo(1_024), mac: wire.bytesOf(32) }),
  ),
  codecDecoder(
    "ask",
    askMessage,
    fc.record({
      id: wire.bytesOf(16),
      challenge: wire.bytesOf(16),
      wants: fc.boolean(),
      newest: wire.bytesOf(16),
      lives: fc.array(wire.bytesOf(16), { maxLength: 16 }),
      mac: wire.bytesOf(32),
    }),
  ),
  codecDecoder(
    "tell",
    tellMessage,
    fc.record({ id: wire.bytesOf(16), nonce: wire.bytesOf(24), sealed: wire.bytesOf(528) }),
  ),
  codecDecoder("tell body", tellBody, wire.tell),
  codecDecoder("hello body", helloBody, wire.hello),
  codecDecoder("bundle body", bundleBody, wire.bundle),
  codecDecoder("accept body", acceptBody, wire.accept),
  {
    name: "hello",
    decode: (bytes) => {
      const checked = checkHello(crypto, pairing, bytes)
      return typeof checked === "string" ? undefined : checked
    },
    seeds: [helloMessage],
  },
  {
    name: "bundle",
    decode: (bytes) => openBundle(crypto, pairing, { helloMessage, staticsHash }, bytes),
    seeds: bundleMessages,
  },
  {
    name: "accept",
    decode: (bytes) => openAccept(crypto, pairing, { bundleMessage, staticsHash }, bytes),
    seeds: acceptMessages,
  },
  codecDecoder("invite body", inviteBody, wire.invite),
  {
    name: "invite text",
    decode: (bytes) => {
      const decoded = decodeInvite(fromUtf8(bytes) ?? String.fromCharCode(...bytes.slice(0, 4_096)))
      return typeof decoded === "string" ? undefined : decoded
    },
    seeds: samples(wire.invite).flatMap((invite) => {
      const text = encodeInvite(invite)
      return [text, `https://sotto.example/app/#${text}`].map(utf8)
    }),
  },
]
