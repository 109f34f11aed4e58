/**
 * Describes the ciphertexts of the four layers, and, with somebody who opens them, what is inside each. Docs: protocol.md,
 * "AES layer", "KEM layer", "Signal layer" and "MLS layer".
 */
import { content } from "../../core/content.ts"
import { X_WING_CIPHERTEXT_BYTES, X_WING_PUBLIC_KEY_BYTES } from "../../core/crypto/x-wing.ts"
import type { LayerName } from "../../core/layers/layer.ts"
import { describeEncoded, notThis } from "./encoded.ts"
import { aesKey, kemKey, mlsKey } from "./keyed.ts"
import { LAYER_RULES } from "./rules.ts"
import { describeSignalMessage } from "./signal.ts"
import { inARow, type Opener, type Span, shifted } from "./span.ts"
import { TlsWalk } from "./tls.ts"

const TAG_BYTES = 16
const MARK = 0x80

const tag = (cipher: string): Omit<Span, "at"> => ({
  length: TAG_BYTES,
  name: "tag",
  rules: LAYER_RULES.tag,
  note: `${cipher}'s: a single changed bit anywhere, or another place, session or direction, and nothing opens.`,
})

const u32 = (bytes: Uint8Array, at: number): string =>
  String(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at))

/** With what the opener finds in it. */
const opened = (
  layer: LayerName,
  whole: Uint8Array,
  open: Opener,
  spans: (plaintext: Uint8Array) => ReadonlyArray<Span>,
) => {
  const bytes = open(layer, whole)
  return bytes === undefined ? {} : { opens: { layer, bytes, spans: spans(bytes) } }
}

export const describeAes = (bytes: Uint8Array, open: Opener): ReadonlyArray<Span> => {
  if (bytes.length < 4 + TAG_BYTES) return notThis(bytes.length, "a ciphertext of the AES layer")
  return inARow(0, [
    {
      length: 4,
      name: "index",
      value: u32(bytes, 0),
      rules: LAYER_RULES.counter,
      note: "Which key of this direction's hash ratchet. Each seals one message; the one before cannot be computed from it.",
    },
    {
      length: bytes.length - 4 - TAG_BYTES,
      name: "ciphertext",
      rules: LAYER_RULES.ciphertext,
      keyed: aesKey(u32(bytes, 0)),
      note: "AES-256-GCM under a key from the invite's secret alone: no public-key assumption protects it, and none can break it.",
      ...opened("aes", bytes, open, (plaintext) =>
        describePadded(plaintext, "Makes every frame of a bucket equally long.", (inner) => ({
          name: "KEM frame",
          note: "What the KEM layer sealed.",
          parts: describeKem(inner, open),
        })),
      ),
    },
    tag("AES-256-GCM"),
  ])
}

export const describeKem = (bytes: Uint8Array, open: Opener): ReadonlyArray<Span> => {
  const header = 12 + X_WING_CIPHERTEXT_BYTES + X_WING_PUBLIC_KEY_BYTES
  if (bytes.length < header + TAG_BYTES) return notThis(bytes.length, "a frame of the KEM layer")
  return inARow(0, [
    {
      length: 4,
      name: "turn",
      value: u32(bytes, 0),
      note: "Which turn of the ratchet. Turns alternate; each brings a fresh secret.",
    },
    {
      length: 4,
      name: "index",
      value: u32(bytes, 4),
      rules: LAYER_RULES.counter,
      note: "Which message of the turn.",
    },
    {
      length: 4,
      name: "previous",
      value: u32(bytes, 8),
      note: "How many messages the sender's turn before this one had.",
    },
    {
      length: X_WING_CIPHERTEXT_BYTES,
      name: "encapsulation",
      rules: LAYER_RULES.healing,
      note: "X-Wing, to the receiver's latest key: whoever stole older keys cannot follow. The same in every message of a turn.",
    },
    {
      length: X_WING_PUBLIC_KEY_BYTES,
      name: "next key",
      rules: LAYER_RULES.healing,
      note: "X-Wing: the sender's key for the answering turn.",
    },
    {
      length: bytes.length - header - TAG_BYTES,
      name: "ciphertext",
      rules: LAYER_RULES.ciphertext,
      keyed: kemKey(u32(bytes, 0), u32(bytes, 4)),
      note: "XChaCha20-Poly1305 under the turn's chain.",
      ...opened("kem", bytes, open, (plaintext) => describeSignal(plaintext, open)),
    },
    tag("XChaCha20-Poly1305"),
  ])
}

export const describeSignal = (bytes: Uint8Array, open: Opener): ReadonlyArray<Span> =>
  describeSignalMessage(bytes, () => opened("signal", bytes, open, (plaintext) => describeMls(plaintext, open))) ??
  notThis(bytes.length, "a message of the Signal layer")

export const describeMls = (bytes: Uint8Array, open: Opener): ReadonlyArray<Span> => {
  const walk = new TlsWalk(bytes)
  walk.fixed(2, "version", "mls10: RFC 9420, §6.")
  walk.fixed(2, "wire format", "A private message: content and sender are both encrypted.")
  walk.vector("group id", "Random, made with the group: it names this conversation to nobody else.")
  walk.fixed(8, "epoch", "Which generation of the group's keys. A commit begins the next.", true)
  walk.fixed(1, "content type", "An application message, or a commit.", true)
  walk.vector(
    "authenticated data",
    "SHA-256 over profile, transcript, layer and direction: ties the ciphertext to its place.",
  )
  walk.vector("sender data", "Leaf, generation and reuse guard, encrypted under a key that depends on the ciphertext.")
  walk.vector("ciphertext", "AES-256-GCM over the content and an Ed25519 signature of it.", () => ({
    rules: LAYER_RULES.ciphertext,
    keyed: mlsKey,
    ...opened("mls", bytes, open, (plaintext) =>
      describePadded(plaintext, "Makes every content of a bucket equally long.", (inner) => ({
        name: "content",
        note: "What is said.",
        ...withParts(describeEncoded(inner, content.form, "Content", () => undefined)),
      })),
    ),
  }))
  return walk.done() ?? notThis(bytes.length, "a message of the MLS layer")
}

const withParts = (parts: ReadonlyArray<Span> | undefined) => (parts === undefined ? {} : { parts })

/** The bytes before the last mark, the mark, and zeros. */
const describePadded = (
  bytes: Uint8Array,
  note: string,
  inner: (bytes: Uint8Array) => Pick<Span, "name" | "note" | "parts">,
): ReadonlyArray<Span> => {
  let end = bytes.length - 1
  while (end >= 0 && bytes[end] === 0) end--
  if (bytes[end] !== MARK) return notThis(bytes.length, "padded")
  const { parts, ...rest } = inner(bytes.subarray(0, end))
  return inARow(0, [
    { length: end, ...rest, ...withParts(parts === undefined ? undefined : shifted(parts, 0)) },
    { length: 1, name: "mark", note: "The end of what is padded: ISO/IEC 7816-4." },
    { length: bytes.length - end - 1, name: "zeros", rules: LAYER_RULES.padding, note },
  ])
}
