/**
 * Connecting by hand: two codes, each way one, and no service between. For a first pairing the offer travels inside the
 * invite; later it travels alone. Docs: protocol.md, "By hand".
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { fromBase64url, toBase64url } from "../crypto/bytes.ts"
import { SottoError } from "../errors.ts"
import { orSottoError } from "../failures.ts"
import { encodeInvite, type Invite } from "../handshake/invite.ts"
import type { HandOffer, HandTransport } from "../transport.ts"
import type { ContactHandle } from "./contact-handle.ts"

/** Pairing by codes that people carry. */
export interface Hand {
  /** Our code. A new one replaces the last, whose answer then comes too late. */
  readonly offer: Effect.Effect<string, SottoError>
  /** Takes the answer to our last offer. */
  readonly answer: (code: string) => Effect.Effect<void, SottoError>
  /** Answers the peer's code; without one, the offer that came with the invite. */
  readonly reply: (code?: string) => Effect.Effect<string, SottoError>
  /** The offer that came with the invite. */
  readonly remember: (offer: Uint8Array) => void
}

const OFFER = "sottooffer1_"
const ANSWER = "sottoanswer1_"

const invalid = (what: string) =>
  new SottoError("codeInvalid", `This is not ${what}. Copy all of it from the other side's screen, then try again.`)

const encode = (prefix: string, code: Uint8Array): string => prefix + toBase64url(code)

const decode = (prefix: string, text: string): Uint8Array | undefined => {
  const compact = text.length > 4_096 ? "" : text.replaceAll(/\s/g, "")
  return compact.startsWith(prefix) ? fromBase64url(compact.slice(prefix.length)) : undefined
}

/** For one contact, as long as `within` is open. `invite` while it has not been used. */
export const handPairing = (
  transport: HandTransport | undefined,
  contact: ContactHandle,
  within: Scope.Closeable,
  invite: Invite | undefined,
): Hand => {
  let offered: { readonly scope: Scope.Closeable; readonly offer: HandOffer } | undefined
  let remembered: Uint8Array | undefined

  const needed = Effect.suspend(() =>
    transport === undefined
      ? new SottoError("notSupported", "Connecting by hand is not set up. Pass manual() to createMessenger.")
      : Effect.succeed(transport),
  )

  const isNew = () => invite !== undefined && contact.pairedAt() === undefined

  return {
    remember: (offer) => {
      remembered = offer.slice()
    },

    offer: Effect.gen(function* () {
      const hand = yield* needed
      if (offered !== undefined) yield* Scope.close(offered.scope, Exit.void)
      const scope = yield* Scope.fork(within)
      const offer = yield* orSottoError(Scope.provide(hand.offer, scope))
      offered = { scope, offer }
      return isNew() ? encodeInvite({ ...invite!, hand: offer.code }) : encode(OFFER, offer.code)
    }),

    answer: Effect.fnUntraced(function* (code) {
      yield* needed
      const answer = decode(ANSWER, code)
      if (answer === undefined) return yield* invalid("an answer code")
      if (offered === undefined) {
        return yield* new SottoError("codeInvalid", "There is no offer that this could answer. Show a new code first.")
      }
      const link = yield* orSottoError(offered.offer.accept(answer))
      offered = undefined
      yield* contact.adopt(link, true)
    }),

    reply: Effect.fnUntraced(function* (code) {
      const hand = yield* needed
      const offer = code === undefined ? remembered : decode(OFFER, code)
      if (offer === undefined) return yield* invalid("an offer code")
      const scope = yield* Scope.fork(within)
      const answer = yield* orSottoError(Scope.provide(hand.answer(offer), scope))
      yield* Effect.forkIn(
        Effect.matchEffect(answer.link, {
          // Our own user carried the codes: nobody else is at the other end, whoever began.
          onSuccess: (link) => Effect.ignore(contact.adopt(link, contact.role === "joiner")),
          onFailure: () => Scope.close(scope, Exit.void),
        }),
        within,
      )
      return encode(ANSWER, answer.code)
    }),
  }
}
