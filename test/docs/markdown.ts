/** How values are shown in generated documents. */
import { createHash } from "node:crypto"
import type { Decoded } from "./formats.ts"

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest())

export const grouped = (count: number): string => count.toLocaleString("en-US")

/** Whole where it is short, otherwise both ends, the length and the hash. */
export const short = (bytes: Uint8Array): string => {
  if (bytes.length <= 33) return `\`${hexOf(bytes)}\``
  const ends = [bytes.subarray(0, 8), bytes.subarray(-8)].map(hexOf).join(" … ")
  return `\`${ends}\`, ${grouped(bytes.length)} bytes, SHA-256 \`${hexOf(sha256(bytes))}\``
}

/** A long text in a block, broken into lines. */
export const block = (text: string): string => `\`\`\`text\n${text.match(/.{1,100}/g)!.join("\n")}\n\`\`\``

/** Rows of names and values. */
export const pairs = (rows: ReadonlyArray<readonly [name: string, value: string]>): string =>
  ["| | |", "| --- | --- |", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n")

/** A decoded value, field by field with the document's names, nested ones under dotted names. */
export const fieldsTable = (value: Decoded): string =>
  ["| field | value |", "| --- | --- |", ...rowsOf("", value)].join("\n")

const rowsOf = (name: string, value: Decoded): ReadonlyArray<string> => {
  switch (value.is) {
    case "struct":
      return value.fields.flatMap(([field, inner]) => rowsOf(name === "" ? field : `${name}.${field}`, inner))
    case "list":
      return value.values.length === 0
        ? [`| ${name} | (empty) |`]
        : value.values.flatMap((inner, i) => rowsOf(`${name}[${i}]`, inner))
    case "union":
      return rowsOf(name, value.value)
    case "bytes":
      return [`| ${name} | ${short(value.value)} |`]
    case "text":
      return [`| ${name} | "${value.value}" |`]
    case "choice":
      return [`| ${name} | ${value.name} (${value.value}) |`]
    default:
      return [`| ${name} | ${value.value} |`]
  }
}
