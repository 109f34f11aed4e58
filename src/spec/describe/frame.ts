/**
 * Explains a frame to people, byte by byte: names, values, what each field is for, and with somebody who opens ciphertexts what
 * is inside them. For any bytes there is an answer, and it leaves no byte out. Docs: protocol.md, "Frames".
 */

import type { Form } from "../../core/codec/codec.ts"
import { content } from "../../core/content.ts"
import { X_WING_CIPHERTEXT_BYTES } from "../../core/crypto/x-wing.ts"
import { decodeFrame, decodeReassembled, frameForm } from "../../core/frame.ts"
import { envelope } from "../../core/handshake/envelope.ts"
import { acceptBody, bundleBody, helloBody } from "../../core/handshake/messages.ts"
import { askMessage, TELL_BYTES, tellBody, tellMessage } from "../../core/handshake/standing.ts"
import { describeEncoded, type Inside, notThis } from "./encoded.ts"
import { tellKey } from "./keyed.ts"
import { describeAes } from "./layers.ts"
import { describeKeyPackage, describeWelcome } from "./mls.ts"
import { noteOn } from "./notes.ts"
import { describePadded, opened, withParts } from "./padded.ts"
import { describePreKeyMessage } from "./signal.ts"
import { inARow, type Opener, type Span } from "./span.ts"

const TAG_BYTES = 16

/** Each format of a frame that is encoded on its own, by the name that its fields' paths begin with. */
export const FRAME_FORMS: Readonly<Record<string, Form | undefined>> = {
  Frame: frameForm,
  Envelope: envelope.form,
  Hello: helloBody.form,
  Bundle: bundleBody.form,
  Accept: acceptBody.form,
  Content: content.form,
  Ask: askMessage.form,
  Tell: tellMessage.form,
  Told: tellBody.form,
}

/** A frame of a link, or one put together from fragments. `open` gives plaintexts where it has the keys. */
export const describe = (bytes: Uint8Array, open: Opener = () => undefined): ReadonlyArray<Span> => {
  const frame = decodeFrame(bytes) ?? decodeReassembled(bytes)
  if (frame === undefined) return notThis(bytes.length, "a frame of this profile")
  return describeEncoded(bytes, FRAME_FORMS["Frame"], "Frame", insideFrame(open)) ?? notThis(bytes.length, "a frame")
}

/** Messages about how we stand, which have no envelope. */
const STANDING: Readonly<Record<string, "Ask" | "Tell">> = {
  "Frame.ask.message": "Ask",
  "Frame.tell.message": "Tell",
}

/** The body of a handshake message, which its envelope does not name. */
const BODIES: Readonly<Record<string, "Hello" | "Bundle" | "Accept">> = {
  "Frame.hello.message": "Hello",
  "Frame.bundle.message": "Bundle",
  "Frame.accept.message": "Accept",
}

/** A message of the handshake, envelope and all. */
export const describeGreeting = (
  body: "Hello" | "Bundle" | "Accept",
  bytes: Uint8Array,
): ReadonlyArray<Span> | undefined =>
  describeEncoded(bytes, FRAME_FORMS["Envelope"], "Envelope", (inner, of) =>
    inner === "Envelope.body" ? describeEncoded(of, FRAME_FORMS[body], body, insideBody) : undefined,
  )

/** A message about how we stand. */
export const describeStanding = (
  message: "Ask" | "Tell",
  bytes: Uint8Array,
  open: Opener = () => undefined,
): ReadonlyArray<Span> | undefined =>
  describeEncoded(bytes, FRAME_FORMS[message], message, (inner, of) =>
    inner === "Tell.sealed" ? describeTold(of, bytes, open) : undefined,
  )

const insideFrame =
  (open: Opener): Inside =>
  (path, bytes) => {
    const body = BODIES[path]
    if (body !== undefined) return describeGreeting(body, bytes)
    const standing = STANDING[path]
    if (standing !== undefined) return describeStanding(standing, bytes, open)
    return path.endsWith(".ciphertext") ? describeAes(bytes, open) : undefined
  }

const insideBody: Inside = (path, bytes) => {
  switch (path) {
    case "Bundle.keyPackage":
      return describeKeyPackage(bytes)
    case "Accept.signal":
      return describePreKeyMessage(bytes)
    case "Accept.kem":
      return describeEncapsulations(bytes)
    case "Accept.welcome":
      return describeWelcome(bytes)
    default:
      return undefined
  }
}

/** The sealed part of a tell, which the whole of it opens; undefined for bytes of another length. */
const describeTold = (bytes: Uint8Array, message: Uint8Array, open: Opener): ReadonlyArray<Span> | undefined =>
  bytes.length !== TELL_BYTES + TAG_BYTES
    ? undefined
    : inARow(0, [
        {
          length: TELL_BYTES,
          name: "ciphertext",
          note: "XChaCha20-Poly1305 over where the teller stands. The challenge that it answers and the channel are bound to it.",
          keyed: tellKey,
          ...opened("recovery", message, open, (plaintext) =>
            describePadded(plaintext, "Makes every tell equally long, whatever it says.", [], (inner) => ({
              name: "told",
              note: noteOn("Told"),
              ...withParts(describeEncoded(inner, FRAME_FORMS["Told"], "Told", () => undefined)),
            })),
          ),
        },
        {
          length: TAG_BYTES,
          name: "tag",
          note: "XChaCha20-Poly1305's: an answer to another question, or over another channel, does not open.",
        },
      ])

/** Two X-Wing ciphertexts; undefined for bytes of another length. */
const describeEncapsulations = (bytes: Uint8Array): ReadonlyArray<Span> | undefined =>
  bytes.length !== 2 * X_WING_CIPHERTEXT_BYTES
    ? undefined
    : inARow(0, [
        {
          length: X_WING_CIPHERTEXT_BYTES,
          name: "to the static key",
          note: "X-Wing: whoever does not have the inviter's long-lived key cannot follow.",
        },
        {
          length: X_WING_CIPHERTEXT_BYTES,
          name: "to the one-time key",
          note: "X-Wing: nor can whoever takes the long-lived key later, for this one is erased with its use.",
        },
      ])
