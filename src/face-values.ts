/** The engine's handles as values of the public face. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
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
  const exit = await Effect.runPromiseExit(effect)
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

export const contactFace = (engine: Engine, handle: ContactHandle): Contact => {
  const { conversation } = handle
  return {
    id: handle.id,
    get name() {
      return handle.name()
    },
    get pairedAt() {
      return handle.pairedAt()
    },
    connection: handle.connection,
    session: handle.session,
    get safetyNumber() {
      const prints = handle.fingerprints()
      return prints && safetyNumberFace(prints)
    },
    verified: handle.verified,
    typing: handle.typing,
    unread: handle.unread,
    last: handle.last,
    machines: handle.machines,
    verify: (matches = true) => promised(handle.verify(matches)),
    continueUnverified: () => promised(handle.continueUnverified),
    renewKeys: () => promised(handle.renewKeys),
    reclaim: () => promised(handle.reclaim),
    block: () => promised(handle.block),
    unblock: () => promised(handle.unblock),
    remove: () => promised(engine.remove(handle)),
    send: async (text, options = {}) => {
      const lifetime = options.expiresIn === undefined ? undefined : toMillis(options.expiresIn)
      if (options.expiresIn !== undefined && lifetime === undefined) {
        throw new SottoError("optionInvalid", 'expiresIn is a duration, such as "1 hour".')
      }
      const { replyTo } = options
      const sendOptions = { ...(lifetime !== undefined && { lifetime }), ...(replyTo !== undefined && { replyTo }) }
      return sentFace(await promised(conversation.send(text, sendOptions)))
    },
    edit: (id, text) => promised(conversation.edit(id, text)),
    delete: (id, options) => promised(conversation.remove(id, options.for)),
    react: (id, emoji) => promised(conversation.react(id, emoji)),
    timer: conversation.timer,
    setTimer: async ({ after, from = "reading" }) => {
      const millis = after === null ? null : toMillis(after)
      if (millis === undefined) throw new SottoError("optionInvalid", 'after is a duration, such as "1 day", or null.')
      await promised(conversation.setTimer(millis === null ? undefined : { after: millis, from }))
    },
    clear: () => promised(conversation.clear),
    changes: { [Symbol.asyncIterator]: () => changesOf(handle) },
    messages: (options = {}) => ({ [Symbol.asyncIterator]: () => messagesOf(handle, options.after) }),
    history: ({ before, limit = PAGE } = {}) =>
      promised(conversation.page({ limit, ...(before !== undefined && { before }) })),
    message: (id) => promised(conversation.find(id)),
    markRead: (cursor) => promised(handle.markRead(cursor)),
    setTyping: (active) => void Effect.runFork(handle.setTyping(active)),
    connect: () => promised(handle.connect),
    offer: async () => handCode(await promised(Effect.flatMap(engine.hand(handle), (hand) => hand.offer))),
    reply: async (code) => handCode(await promised(Effect.flatMap(engine.hand(handle), (hand) => hand.reply(code)))),
    answer: (code) => promised(Effect.flatMap(engine.hand(handle), (hand) => hand.answer(code))),
  }
}

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
  void Effect.runPromise(handle.live.ended).then(() => {
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
