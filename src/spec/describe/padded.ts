/** What sealed things have in common: an opener finds a plaintext, and most plaintexts are padded. Docs: protocol.md, "Padding". */
import { notThis } from "./encoded.ts"
import { inARow, type OpenedBy, type Opener, type Opening, type Span } from "./span.ts"

const MARK = 0x80

/** With what the opener finds in it. */
export const opened = (
  by: OpenedBy,
  ciphertext: Uint8Array,
  open: Opener,
  spans: (plaintext: Uint8Array) => ReadonlyArray<Span>,
): { readonly opens?: Opening } => {
  const bytes = open(by, ciphertext)
  return bytes === undefined ? {} : { opens: { by, bytes, spans: spans(bytes) } }
}

export const withParts = (parts: ReadonlyArray<Span> | undefined) => (parts === undefined ? {} : { parts })

/** The bytes before the last mark, the mark, and zeros. `note`: what the zeros are for. */
export const describePadded = (
  bytes: Uint8Array,
  note: string,
  rules: ReadonlyArray<string>,
  inner: (bytes: Uint8Array) => Pick<Span, "name" | "note" | "parts">,
): ReadonlyArray<Span> => {
  let end = bytes.length - 1
  while (end >= 0 && bytes[end] === 0) end--
  if (bytes[end] !== MARK) return notThis(bytes.length, "padded")
  return inARow(0, [
    { length: end, ...inner(bytes.subarray(0, end)) },
    { length: 1, name: "mark", note: "The end of what is padded: ISO/IEC 7816-4." },
    { length: bytes.length - end - 1, name: "zeros", note, ...(rules.length > 0 && { rules }) },
  ])
}
