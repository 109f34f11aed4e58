/** What our user does in a conversation: write, answer, edit, delete, react, set the timer, clear. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { SessionEvent } from "../../machines/session-state.ts"
import { MAX_WAITING } from "../../machines/session-state.ts"
import { isEmoji } from "../contact/changes.ts"
import { draftOf, timerText } from "../contact/handlers/messages.ts"
import { type ContactMachines, EXPIRY, SESSION } from "../contact/machines.ts"
import type { Place } from "../contact/places.ts"
import { type Entry, entry, placeOf, RECORD } from "../contact/records.ts"
import { MAX_EMOJI_BYTES, MAX_TEXT_BYTES, MAX_TIMER, type Timer } from "../content.ts"
import { utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { orSottoError } from "../failures.ts"
import { isId, toHex } from "../hex.ts"
import type { Tell } from "../host/handlers.ts"
import type { StoreService } from "../store.ts"
import type { Subject } from "./subject.ts"

/** How a message is sent. */
export interface SendOptions {
  /** Milliseconds after which the peer need not have it any more. */
  readonly lifetime?: number
  /** The id of the message that it answers. */
  readonly replyTo?: string
}

/** What was accepted, and where it stands. */
export interface Written extends Place {
  readonly id: string
}

export interface Writing {
  /** Each resolves once it is durable. */
  readonly send: (text: string, options: SendOptions) => Effect.Effect<Written, SottoError>
  /** Replaces the text of a message of ours. */
  readonly edit: (id: string, text: string) => Effect.Effect<void, SottoError>
  /** `me`: wholly gone from this device. `everyone`: emptied on both. */
  readonly remove: (id: string, from: "me" | "everyone") => Effect.Effect<void, SottoError>
  /** One emoji of ours; none takes it back. */
  readonly react: (id: string, emoji: string | null) => Effect.Effect<void, SottoError>
  /** From now on messages disappear like this, or stay. */
  readonly setTimer: (timer: Timer | undefined) => Effect.Effect<void, SottoError>
  /** Erases the conversation here; the other keeps theirs. */
  readonly clear: Effect.Effect<void, SottoError>
}

const gone = new SottoError("messageGone", "This message is not there any more. Nothing was changed.")
const notOwn = new SottoError("messageNotOwn", "Only its sender can do this to a message. Nothing was changed.")
const empty = new SottoError("messageEmpty", "There is nothing to send. Write something first.")
const tooLong = new SottoError("messageTooLong", "The message is longer than 64 KiB. Send it in parts.")
const busy = new SottoError(
  "busy",
  "Too much is waiting for this contact. It goes when you are both online; try again then.",
  { retryable: true },
)

export const makeWriting = (options: {
  readonly subject: Subject
  readonly store: StoreService
  readonly crypto: CryptoService
}): Writing => {
  const { crypto, store, subject } = options
  const { use } = subject
  /** Accepted by nobody yet: a caller that does not wait must not fill the memory. */
  let pending = 0

  const written = Effect.fnUntraced(function* (id: string, event: SessionEvent, words: Uint8Array) {
    if (pending >= MAX_WAITING) return yield* busy
    pending += 1
    const [verdict, given] = yield* Effect.ensuring(
      use(({ host, places }) => {
        const place = places.expect(id)
        const submitted = host.submit({ to: SESSION, event }, [[draftOf(id), words]])
        return orSottoError(Effect.map(submitted, (verdict) => [verdict, place()] as const))
      }),
      Effect.sync(() => void (pending -= 1)),
    )
    if (verdict.verdict === "ignored" && verdict.why === "notHandled") return yield* busy
    if (verdict.verdict !== "accepted") {
      return yield* new SottoError("defect", "This was not accepted. Open Sotto again, then try anew.")
    }
    return given
  }, orSottoError)

  const submit = (event: Tell<ContactMachines>) => use(({ host }) => orSottoError(host.submit(event)))

  const messageAt = Effect.fnUntraced(function* (id: string) {
    if (!isId(id)) return yield* gone
    const index = placeOf.decode((yield* store.read(subject.id, RECORD.message(id))) ?? new Uint8Array())
    const bytes = index === undefined ? undefined : yield* store.read(subject.id, RECORD.history(index))
    const found = entry.decode(bytes ?? new Uint8Array())
    return found ?? (yield* gone)
  }, orSottoError)

  const isLive = ({ became }: Entry) => became !== "deleted" && became !== "expired"

  const change = Effect.fnUntraced(function* (
    change: "edit" | "deletion" | "reaction",
    target: string,
    words: Uint8Array,
  ) {
    const message = yield* messageAt(target)
    if (!isLive(message)) return yield* gone
    if (change !== "reaction" && !message.mine) return yield* notOwn
    const id = toHex(crypto.random(16))
    const bytes = change === "edit" ? words.length : 0
    // Between the look and the turn it may have gone.
    if ((yield* written(id, { type: "ChangeWritten", id, change, target, bytes }, words)) === undefined) {
      return yield* gone
    }
  })

  const textOf = (text: string): Effect.Effect<Uint8Array, SottoError> => {
    const words = utf8(text)
    return text === ""
      ? Effect.fail(empty)
      : words.length > MAX_TEXT_BYTES
        ? Effect.fail(tooLong)
        : Effect.succeed(words)
  }

  return {
    send: Effect.fnUntraced(function* (text, { lifetime, replyTo }) {
      const words = yield* textOf(text)
      if (replyTo !== undefined) yield* messageAt(replyTo)
      const id = toHex(crypto.random(16))
      const at = yield* Clock.currentTimeMillis
      const event = {
        type: "MessageWritten",
        id,
        at,
        lifetime: lifetime ?? null,
        replyTo: replyTo ?? null,
        bytes: words.length,
      } as const
      const place = yield* written(id, event, words)
      return place === undefined ? yield* busy : { ...place, id }
    }),

    edit: (id, text) => Effect.flatMap(textOf(text), (words) => change("edit", id, words)),

    remove: Effect.fnUntraced(function* (id, from) {
      if (from === "everyone") return yield* change("deletion", id, new Uint8Array())
      yield* messageAt(id)
      yield* submit({ to: SESSION, event: { type: "MessageDropped", id } })
    }),

    react: (id, emoji) =>
      emoji !== null && (utf8(emoji).length > MAX_EMOJI_BYTES || !isEmoji(emoji))
        ? Effect.fail(new SottoError("optionInvalid", "A reaction is one emoji, or null to take it back."))
        : change("reaction", id, utf8(emoji ?? "")),

    setTimer: Effect.fnUntraced(function* (timer) {
      if (timer !== undefined && !(timer.after > 0 && timer.after <= MAX_TIMER)) {
        return yield* new SottoError(
          "optionInvalid",
          "Messages disappear after 365 days at most. Choose less, or null.",
        )
      }
      const id = toHex(crypto.random(16))
      const at = yield* Clock.currentTimeMillis
      yield* written(id, { type: "TimerSet", id, at }, utf8(timerText(timer)))
    }),

    clear: Effect.gen(function* () {
      yield* submit({ to: SESSION, event: { type: "ConversationCleared" } })
      // A long conversation takes more than one commit; it is gone when the last of them is durable.
      while ((yield* orSottoError(store.read(subject.id, RECORD.cleared))) !== undefined) {
        yield* submit({ to: EXPIRY, event: { type: "Cleared" } })
      }
    }),
  }
}
