/**
 * What became of an event: the answer to `submit`, and the report on one that had to be set aside.
 * Docs: architecture.md, "One pipeline".
 */
import type { Why } from "./transition.ts"

/** What became of a submitted event. It is given only once the turn of the event is durable. */
export type Verdict =
  | { readonly verdict: "accepted" }
  | { readonly verdict: "ignored"; readonly why: Why }
  /** A machine or a prepare-handler threw on it: the event changed nothing, and is not tried again by this host. */
  | { readonly verdict: "faulted" }

export const ACCEPTED: Verdict = { verdict: "accepted" }
export const FAULTED: Verdict = { verdict: "faulted" }

/** An event that was set aside. Names and places in our own code only: the defect's message might quote a peer. */
export interface Fault {
  /** The instance that was deciding or had given the command. */
  readonly id: string
  /** The event that started it; for a timer, the name of its event. */
  readonly event: string
  /** The prepare-command whose handler threw; undefined where the machine itself did. */
  readonly command: string | undefined
  /** The class of what was thrown, such as `TypeError`. */
  readonly error: string
  /** The frames of its stack, where the runtime lets them be told from the message. */
  readonly stack: string
}

/** Where a settlement is, for the report if it fails there. */
export interface Place {
  id: string
  event: string
  command: string | undefined
}

export const faultAt = ({ command, event, id }: Place, defect: unknown): Fault => ({
  id,
  event,
  command,
  error: defect instanceof Error ? defect.constructor.name : typeof defect,
  stack: defect instanceof Error ? framesOf(defect) : "",
})

/** The stack without its first lines `Name: message`; nothing if these cannot be cut off exactly. */
const framesOf = ({ message, name, stack }: Error): string => {
  const head = message === "" ? name : `${name}: ${message}`
  return stack?.startsWith(`${head}\n`) ? stack.slice(head.length + 1) : ""
}
