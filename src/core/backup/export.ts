/**
 * The conversations as a file that anybody can read: no encryption, no keys. HTML without any script, in which nothing that a
 * contact wrote is more than text; or JSON. Docs: docs/backup.md, "Readable export".
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Engine } from "../engine-values.ts"
import type { SottoError } from "../errors.ts"
import type { ContactHandle } from "../messenger/contact-handle.ts"
import type { Message } from "../messenger/values.ts"
import { chained, once, type Pull } from "./pull.ts"

/** A page to read, or data. */
export type ExportFormat = "html" | "json"

const PAGE = 100

/** How a format is written, part by part. */
interface Writer {
  readonly begin: (name: string, at: number) => string
  readonly contact: (contact: ContactHandle, isFirst: boolean) => string
  readonly message: (message: Message, contact: ContactHandle, isFirst: boolean) => string
  readonly contactEnd: string
  readonly end: string
}

/** The text of the file, portion by portion. */
export const exportOf = Effect.fnUntraced(function* (
  engine: Engine,
  format: ExportFormat,
): Effect.fn.Return<Pull<string, SottoError>, SottoError> {
  yield* engine.stored
  const at = yield* Clock.currentTimeMillis
  const writer = format === "html" ? html : json
  const contacts = engine.contacts.get().filter((contact) => contact.pairedAt() !== undefined)
  const said = (text: string) => once(Effect.succeed(text))
  return chained(function* () {
    yield said(writer.begin(engine.name.get(), at))
    for (const [index, contact] of contacts.entries()) {
      yield said(writer.contact(contact, index === 0))
      yield messages(contact, writer)
      yield said(writer.contactEnd)
    }
    yield said(writer.end)
  })
})

const messages = (contact: ContactHandle, writer: Writer): Pull<string, SottoError> => {
  let after: string | undefined = ""
  let isFirst = true
  return Effect.gen(function* () {
    if (after === undefined) return undefined
    const page = yield* contact.conversation.page({ after, limit: PAGE })
    after = page.at(-1)?.cursor
    let text = ""
    for (const message of page) {
      text += writer.message(message, contact, isFirst)
      isFirst = false
    }
    return page.length === 0 ? undefined : text
  })
}

/** JSON escapes whatever a contact wrote; each message stands on a line of its own. */
const json: Writer = {
  begin: (name, at) =>
    `{"what":"Conversations exported from Sotto. Not encrypted.","version":1,"at":${JSON.stringify(iso(at))},"name":${JSON.stringify(name)},"contacts":[`,
  contact: (contact, isFirst) => {
    const about = { id: contact.id, name: contact.name(), pairedAt: iso(contact.pairedAt()!) }
    return `${isFirst ? "\n" : ",\n"}${JSON.stringify(about).slice(0, -1)},"messages":[`
  },
  message: ({ at, from, gap, id, text }, _, isFirst) =>
    `${isFirst ? "\n" : ",\n"}${JSON.stringify({ id, from: from === "me" ? "me" : "contact", at: iso(at), text, missingBefore: gap })}`,
  contactEnd: "]}",
  end: "\n]}\n",
}

const html: Writer = {
  begin: (name, at) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>Conversations</title>
<style>body{font:16px/1.45 system-ui,sans-serif;max-width:60ch;margin:2rem auto;padding:0 1rem}li{list-style:none;margin:.5rem 0}
ol{padding:0}p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}small{color:#555}</style></head>
<body><h1>Conversations${name === "" ? "" : ` of <bdi>${escaped(name)}</bdi>`}</h1>
<p>Exported from Sotto on ${iso(at)}. This file is not encrypted: whoever has it can read it.</p>
`,
  contact: (contact) => `<section><h2><bdi>${escaped(contact.name() || contact.id)}</bdi></h2><ol>\n`,
  message: ({ at, from, gap, text }, contact) => {
    const who = from === "me" ? "You" : escaped(contact.name() || contact.id)
    const missing = gap === 0 ? "" : `<small>${gap} missing before this one</small>`
    return `<li>${missing}<small><bdi>${who}</bdi>, <time>${iso(at)}</time></small><p dir="auto">${escaped(text)}</p></li>\n`
  },
  contactEnd: "</ol></section>\n",
  end: "</body></html>\n",
}

/** A clock of a peer may say any time; years beyond four digits keep their sign. */
const iso = (at: number): string => DateTime.formatIso(DateTime.makeUnsafe(at))

/** Fit for the content of an element, and only for that. What HTML gives a meaning to, and what it forbids, is spelled out. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
