/** Bytes as boxes, each with its name, its value and what it is for; what opens to more holds it. Reads without scripts. */
import type { Keyed } from "../../src/spec/describe/keyed.ts"
import type { Span } from "../../src/spec/describe/span.ts"

export const escape = (text: string): string =>
  text.replace(/[&<>"{}]/g, (character) => `&#${character.charCodeAt(0)};`)

/** Longer ones are cut in the middle; all of it opens on demand, so that every byte is on the page. */
const SHOWN = 64

/** What opened it, in words. */
const OPENED = {
  mls: "the <b>MLS</b> layer",
  signal: "the <b>Signal</b> layer",
  kem: "the <b>KEM</b> layer",
  aes: "the <b>AES</b> layer",
  commit: "the <b>MLS</b> layer's handshake key",
  recovery: "the <b>recovery secret</b>",
  vault: "the <b>vault</b>",
} as const

const spaced = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")

const hex = (bytes: Uint8Array): string => {
  if (bytes.length <= SHOWN) return `<code>${spaced(bytes)}</code>`
  const ends = `${spaced(bytes.subarray(0, 24))} … ${spaced(bytes.subarray(-8))}`
  return `<details><summary><code>${ends}</code></summary><code class="all">${spaced(bytes)}</code></details>`
}

const isSmall = ({ name }: Span): boolean => name === "head" || name === "key" || name === "length"

const box = (span: Span, bytes: Uint8Array): string => {
  const { keyed, length, name, note, opens, parts = [], rules, value } = span
  const own = bytes.subarray(span.at, span.at + length)
  // A field whose content has no parts of its own is one box with its head before it.
  const [head, content] = parts
  const isPlain =
    parts.length === 2 && head !== undefined && content !== undefined && isSmall(head) && content.name === name
  const inner = isPlain ? content : span
  const size = `<span class="size">${length.toLocaleString("en-US")} byte${length === 1 ? "" : "s"}</span>`
  const title = `<p class="what"><b>${escape(name)}</b> ${size}${value === undefined ? "" : ` <span class="value">${escape(value)}</span>`}</p>`
  const lead = isPlain
    ? `<code class="lead" title="${escape(head.note)}">${spaced(bytes.subarray(head.at, head.at + head.length))}</code> `
    : ""
  const body = isPlain
    ? content.parts === undefined
      ? `<p class="hex">${lead}${hex(bytes.subarray(content.at, content.at + content.length))}</p>`
      : `<p class="hex">${lead}</p>${list(content.parts, bytes)}`
    : parts.length > 0
      ? list(parts, bytes)
      : `<p class="hex">${hex(own)}</p>`
  const opening = inner.opens ?? opens
  const opened =
    opening === undefined
      ? ""
      : `<div class="opens layer-${opening.by}"><p class="what">opened by ${OPENED[opening.by]} <span class="size">${opening.bytes.length.toLocaleString("en-US")} bytes</span></p>${list(opening.spans, opening.bytes)}</div>`
  return `<li>${title}<p class="note">${escape(note)}${ruled(inner.rules ?? rules)}</p>${body}${sealedBy(inner.keyed ?? keyed)}${opened}</li>`
}

/** The page of invariants says what each stands for. */
const INVARIANTS = "/docs/reference/invariants/"

/** Where each family stands on that page. */
const FAMILIES: Readonly<Record<string, string>> = {
  HS: "handshake",
  RT: "ratchet",
  BR: "braid",
  CA: "cascade",
  DL: "delivery",
  HL: "healing",
  EX: "expiry",
  ST: "storage",
  SM: "simulation",
}

/** A link to what an invariant says. */
export const ruleLink = (id: string): string =>
  `<a class="rule" href="${INVARIANTS}#${FAMILIES[id.slice(0, 2)] ?? ""}">${escape(id)}</a>`

const ruled = (rules: ReadonlyArray<string> = []): string => rules.map((id) => ` ${ruleLink(id)}`).join("")

const sealedBy = (keyed: Keyed | undefined): string =>
  keyed === undefined
    ? ""
    : `<details class="keyed"><summary>Under ${escape(keyed.by)}</summary><ol class="from">${keyed.from.map((line) => `<li><code>${escape(line)}</code></li>`).join("")}</ol><p>${escape(keyed.thief)}</p></details>`

/** The encoding's own bytes: their name and meaning on demand. */
const chip = ({ at, length, name, note }: Span, bytes: Uint8Array): string =>
  `<li class="small" title="${escape(`${name}: ${note}`)}"><code>${spaced(bytes.subarray(at, at + length))}</code></li>`

const list = (spans: ReadonlyArray<Span>, bytes: Uint8Array): string =>
  `<ol>${spans.map((span) => (isSmall(span) ? chip : box)(span, bytes)).join("")}</ol>`

export const bytesHtml = (title: string, spans: ReadonlyArray<Span>, bytes: Uint8Array): string =>
  `<section class="bytes not-content" aria-label="${escape(title)}">${list(spans, bytes)}</section>`
