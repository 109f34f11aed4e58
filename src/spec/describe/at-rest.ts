/**
 * Explains what a vault leaves on a disk: the header and the count of wrong tries, which everybody can read, the catalogue, and what
 * a host has sealed. Docs: storage.md, "On the disk".
 */
import { HEADER_VERSION, MAC_BYTES } from "../../core/vault/header.ts"
import { SMALLEST_SIZE } from "../../core/vault/sizes.ts"
import { AT_REST_FORMS } from "./at-rest-forms.ts"
import { describeEncoded, notThis } from "./encoded.ts"
import { catalogueKey, headerKey, vaultKey } from "./keyed.ts"
import { noteAtRest } from "./notes-at-rest.ts"
import { describePadded, opened, withParts } from "./padded.ts"
import { describeAtRest, describeRecord } from "./record.ts"
import { inARow, type Opener, type Span, shifted } from "./span.ts"

const NONCE_BYTES = 12
const TAG_BYTES = 16
const SERIAL_BYTES = 8

/** What a sealed record is: the disk does not say it, who opens it knows. `id`: with its letter, as it is sealed, such as `rabout`. */
export type AtRest =
  | { readonly kind: "record"; readonly id: string }
  | { readonly kind: "manifest" | "page" | "catalogue" }

/** The whole plaintext of each that is one value. */
const WHOLE = { manifest: "Manifest", page: "Page", catalogue: "Catalogue" } as const

const insideOf = (bytes: Uint8Array, what: AtRest | undefined): Pick<Span, "name" | "note" | "parts"> => {
  if (what === undefined) return { name: "record", note: noteAtRest("Record") }
  if (what.kind === "record")
    return { name: "record", note: noteAtRest("Record"), parts: describeRecord(what.id, bytes) }
  const form = WHOLE[what.kind]
  const parts = describeAtRest(form, bytes) ?? notThis(bytes.length, `a ${what.kind}`)
  return { name: what.kind, note: noteAtRest(form), parts }
}

/**
 * A record, page, manifest or catalogue as it lies on the disk; a catalogue without the number before it. `open` gives the padded
 * plaintext where it has the key; `what` it is tells how to read that.
 */
export const describeSealed = (
  bytes: Uint8Array,
  open: Opener = () => undefined,
  what?: AtRest,
): ReadonlyArray<Span> => {
  const length = bytes.length - NONCE_BYTES - TAG_BYTES
  if (length < SMALLEST_SIZE) return notThis(bytes.length, "a sealed record")
  return inARow(0, [
    {
      length: NONCE_BYTES,
      name: "nonce",
      note: "Random. A counter would come again after an old copy of the storage was put back, under the same key.",
    },
    {
      length,
      name: "ciphertext",
      note: "AES-256-GCM. Bound to what it is, to its id, and to the commit that wrote it: in another place, or from an older copy, it does not open.",
      rules: ["ST-1"],
      keyed: what?.kind === "catalogue" ? catalogueKey : vaultKey,
      ...opened("vault", bytes, open, (plaintext) =>
        describePadded(plaintext, "Makes every record of a bucket equally long.", [], (inner) => {
          const { parts, ...about } = insideOf(inner, what)
          return { ...about, ...withParts(inner.length === 0 ? undefined : parts) }
        }),
      ),
    },
    { length: TAG_BYTES, name: "tag", note: "AES-256-GCM's: a single changed bit, and it is damaged." },
  ])
}

/** The catalogue as the vault's own host keeps it: its number in the clear, then sealed. */
export const describeCatalogue = (bytes: Uint8Array, open: Opener = () => undefined): ReadonlyArray<Span> => {
  if (bytes.length <= SERIAL_BYTES) return notThis(bytes.length, "a catalogue")
  const serial = bytes.subarray(0, SERIAL_BYTES).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return [
    ...inARow(0, [
      {
        length: SERIAL_BYTES,
        name: "serial number",
        value: String(serial),
        note: "How often it was written. It is sealed with the rest too, and every host remembers the latest that it saw: an older catalogue is noticed.",
        rules: ["ST-1"],
      },
    ]),
    ...shifted(describeSealed(bytes.subarray(SERIAL_BYTES), open, { kind: "catalogue" }), SERIAL_BYTES),
  ]
}

/** The header of a vault. */
export const describeHeader = (bytes: Uint8Array): ReadonlyArray<Span> => {
  const from = 1 + MAC_BYTES
  const body = bytes.length > from ? bytes.subarray(from) : undefined
  const fields = body && describeEncoded(body, AT_REST_FORMS.Header, "Header", () => undefined, noteAtRest)
  if (fields === undefined || bytes[0] !== HEADER_VERSION) return notThis(bytes.length, "a vault's header")
  return [
    ...inARow(0, [
      {
        length: 1,
        name: "version",
        value: String(bytes[0]),
        note: "Of the header. A greater one is from a later release.",
      },
      {
        length: MAC_BYTES,
        name: "mac",
        note: "HMAC-SHA-256 over version and fields, under a key from the vault's own: once it is unlocked, it is known that nobody else wrote it.",
        keyed: headerKey,
      },
    ]),
    ...shifted(fields, from),
  ]
}

/** The count of wrong tries, in the clear beside the header. */
export const describeAttempts = (bytes: Uint8Array): ReadonlyArray<Span> =>
  describeAtRest("Attempts", bytes) ?? notThis(bytes.length, "a count of tries")
