/** The sentences for the moments that matter: each names what happened and what can be done. */
import type { Connection, DeliveryState, DisappearingTimer, Message, MessengerEvent, Session } from "sotto"
import { shortDay, span } from "./days.ts"

export type Refusal = Extract<MessengerEvent, { readonly type: "handshakeRefused" }>["reason"]

export const words = {
  waiting: (who: string) =>
    `${who} is offline. Your message is waiting on this device. It sends when you're both online.`,
  identityChanged: (who: string) =>
    `${who}'s safety number changed. ${who} may have reinstalled Sotto, or someone may be intercepting. Sending is paused, including waiting messages.`,
  serviceUnreachable: (service: string) => `Can't reach the connection service (${service}). Open links still work.`,
  noPath: (who: string) =>
    `No direct path to ${who}. A TURN server you choose can carry the encrypted data. It sees network addresses, timing and size, not contents.`,
  notPersistent: "This browser may delete your messages.",
  wrongPassphrase: "That passphrase didn't unlock this vault.",
  noReset: (seconds: number) => `There is no reset. Next try in ${seconds} s.`,
  backupHolds:
    "A backup holds your contacts, messages and settings in one encrypted file. It holds no message keys: after a restore each chat agrees on new ones, and both of you see a line that says so.",
  noBackup: "Your messages are in this browser only. If its data goes, so do they.",
  notDurable: "Nothing is kept: when this page closes, your messages are gone.",
  secondTab: "Sotto is open in another tab. Two at once could damage your keys.",
  keepOpen: "Keep Sotto open until they join.",
  updateReady: (version: string) => `Version ${version} is ready. Waiting messages are kept; drafts are not.`,
  unverifiedName: "They chose this name. Nothing proves it yet.",
  stillLooking: (who: string) =>
    `${who} has not answered yet. Both of you need Sotto open at the same moment; this goes on by itself.`,
  deleted: "This message was deleted",
  originalGone: "Original message expired.",
  undelivered: (who: string) => `Expired before reaching ${who}. Not delivered.`,
  healed: (who: string) => `New keys were agreed with ${who}, and the conversation goes on`,
  copied: (who: string) =>
    `Two copies of this conversation were in use, on your side or on ${who}'s. New keys were agreed with one of them; the other stops. If neither of you copied or restored anything, somebody else may have`,
  replaced: (who: string) => `Another copy of this conversation goes on with ${who}. This one has stopped`,
  reclaim: (who: string) =>
    `Another copy of this conversation goes on with ${who}, and this one has stopped: nothing is sent or received here. If that is your own other device, leave it so. If you copied and restored nothing, somebody else may have a copy of this device: go on here, and compare safety numbers with ${who}.`,
  canKeep: (who: string) => `${who} can still copy or photograph messages.`,
  deleteForMe: (who: string) => `This erases the message from this device. What ${who} has stays there.`,
  deleteForEveryone: (who: string) =>
    `This erases the message here, and on ${who}'s device as soon as it hears of it. ${who} may have read or copied it.`,
  clear: (who: string) =>
    `This erases every message of this conversation from this device; what was not delivered yet never will be. What ${who} has stays there.`,
  compare: (who: string) =>
    `Compare safety numbers with ${who}, in person or on a call. If they match, nobody stands between you.`,
} as const

/** A length of time as the list of choices says it: "1 day", "4 weeks". */
export const timerWords = (milliseconds: number): string => {
  const weeks = milliseconds / 604_800_000
  if (weeks >= 1 && Number.isInteger(weeks)) return `${weeks} week${weeks === 1 ? "" : "s"}`
  return span(Math.round(milliseconds / 1_000))
}

/** The line that says that somebody set the timer. */
export const timerLine = (who: string, timer: DisappearingTimer | undefined): string =>
  timer === undefined
    ? `${who} turned disappearing messages off`
    : `${who} set disappearing messages to ${timerWords(timer.after)}, from ${timer.from}`

/**
 * A text as it may be shown: overrides of direction, which make words read backwards, are marks that can be seen. What else turns
 * the direction of writing ends with the element that holds the text: a `bdi`, or a paragraph of its own.
 */
export const readable = (text: string): string => text.replaceAll(/[\u202d\u202e]/g, "\ufffd")

const noticeWords = (notice: Message["notice"], who: string): string => {
  if (notice === "replaced") return words.replaced(who)
  return notice === "cloned" || notice === "reclaimed" ? words.copied(who) : words.healed(who)
}

/** What stands for a message where there is one line: in the list of chats, in a quotation, for a screen reader. */
export const gist = (message: Message, who: string): string => {
  if (message.kind === "notice") return noticeWords(message.notice, who)
  if (message.kind === "timer") return timerLine(message.from === "me" ? "You" : who, message.timer)
  if (message.deleted) return words.deleted
  return message.text === "" ? words.undelivered(who) : readable(message.text)
}

/** What the header says. No padlocks: how it is connected, and whether the numbers were compared. */
export const statusWords = (
  connection: Connection,
  session: Session,
  verified: number | undefined,
  paired: boolean,
): string => {
  if (session.state === "blocked") return "Blocked"
  if (session.state === "failed") return "Not connected"
  if (session.state === "paused") return "Paused · safety number changed"
  if (session.state === "healing") return "Agreeing new keys…"
  if (session.state === "replaced") return "Stopped · another copy goes on"
  if (session.state === "handshaking") return paired ? "Reconnecting…" : "Connecting…"
  const compared = verified === undefined ? "not compared" : `compared ${shortDay(verified)}`
  const path = { direct: "Direct", relayed: "Through TURN", connecting: "Reconnecting…", offline: "Offline" }
  return `${path[connection.state]} · ${compared}`
}

/** A plain sentence about the connection, first in "Look inside". */
export const pathSentence = (connection: Connection): string =>
  ({
    direct: "Connected directly.",
    relayed: "Connected through a TURN server.",
    connecting: "Looking for a path.",
    offline: "Not connected.",
  })[connection.state]

/** The word of a delivery mark. `sent` was handed to the network and acknowledged by nobody. */
export const deliveryWord: Readonly<Record<DeliveryState, string>> = {
  queued: "Waiting here",
  sent: "Sending",
  delivered: "Delivered",
  read: "Read",
  failed: "Not sent",
  expired: "Expired before reaching them. Not delivered",
}

export const failureWords: Readonly<Record<NonNullable<Session["failure"]>, string>> = {
  expired: "This invite has expired before you were connected. Ask for a new one.",
  cancelled: "This invite was cancelled. Ask for a new one.",
}

/** Somebody answered, but not as the invite says. */
export const refusalWords: Readonly<Record<Refusal, string>> = {
  version: "The other side speaks another version of Sotto. Update both, then use a new invite.",
  suites:
    "The other side does not offer all four layers, and fewer are never used. Update both, then use a new invite.",
  invalid:
    "Somebody answered with keys that do not fit this invite. It may have been altered on its way, or used already. If this stays, ask for a new one over another way.",
}

const UNITS = ["bytes", "KB", "MB", "GB", "TB"] as const

export const inBytes = (bytes: number): string => {
  let [value, unit] = [bytes, 0]
  for (; value >= 1_000 && unit < UNITS.length - 1; unit++) value /= 1_000
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** What an error of the SDK says is written for people. */
export const messageOf = (error: unknown): string =>
  error instanceof Error && error.message !== "" ? error.message : "That did not work. Try again."

const dated = (at: number) => new Date(at).toISOString().slice(0, 10)
export const backupName = (at: number): string => `sotto-${dated(at)}.backup`
export const exportName = (at: number, format: "html" | "json"): string => `sotto-readable-${dated(at)}.${format}`

export const problemWords = (code: string): { readonly title: string; readonly text: string } => {
  switch (code) {
    case "storageFull":
      return {
        title: "Storage is full",
        text: "This device has no room left, so Sotto stopped before anything could be lost. Free some space, then try again.",
      }
    case "storageBlocked":
      return {
        title: "Storage is held by another tab",
        text: "An older version of Sotto is still open somewhere. Close its tabs, then try again.",
      }
    case "storageNewer":
      return {
        title: "Made by a newer version",
        text: "A newer version of Sotto was used here. This version could damage what it kept. Reload to get the newer one.",
      }
    case "storageDenied":
      return {
        title: "This browser keeps nothing here",
        text: "It gives this page no storage: blocked site data and some private windows do that. Allow it, or open Sotto in an ordinary window. Nothing was lost by trying.",
      }
    case "storageLost":
      return {
        title: "Your messages are gone from this browser",
        text: "What Sotto kept here was removed: by this browser, to make room, or by somebody who cleared its data. Sotto stopped and did not begin anew. Erase what is left of this profile, then restore a backup or start afresh.",
      }
    case "storageDamaged":
      return {
        title: "What is kept here was altered",
        text: "Something in it was changed, is missing, or is an old copy, so Sotto does not open it. Erase this profile, then restore a backup.",
      }
    case "storageFailed":
      return {
        title: "Storage did not answer",
        text: "This browser failed to read or write what Sotto keeps. What was saved before is kept. Try again, or restart the browser.",
      }
    default:
      return {
        title: "Sotto stopped",
        text: "Something went wrong inside, so Sotto stopped rather than go on in doubt. What was sent or received before is kept.",
      }
  }
}

/** Steps of pairing, in order. */
export const stepWords = (who: string) =>
  [
    ["find", `Find ${who}`],
    ["path", "Open a path"],
    ["keys", "Agree keys"],
    ["layers", "Start four layers"],
    ["ready", "Ready"],
  ] as const

/** From the outermost layer in. */
export const layerWords = [
  ["aes", "AES", "Keys from the invite alone, renewed with each message."],
  ["kem", "KEM", "X-Wing (X25519 and ML-KEM together): new keys with every turn."],
  ["signal", "Signal", "PQXDH and the Triple Ratchet: new keys with every turn."],
  ["mls", "MLS", "Group keys (RFC 9420), signed by the sender; renewed by commits."],
] as const
