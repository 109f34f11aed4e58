/**
 * Frames: what one `Link.send` carries. Docs: protocol.md, "Frames".
 *
 * A frame tells what kind of bytes it holds and no more. Handshake messages stay opaque here, because the transcript hashes
 * them exactly as they were sent.
 */
import { bytes, choice, codec, fixed, refine, uint, type Value } from "./codec/codec.ts"
import { struct, union } from "./codec/composite.ts"
import { ROLE_NUMBERS } from "./ids.ts"
import { MAX_LINK_FRAME } from "./transport.ts"

/** The largest padding bucket (128 KiB), 3 KiB for the layers inside, and 1 KiB for the outermost layer and the frame. */
export const MAX_FRAME = (128 + 3 + 1) * 1024
/** What a frame of one byte string adds to it, at most: `[tag, {1: bytes}]`. */
const HEAD_BYTES = 9
/** The longest message that fits a link frame unfragmented, as every handshake message does. */
export const MAX_MESSAGE = MAX_LINK_FRAME - HEAD_BYTES
/** A Hello comes from anybody, so it gets no more room than it needs. */
export const MAX_HELLO = 1024

/** An ask comes from anybody too; a tell has one length. */
export const MAX_ASK = 512
export const MAX_TELL = 1024

/** Every fragment but the last carries exactly this much, so that a frame is split in one way only. */
export const FRAGMENT_BYTES = MAX_LINK_FRAME - 64
export const MAX_FRAGMENTS = Math.ceil(MAX_FRAME / FRAGMENT_BYTES)

const fragment = struct({
  id: [1, fixed(8)],
  index: [2, uint(MAX_FRAGMENTS - 1)],
  count: [3, refine(uint(MAX_FRAGMENTS), (count) => count > 1)],
  bytes: [4, refine(bytes(FRAGMENT_BYTES), (part) => part.length > 0)],
})

const ciphertext = bytes(MAX_FRAME - HEAD_BYTES)

const kinds = union("kind", {
  hello: [1, struct({ message: [1, bytes(MAX_HELLO)] })],
  bundle: [2, struct({ message: [1, bytes(MAX_MESSAGE)] })],
  accept: [3, struct({ message: [1, bytes(MAX_MESSAGE)] })],
  confirm: [4, struct({ role: [1, choice(ROLE_NUMBERS)], ciphertext: [2, ciphertext] })],
  sealed: [5, struct({ ciphertext: [1, ciphertext] })],
  fragment: [6, fragment],
  /** A sign of life and the answer to it. They authenticate nothing, and cost their receiver nothing. */
  probe: [7, struct({ number: [1, uint()] })],
  echo: [8, struct({ number: [1, uint()] })],
  /** How we stand with the peer is asked and told, before anything is sealed. */
  ask: [9, struct({ message: [1, bytes(MAX_ASK)] })],
  tell: [10, struct({ message: [1, bytes(MAX_TELL)] })],
})

/** What one send of a link carries. */
export type Frame = Value<typeof kinds>
/** Which frame it is. */
export type FrameKind = Frame["kind"]
/** A piece of a frame that is too long for a link. */
export type Fragment = Extract<Frame, { readonly kind: "fragment" }>

const whole = (frame: Frame): boolean =>
  frame.kind !== "fragment" ||
  (frame.index < frame.count && (frame.index === frame.count - 1 || frame.bytes.length === FRAGMENT_BYTES))

const frames = codec(refine(kinds, whole), MAX_FRAME)
export const frameForm = frames.form

/** Throws a RangeError for fields out of bounds. Over 16 KiB (`sealed` and `confirm` only) it must be split before it is sent. */
export const encodeFrame: (frame: Frame) => Uint8Array = frames.encode

/** A frame as it came from a link. */
export const decodeFrame = (received: Uint8Array): Frame | undefined =>
  received.length > MAX_LINK_FRAME ? undefined : frames.decode(received)

/** A frame as it came out of fragments: one that needed them, and never a fragment again. */
export const decodeReassembled = (reassembled: Uint8Array): Frame | undefined => {
  const frame = reassembled.length > MAX_LINK_FRAME ? frames.decode(reassembled) : undefined
  return frame?.kind === "sealed" || frame?.kind === "confirm" ? frame : undefined
}
