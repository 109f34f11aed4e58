/**
 * Describes the ciphertexts of the outer layers, and, with somebody who opens them, what is inside each. Docs: protocol.md,
 * "AES layer", "KEM layer" and "Signal layer".
 */
import { X_WING_CIPHERTEXT_BYTES, X_WING_PUBLIC_KEY_BYTES } from "../../core/crypto/x-wing.ts"
import { notThis } from "./encoded.ts"
import { aesKey, kemKey } from "./keyed.ts"
import { describeMls } from "./mls.ts"
import { describePadded, opened } from "./padded.ts"
import { LAYER_RULES } from "./rules.ts"
import { describeSignalMessage } from "./signal.ts"
import { inARow, type Opener, type Span } from "./span.ts"

const TAG_BYTES = 16

const tag = (cipher: string): Omit<Span, "at"> => ({
  length: TAG_BYTES,
  name: "tag",
  rules: LAYER_RULES.tag,
  note: `${cipher}'s: a single changed bit anywhere, or another place, session or direction, and nothing opens.`,
})

const u32 = (bytes: Uint8Array, at: number): string =>
  String(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at))

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
        describePadded(plaintext, "Makes every frame of a bucket equally long.", LAYER_RULES.padding, (inner) => ({
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
