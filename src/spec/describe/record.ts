/**
 * Explains a record that was opened: what a contact, a message, a key or a machine is on the disk, to the field. Docs: protocol.md, "At
 * rest".
 */
import { AGAIN, FIRST, RECORD } from "../../core/contact/records.ts"
import { content } from "../../core/content.ts"
import { fromUtf8 } from "../../core/crypto/bytes.ts"
import { AT_REST_FORMS, type AtRestForm, formOfRecord } from "./at-rest-forms.ts"
import { describeEncoded, type Inside, notThis } from "./encoded.ts"
import { describe, describeGreeting, describeStanding } from "./frame.ts"
import { describeJson } from "./json.ts"
import { describeGroupContext, describeKeyPackage, describePrivateMessage } from "./mls.ts"
import { noteAtRest } from "./notes-at-rest.ts"
import { inARow, type Span } from "./span.ts"

/** As the id of a sealed record has it: `r` and a record's id, `i` and a machine's, `o` and a command's. */
export const describeRecord = (id: string, bytes: Uint8Array): ReadonlyArray<Span> => {
  const spans = id[0] === "r" ? recordNamed(id.slice(1), bytes) : describeJson(bytes, id[0] === "i" ? "Row" : "Waiting")
  return spans ?? notThis(bytes.length, "what belongs in such a record")
}

/** One value of a format, with what is inside it. */
export const describeAtRest = (form: AtRestForm, bytes: Uint8Array): ReadonlyArray<Span> | undefined =>
  describeEncoded(bytes, AT_REST_FORMS[form], form, inside, noteAtRest)

const closed = () => undefined

const inside: Inside = (path, bytes) => {
  switch (path) {
    case "Outgoing.content":
      return describeContent(bytes)
    case "Greetings.hello":
      return describeGreeting("Hello", bytes)
    case "Asked.message":
      return describeStanding("Ask", bytes)
    case "OneTime.offered.keyPackage":
      return describeKeyPackage(bytes)
    case "OneTime.preKeys":
      return describeAtRest("PreKeySecrets", bytes)
    case "OneTime.mlsPrivateKeys":
      return describeAtRest("MlsPrivate", bytes)
    default:
      return /^MlsState\.(current|pending|past)\.context$/.test(path) ? describeGroupContext(bytes) : undefined
  }
}

const describeContent = (bytes: Uint8Array): ReadonlyArray<Span> | undefined =>
  describeEncoded(bytes, content.form, "Content", (path, of) =>
    path === "Content.rekey.commit" ? describePrivateMessage(of, closed) : undefined,
  )

/** Records that hold a message as it is sent. */
const MESSAGES: Readonly<Record<string, ((bytes: Uint8Array) => ReadonlyArray<Span> | undefined) | undefined>> = {
  ...Object.fromEntries(
    [FIRST, AGAIN].flatMap((desk) => [
      [desk.hello, (bytes: Uint8Array) => describeGreeting("Hello", bytes)],
      [desk.bundle, (bytes: Uint8Array) => describeGreeting("Bundle", bytes)],
      [desk.accept, (bytes: Uint8Array) => describeGreeting("Accept", bytes)],
      [desk.confirm, describe],
    ]),
  ),
  [RECORD.rekey]: (bytes) => describePrivateMessage(bytes, closed),
}

/** Texts, hashes and random names: all of it is one thing. */
const PLAIN: Readonly<Record<string, string | undefined>> = {
  [RECORD.ownName]: "ownName",
  [RECORD.invite]: "invite",
  [RECORD.vouched]: "vouched",
  [RECORD.confirmed]: "confirmed",
  ...Object.fromEntries(
    [FIRST, AGAIN].flatMap((desk) => [
      [desk.binding, "binding"],
      [desk.transcript, "transcript"],
    ]),
  ),
}

const TEXTS = ["ownName", "invite"]

/** One integer. */
const NUMBERS: ReadonlyArray<readonly [prefix: string, name: string]> = [
  [RECORD.clock, "clock"],
  [RECORD.cleared, "cleared"],
  ["message/", "place"],
  ["expiry/", "counted"],
]

const recordNamed = (id: string, bytes: Uint8Array): ReadonlyArray<Span> | undefined => {
  const form = formOfRecord(id)
  if (form !== undefined) return describeAtRest(form, bytes)
  const message = MESSAGES[id]
  if (message !== undefined) return message(bytes)
  if (id.startsWith("incoming/")) return describeContent(bytes)
  if (id.startsWith("frame/")) return describe(bytes)
  if (id.startsWith("standing/tell/")) return describeStanding("Tell", bytes)
  const number = NUMBERS.find(([prefix]) => id.startsWith(prefix))?.[1]
  if (number !== undefined) return numbered(number, bytes)
  const name = PLAIN[id]
  // Another's, kept by a program that embeds the engine.
  if (name === undefined)
    return inARow(0, [{ length: bytes.length, name: "unknown", note: noteAtRest("Record.other") }])
  const text = TEXTS.includes(name) ? fromUtf8(bytes) : undefined
  const value = text === undefined ? {} : { value: JSON.stringify(text) }
  return inARow(0, [{ length: bytes.length, name, note: noteAtRest(`Record.${name}`), ...value }])
}

const numbered = (name: string, bytes: Uint8Array): ReadonlyArray<Span> | undefined =>
  describeEncoded(bytes, undefined, `Record.${name}`, closed, noteAtRest)?.map((span) => ({ ...span, name }))
