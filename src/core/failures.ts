/** How inner failures become errors for people: what happened, and what to do. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { SottoError } from "./errors.ts"
import type { Ended } from "./host/host.ts"
import { type Conflict, type Elsewhere, Unavailable, type UnavailableReason } from "./store.ts"
import type { Unreachable } from "./transport.ts"

type Inner = Ended | Conflict | Elsewhere | Unavailable | Unreachable

const STORAGE = {
  full: ["storageFull", "The storage is full. Free some space, then open Sotto again; nothing that was saved is lost."],
  blocked: [
    "storageBlocked",
    "The storage is blocked by another version of Sotto. Close its other tabs, then try again.",
  ],
  denied: [
    "storageDenied",
    "This browser keeps nothing for this page: a private window, or blocked site data. Allow it, or open Sotto in an ordinary window.",
  ],
  lost: [
    "storageLost",
    "What Sotto kept here is gone: this browser, or somebody, removed it. Restore a backup, or start afresh.",
  ],
  elsewhere: ["elsewhere", "Sotto was opened in another tab or process. Close it there, or use it here again."],
  newer: ["storageNewer", "This data was written by a newer version of Sotto. Update Sotto to open it."],
  damaged: [
    "storageDamaged",
    "What is stored here was altered or is incomplete, so it is not opened. Restore a backup, or erase this profile.",
  ],
  broken: ["storageFailed", "The storage did not answer. Open Sotto again; what was saved before is kept."],
} as const

/** Trying again changes nothing. */
const FINAL: ReadonlySet<string> = new Set(["newer", "lost", "damaged"])

const PATHS = {
  service: "The connection service did not answer. Check its address and your network, then try again.",
  absent: "The other side is not there now. Ask them to keep Sotto open, then try again.",
  noPath: "No direct path was found. Add a TURN server, or pair by hand.",
  unsupported: "This runtime lacks WebRTC. In Node, pass an implementation to the transport.",
  invalid: "This code is damaged or not a Sotto code. Copy all of it, or ask for a new one.",
} as const

export const toSottoError = (failure: Inner | SottoError): SottoError => {
  if (failure instanceof SottoError) return failure
  switch (failure._tag) {
    case "Ended":
      return new SottoError("closed", "This contact was closed meanwhile. Open Sotto again to go on.", {
        retryable: true,
      })
    case "Conflict":
    case "Elsewhere":
      return new SottoError("elsewhere", "Sotto is open in another tab or process. Close it there, then try again.", {
        retryable: true,
      })
    case "Unavailable": {
      const [code, message] = STORAGE[failure.reason]
      return new SottoError(code, message, { retryable: !FINAL.has(failure.reason), cause: failure.cause })
    }
    case "Unreachable": {
      const { reason, service } = failure
      const message = service === undefined ? PATHS[reason] : `${PATHS[reason]} (${service})`
      const code = reason === "invalid" ? "codeInvalid" : reason === "unsupported" ? "notSupported" : "unreachable"
      return new SottoError(code, message, { retryable: reason !== "unsupported" && reason !== "invalid" })
    }
  }
}

export const orSottoError = <A, R>(effect: Effect.Effect<A, Inner | SottoError, R>): Effect.Effect<A, SottoError, R> =>
  Effect.mapError(effect, toSottoError)

/** The storage's reason behind an error for people; "broken" where it is about something else. */
export const reasonOf = ({ code }: SottoError): UnavailableReason =>
  REASONS.find((reason) => STORAGE[reason][0] === code) ?? "broken"

/** As a host would have said it that ends by itself. */
export const unavailable = (error: SottoError): Unavailable => new Unavailable({ reason: reasonOf(error) })

const REASONS = Object.keys(STORAGE) as ReadonlyArray<UnavailableReason>

/** Why a host ended, as its storage says it. */
export const unavailableFrom = (why: Exit.Exit<never, Conflict | Unavailable>): Unavailable => {
  const failure = Exit.isFailure(why) ? why.cause.reasons.find((reason) => reason._tag === "Fail")?.error : undefined
  return failure?._tag === "Unavailable" ? failure : new Unavailable({ reason: "broken" })
}
