/** The engine's handles as values of the public face. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { turns } from "./adapters/turns.ts"
import { fromBase64url, toBase64url } from "./core/crypto/bytes.ts"
import type { Engine } from "./core/engine.ts"
import { SottoError } from "./core/errors.ts"
import type { ContactHandle } from "./core/messenger/contact-handle.ts"
import type { Sent } from "./core/messenger/conversation.ts"
import { toMillis } from "./core/messenger/duration.ts"
import type { InviteHandle } from "./core/messenger/invite-handle.ts"
import type { SafetyNumber as Fingerprints } from "./core/safety-number.ts"
import type {
  Contact,
  DeliveryState,
  HandCode,
  Invite,
  Message,
  MessageChange,
  SafetyNumber,
  SentMessage,
} from "./face.ts"
import { toQrSvg } from "./qr.ts"

/** A page of history when it is read as a stream. */
const PAGE = 100

/** Runs an Effect; rejects with its SottoError, and with the code `defect` for anything that should not happen. */
export const promised = async <A>(effect: Effect.Effect<A, SottoError>): Promise<A> => {
  const exit = await Effect.runPromiseExitWith(turns())(effect)
  if (Exit.isSuccess(exit)) return exit.value
  const error = Cause.squash(exit.cause)
  if (error instanceof SottoError) throw error
  throw new SottoError("defect", "Sotto made a mistake and stopped this action. Please report it.", { cause: error })
}

const handCode = (text: string): HandCode => ({ text, qr: () => toQrSvg(text) })

export const inviteFace = (handle: InviteHandle, contacts: (handle: ContactHandle) => Contact): Invite => ({
  id: handle.id,
  url: handle.url,
  text: handle.text,
  qr: () => toQrSvg(handle.url),
  expiresAt: handle.expiresAt,
  state: handle.state,
  joined: async () => contacts(await promised(handle.joined)),
  cancel: () => promised(handle.cancel),
  offer: async () => handCode(await promised(handle.hand.offer)),
  answer: (code) => promised(handle.hand.answer(code)),
})

/**
 * A contact as its user holds it. Everything is made when it is asked for: of ten thousand contacts most are not looked at. What a
 * getter gives may be passed on by itself.
 */
class ContactFace implements Contact {
  readonly id: string
  readonly #engine: Engine
  readonly #handle: ContactHandle

  constructor(engine: Engine, handle: ContactHandle) {
    this.id = handle.id
    this.#engine = engine
    this.#handle = handle
  }

  get name() {
    return this.#handle.name()
  }
  get pairedAt() {
    return this.#handle.pairedAt()
  }
  get connection() {
    return this.#handle.connection
  }
  get session() {
    return this.#handle.session
  }
  get safetyNumber() {
    const prints = this.#handle.fingerprints()
    return prints && safetyNumberFace(prints)
  }
  get verified() {
    return this.#handle.verified
  }
  get typing() {
    return this.#handle.typing
  }
  get unread() {
    return this.#handle.unread
  }
  get last() {
    return this.#handle.last
  }
  get machines() {
    return this.#handle.machines
  }
  get verify(): Contact["verify"] {
    return (matches = true) => promised(this.#handle.verify(matches))
  }
  get continueUnverified(): Contact["continueUnverified"] {
    return () => promised(this.#handle.continueUnverified)
  }
  get renewKeys(): Contact["renewKeys"] {
    return () => promised(this.#handle.renewKeys)
  }
  get reclaim(): Contact["reclaim"] {
    return () => promised(this.#handle.reclaim)
  }
  get block(): Contact["block"] {
    return () => promised(this.#handle.block)
  }
  get unblock(): Contact["unblock"] {
    return () => promised(this.#handle.unblock)
  }
  get remove(): Contact["remove"] {
    return () => promised(this.#engine.remove(this.#handle))
  }
  get send(): Contact["send"] {
    return async (text, options = {}) => {
      const lifetime = options.expiresIn === undefined ? undefined : toMillis(options.expiresIn)
      if (options.expiresIn !== undefined && lifetime === undefined) {
        throw new SottoError("optionInvalid", 'expiresIn is a duration, such as "1 hour".')
      }
      const { replyTo } = options
      const sendOptions = { ...(lifetime !== undefined && { lifetime }), ...(replyTo !== undefined && { replyTo }) }
      return sentFace(await promised(this.#handle.conversation.send(text, sendOptions)))
    }
  }
  get edit(): Contact["edit"] {
    return (id, text) => promised(this.#handle.conversation.edit(id, text))
  }
  get delete(): Contact["delete"] {
    return (id, options) => promised(this.#handle.conversation.remove(id, options.for))
  }
  get react(): Contact["react"] {
    return (id, emoji) => promised(this.#handle.conversation.react(id, emoji))
  }
  get timer() {
    return this.#handle.conversation.timer
  }
  get setTimer(): Contact["setTimer"] {
    return async ({ after, from = "reading" }) => {
      const millis = after === null ? null : toMillis(after)
      if (millis === undefined) throw new SottoError("optionInvalid", 'after is a duration, such as "1 day", or null.')
      await promised(this.#handle.conversation.setTimer(millis === null ? undefined : { after: millis, from }))
    }
  }
  get clear(): Contact["clear"] {
    return () => promised(this.#handle.conversation.clear)
  }
  get changes(): Contact["changes"] {
    return { [Symbol.asyncIterator]: () => changesOf(this.#handle) }
  }
  get messages(): Contact["messages"] {
    return (options = {}) => ({ [Symbol.asyncIterator]: () => messagesOf(this.#handle, options.after) })
  }
  get history(): Contact["history"] {
    return ({ before, limit = PAGE } = {}) =>
      promised(this.#handle.conversation.page({ limit, ...(before !== undefined && { before }) }))
  }
  get message(): Contact["message"] {
    return (id) => promised(this.#handle.conversation.find(id))
  }
  get markRead(): Contact["markRead"] {
    return (cursor) => promised(this.#handle.markRead(cursor))
  }
  get setTyping(): Contact["setTyping"] {
    return (active) => void Effect.runFork(this.#handle.setTyping(active))
  }
  get connect(): Contact["connect"] {
    return () => promised(this.#handle.connect)
  }
  get offer(): Contact["offer"] {
    return async () => handCode(await promised(Effect.flatMap(this.#engine.hand(this.#handle), (hand) => hand.offer)))
  }
  get reply(): Contact["reply"] {
    return async (code) =>
      handCode(await promised(Effect.flatMap(this.#engine.hand(this.#handle), (hand) => hand.reply(code))))
  }
  get answer(): Contact["answer"] {
    return (code) => promised(Effect.flatMap(this.#engine.hand(this.#handle), (hand) => hand.answer(code)))
  }
}

export const contactFace = (engine: Engine, handle: ContactHandle): Contact => new ContactFace(engine, handle)

const safetyNumberFace = ({ digits, matches, qrPayload }: Fingerprints): SafetyNumber => {
  const code = toBase64url(qrPayload)
  return {
    digits,
    qr: () => toQrSvg(code),
    matches: (scanned) => {
      const payload = fromBase64url(scanned.trim())
      return payload !== undefined && matches(payload)
    },
  }
}

/** How far each state is; a message that will not arrive is beyond reach. */
const RANK: Readonly<Record<DeliveryState, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  read: 3,
  failed: -1,
  expired: -1,
}

const sentFace = (sent: Sent): SentMessage => ({
  ...sent,
  until: (wanted) =>
    new Promise((resolve, reject) => {
      let end: (() => void) | undefined
      let settled = false
      const settle = (act: () => void) => {
        settled = true
        end?.()
        act()
      }
      end = sent.state.subscribe((state) => {
        if (settled) return
        if (RANK[state] >= RANK[wanted]) settle(resolve)
        else if (RANK[state] < 0) {
          settle(() =>
            reject(
              new SottoError(
                "messageFailed",
                "The message did not arrive and will not. Send it again if it still matters.",
              ),
            ),
          )
        }
      })
      if (settled) end()
    }),
})

/** Changes from now on, until the reader stops or the contact is gone. */
const changesOf = (handle: ContactHandle): AsyncIterator<MessageChange> => {
  const { next, stop } = handle.conversation.listen()
  const done = { done: true, value: undefined } as const
  return {
    next: async () => {
      const change = await promised(next)
      return change === undefined ? done : { done: false, value: change }
    },
    return: async () => {
      stop()
      return done
    },
  }
}

/** History from a cursor on, then what is added, until the reader stops or the contact is gone. */
const messagesOf = (handle: ContactHandle, after: string | undefined): AsyncIterator<Message> => {
  const { conversation } = handle
  const queue: Array<Message> = []
  let cursor = after ?? ""
  let ended = false
  let wake: (() => void) | undefined
  const stopWatching = conversation.length.subscribe(() => wake?.())
  const done = { done: true, value: undefined } as const
  void Effect.runPromise(handle.gone).then(() => {
    ended = true
    wake?.()
  })

  const pull = async (): Promise<IteratorResult<Message>> => {
    while (!ended) {
      const next = queue.shift()
      if (next !== undefined) {
        cursor = next.cursor
        return { done: false, value: next }
      }
      const changed = new Promise<void>((resolve) => {
        wake = resolve
      })
      queue.push(...(await promised(conversation.page({ after: cursor, limit: PAGE }))))
      if (queue.length === 0) await changed
    }
    return done
  }

  return {
    next: pull,
    return: async () => {
      ended = true
      stopWatching()
      wake?.()
      return done
    },
  }
}
