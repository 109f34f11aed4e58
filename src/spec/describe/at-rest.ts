/**
 * Explains what a vault leaves on a disk: the header, which everybody can read, and sealed records. Docs: storage.md, "The header" and
 * "A sealed record".
 */
import { HEADER_VERSION, headerForm, MAC_BYTES } from "../../core/vault/header.ts"
import { SMALLEST_SIZE } from "../../core/vault/sizes.ts"
import { describeEncoded, notThis } from "./encoded.ts"
import { vaultKey } from "./keyed.ts"
import { describePadded, opened } from "./padded.ts"
import { inARow, type Opener, type Span, shifted } from "./span.ts"

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A record, page, manifest or catalogue as it lies on the disk. `open` gives the padded plaintext where it has the key. */
export const describeSealed = (bytes: Uint8Array, open: Opener = () => undefined): ReadonlyArray<Span> => {
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
      keyed: vaultKey,
      ...opened("vault", bytes, open, (plaintext) =>
        describePadded(plaintext, "Makes every record of a bucket equally long.", [], () => ({
          name: "record",
          note: "The record, as the engine wrote it.",
        })),
      ),
    },
    { length: TAG_BYTES, name: "tag", note: "AES-256-GCM's: a single changed bit, and it is damaged." },
  ])
}

/** The header of a vault. */
export const describeHeader = (bytes: Uint8Array): ReadonlyArray<Span> => {
  const from = 1 + MAC_BYTES
  const body = bytes.length > from ? bytes.subarray(from) : undefined
  const fields = body && describeEncoded(body, headerForm, "Header", () => undefined)
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
      },
    ]),
    ...shifted(fields, from),
  ]
}
