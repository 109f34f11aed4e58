/** An entry of the history as a message of the public face. Docs: docs/architecture.md, "The face". */
import { cursorOf, type Entry } from "../contact/records.ts"
import { toHex } from "../hex.ts"
import type { Derived } from "../observable.ts"
import type { DeliveryState, Message, Reaction } from "./values.ts"

export const messageOf = (
  contact: string,
  index: number,
  entry: Entry,
  stateOf: (number: number) => Derived<DeliveryState>,
): Message => {
  const isText = entry.line === undefined
  const reactions: Array<Reaction> = []
  if (entry.myReaction !== undefined) reactions.push({ from: "me", emoji: entry.myReaction })
  if (entry.theirReaction !== undefined) reactions.push({ from: contact, emoji: entry.theirReaction })
  return {
    id: toHex(entry.id),
    kind: entry.line === undefined || entry.line === "timer" ? (entry.line ?? "text") : "notice",
    ...(entry.line === "replaced" ? { notice: "replaced" } : entry.healed && { notice: entry.healed }),
    cursor: cursorOf(index),
    from: entry.mine ? "me" : contact,
    at: entry.at,
    text: entry.text,
    replyTo: entry.replyTo && toHex(entry.replyTo),
    edited: entry.became === "edited",
    deleted: entry.became === "deleted",
    reactions,
    timer: entry.timer,
    expiresAt: entry.due,
    state: entry.mine && isText ? stateOf(entry.number) : undefined,
    gap: entry.gap,
  }
}
