/**
 * What was seen of a run: a line for everything that happened, a digest of all of it, and what the invariants are judged by.
 * Docs: simulator.md, "What is checked".
 */

import { decodeFrame } from "../../core/frame.ts"
import { nameOf } from "../../core/messenger/contact-view.ts"
import type { InspectedTransition, MessengerEvent } from "../../core/messenger/values.ts"
import type { Agenda } from "./agenda.ts"
import { type Choice, showChoice } from "./choice.ts"
import type { Encryptions } from "./encryptions.ts"
import type { Fate } from "./faults.ts"
import type { Flying } from "./network-values.ts"
import type { Owed } from "./owed.ts"
import type { PeerOf, Witness } from "./witness.ts"

/** One line of the timeline. */
export interface Line {
  /** Milliseconds of virtual time since the start. */
  readonly at: number
  /** Whose it is; empty for what was chosen. */
  readonly peer: string
  /** In words. */
  readonly what: string
}

/** That a message was settled by what the other said. */
export interface SeenAcknowledged {
  /** Whose message it was, in which of its hosts. */
  readonly of: string
  readonly host: string
  readonly number: number
  /** Whether the other had it on its disk then. */
  readonly durable: boolean
  /** Whether it had been sent. */
  readonly sent: boolean
}

export interface RunRecord {
  readonly lines: ReadonlyArray<Line>
  /** The same for the same run, and only then. */
  readonly trace: () => string
  readonly choices: ReadonlyArray<Choice>
  readonly witness: Witness
  readonly encryptions: Encryptions
  /** Acknowledgements that were owed. */
  readonly owed: Owed
  /** Texts that a person was told of: by peer, process and message id. */
  readonly told: ReadonlyArray<{ readonly peer: string; readonly process: number; readonly id: string }>
  /** In the order in which they were heard. */
  readonly acknowledged: ReadonlyArray<SeenAcknowledged>
  readonly crashes: () => number
  readonly stopped: ReadonlyArray<{ readonly peer: string; readonly reason: string }>
  /** Who was told that a copy is about, once for each time. */
  readonly alarms: ReadonlyArray<{ readonly peer: string; readonly contact: string }>
  readonly chosen: (choice: Choice) => void
  readonly started: (peer: string) => void
  readonly died: (peer: string) => void
  /** What somebody who is nobody's peer came to. */
  readonly noted: (what: string) => void
  readonly crashed: (peer: string, boundary: string, fate: Fate) => void
  readonly moved: (peer: string, transition: InspectedTransition) => void
  readonly heard: (peer: string, process: number, event: MessengerEvent) => void
  readonly accepted: (from: string, to: string, id: string) => void
  readonly sent: (peer: string, to: string, link: number, frame: Uint8Array) => void
  readonly arrived: (frame: Flying) => void
}

/** Machines whose steps may keep a peer from saying anything. */
const COMES_BETWEEN = /^(link|standing|inviter|joiner)\//

/** Whether a choice leaves everybody as they are, but for what they write. */
const isCalm = (choice: Choice) =>
  choice[0] === "." || choice[0] === "wait" || (choice[0] === "event" && ["send", "read"].includes(choice[2].do))

export const makeRecord = (options: {
  readonly agenda: Agenda
  readonly witness: Witness
  readonly encryptions: Encryptions
  readonly owed: Owed
  /** Whether to write a line for everything. Without, a run is a tenth faster, and has a trace of its own. */
  readonly detail: boolean
  readonly peerOf: PeerOf
}): RunRecord => {
  const { agenda, detail, encryptions, owed, peerOf, witness } = options
  const start = agenda.now()
  const lines: Array<Line> = []
  const choices: Array<Choice> = []
  const told: Array<{ peer: string; process: number; id: string }> = []
  const acknowledged: Array<SeenAcknowledged> = []
  const stopped: Array<{ peer: string; reason: string }> = []
  const alarms: Array<{ peer: string; contact: string }> = []
  let crashes = 0
  let high = 0x811c9dc5
  let low = 0x1000193

  const say = (peer: string, what: string) => {
    const at = agenda.now() - start
    if (detail) lines.push({ at, peer, what })
    mix(detail ? `${at} ${peer} ${what}` : what)
  }
  const mix = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      high = Math.imul(high ^ text.charCodeAt(i), 0x01000193)
      low = Math.imul(low ^ high, 0x5bd1e995) ^ (low >>> 13)
    }
  }
  const kindOf = (bytes: Uint8Array) => decodeFrame(bytes)?.kind ?? "damaged"

  return {
    lines,
    choices,
    witness,
    encryptions,
    owed,
    told,
    acknowledged,
    stopped,
    alarms,
    crashes: () => crashes,
    trace: () => (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0"),
    chosen: (choice) => {
      choices.push(choice)
      if (!isCalm(choice)) owed.letOff()
      if (choice[0] !== "." && choice[0] !== "wait") say("", `› ${showChoice(choice)}`)
    },
    started: (peer) => {
      owed.letOff(peer)
      say(peer, "starts")
    },
    died: (peer) => {
      owed.letOff(peer)
      say(peer, "is gone")
    },
    noted: (what) => say("", what),
    crashed: (peer, boundary, fate) => {
      crashes += 1
      say(peer, `dies at ${boundary}: ${fate}`)
    },
    moved: (peer, { commands, contact, event, from, id, to }) => {
      if (COMES_BETWEEN.test(id) && !event.startsWith("Echo")) owed.letOff(peer)
      const number =
        id.startsWith("delivery/") && event === "Acknowledged" ? Number(id.slice("delivery/".length)) : undefined
      if (!detail && number === undefined) return say(peer, event)
      const states = `${from === undefined ? "" : `${nameOf(from)} `}→ ${nameOf(to)}`
      say(peer, `${id} ${event}: ${states}${commands.length > 0 ? ` [${commands.join(", ")}]` : ""}`)
      if (number === undefined || !/^(delivered|settled)/.test(nameOf(to))) return
      const theirs = peerOf(peer, contact)
      const durable = theirs !== undefined && witness.has(theirs.peer, theirs.host, number)
      acknowledged.push({
        ...{ of: peer, host: contact, number, durable },
        sent: witness.hasSent(peer, contact, number),
      })
    },
    heard: (peer, process, event) => {
      if (event.type === "messageArrived") told.push({ peer, process, id: event.message.id })
      if (event.type === "cloneDetected") alarms.push({ peer, contact: event.contact })
      if (event.type === "stopped") stopped.push({ peer, reason: event.reason })
      say(
        peer,
        event.type === "messageArrived" ? `is shown "${event.message.text.slice(0, 40)}"` : `hears ${event.type}`,
      )
    },
    accepted: (from, to, id) => say(from, `accepted ${id.slice(0, 8)} for ${to}`),
    sent: (peer, to, link, bytes) => {
      witness.sent(peer, `${link}`, bytes, (host) => owed.paid(peer, host, link))
      say(peer, detail ? `⇢ ${to}: ${kindOf(bytes)}, ${bytes.length} bytes` : `${bytes.length}`)
    },
    arrived: ({ bytes, from, to }) => say(to, detail ? `⇠ ${from}: ${kindOf(bytes)}, ${bytes.length} bytes` : "⇠"),
  }
}
