/** Making an invite, looking at one, and using one. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { Crypto, type CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { toSottoError } from "../failures.ts"
import { decodeInvite, type Invite } from "../handshake/invite.ts"
import { Ahead } from "../handshake/keys-ahead.ts"
import { toHex } from "../hex.ts"
import type { HandTransport, Listener, Transport, Unreachable } from "../transport.ts"
import type { Circle } from "./circle.ts"
import type { ContactHandle } from "./contact-handle.ts"
import { toMillis } from "./duration.ts"
import type { InviteHandle } from "./invite-handle.ts"
import { foundInviter, foundJoiner } from "./new-contact.ts"
import type { InviteOptions, InvitePreview } from "./values.ts"

/** An invite is good for this long unless it says otherwise, in milliseconds. */
const DEFAULT_LIFETIME = 10 * 60_000
const MAX_LIFETIME = 30 * 24 * 60 * 60_000
/** A joiner does not wait longer than this for addresses of its own: the inviter's are enough to begin with. */
const LISTEN_PATIENCE = 3_000

/** What pairing works with: the open circle, and how peers can be reached. */
export interface Around {
  readonly circle: Circle
  readonly scope: Scope.Scope
  readonly crypto: CryptoService
  readonly transports: ReadonlyArray<Transport>
  readonly byHand: HandTransport | undefined
  /** What our user is called. */
  readonly name: string
}

export const makeInvite = Effect.fnUntraced(function* (
  { byHand, circle, crypto, name, scope, transports }: Around,
  { expiresIn, via, withName = true }: InviteOptions,
): Effect.fn.Return<InviteHandle, SottoError> {
  const lifetime = expiresIn === undefined ? DEFAULT_LIFETIME : toMillis(expiresIn)
  if (lifetime === undefined || lifetime > MAX_LIFETIME) {
    return yield* new SottoError("optionInvalid", 'expiresIn is a duration up to 30 days, such as "10 minutes".')
  }
  const isWanted = (kind: string) => via === undefined || via.includes(kind)
  const wanted = transports.filter(({ kind }) => isWanted(kind))
  if (wanted.length === 0 && (byHand === undefined || !isWanted(byHand.kind))) {
    return yield* new SottoError("noTransport", "None of these transports was given to createMessenger.")
  }
  const within = yield* Scope.fork(scope)
  const making = Effect.gen(function* () {
    const { failure, listeners } = yield* Scope.provide(listenOn(wanted), within)
    if (listeners.length === 0 && failure !== undefined) return yield* toSottoError(failure)
    const own = listeners.map(({ address }) => address)
    const made = Effect.provideService(foundInviter({ name, withName, lifetime, own }), Ahead, circle.ahead)
    const { founding, invite } = yield* Effect.provideService(made, Crypto, crypto)
    return yield* circle.hold(within, { id: toHex(crypto.random(16)), founding, listeners, invite })
  })
  const { invite } = yield* Effect.onError(making, () => Scope.close(within, Exit.void))
  return invite!
})

/** What an invite says. Nothing is contacted. */
export const previewInvite = Effect.fnUntraced(function* (
  transports: ReadonlyArray<Transport>,
  textOrUrl: string,
): Effect.fn.Return<InvitePreview, SottoError> {
  const { expiresAt, hand, meet, name: claimedName } = yield* readInvite(textOrUrl)
  const services = meet.flatMap((address) => transports.flatMap((transport) => transport.services(address) ?? []))
  return {
    claimedName,
    expiresAt: expiresAt * 1_000,
    services: [...new Set(services)],
    byHand: hand !== undefined || meet.length === 0,
  }
})

export const useInvite = Effect.fnUntraced(function* (
  { byHand, circle, crypto, name, scope, transports }: Around,
  textOrUrl: string,
): Effect.fn.Return<ContactHandle, SottoError> {
  const invite = yield* readInvite(textOrUrl)
  // The contact's id follows from the invite, so that using one twice comes to the same contact.
  const id = toHex(crypto.sha256(invite.id).slice(0, 16))
  const before = circle.held.get(id)
  if (before !== undefined) return before.contact
  if (circle.invites().some((own) => own.isOf(invite))) {
    return yield* new SottoError("inviteOwn", "This is your own invite. Send it to the person you want to talk to.")
  }
  const reachable = invite.meet.some(({ kind }) => transports.some((transport) => transport.kind === kind))
  if (!reachable && (invite.hand === undefined || byHand === undefined)) {
    return yield* new SottoError("notSupported", "This invite needs a way to connect that is not set up here.")
  }
  const within = yield* Scope.fork(scope)
  const taking = Effect.gen(function* () {
    const listening = Effect.timeoutOrElse(listenOn(transports), {
      duration: LISTEN_PATIENCE,
      orElse: () => Effect.succeed(NOBODY),
    })
    const { listeners } = invite.hand === undefined ? yield* Scope.provide(listening, within) : NOBODY
    const own = listeners.map(({ address }) => address)
    const founding = yield* Effect.provideService(foundJoiner({ name, invite, own }), Crypto, crypto)
    return yield* circle.hold(within, { id, founding, listeners })
  })
  const held = yield* Effect.onError(taking, () => Scope.close(within, Exit.void))
  if (invite.hand !== undefined) (yield* circle.handOf(id)).remember(invite.hand)
  return held.contact
})

const readInvite = Effect.fnUntraced(function* (textOrUrl: string): Effect.fn.Return<Invite, SottoError> {
  const invite = decodeInvite(textOrUrl)
  if (invite === "newer") {
    return yield* new SottoError("inviteNewer", "This invite is from a newer Sotto. Update Sotto, then use it again.")
  }
  if (invite === "damaged") {
    return yield* new SottoError("inviteInvalid", "This invite is damaged. Copy all of it, or ask for a new one.")
  }
  if (invite === "notAnInvite") {
    return yield* new SottoError("inviteInvalid", "This is not a Sotto invite. Paste the whole link or its text.")
  }
  if (invite.expiresAt * 1_000 <= (yield* Clock.currentTimeMillis)) {
    return yield* new SottoError(
      "inviteExpired",
      "This invite has expired by the clock of this device. Ask for a new one; if it is new, set the clock.",
    )
  }
  return invite
})

interface Listening {
  readonly listeners: ReadonlyArray<Listener>
  /** Why one of them could not. */
  readonly failure?: Unreachable
}

const NOBODY: Listening = { listeners: [] }

/** Listens with all of these that can; the others are left out. */
const listenOn = Effect.fnUntraced(function* (
  transports: ReadonlyArray<Transport>,
): Effect.fn.Return<Listening, never, Scope.Scope> {
  const results = yield* Effect.forEach(
    transports,
    (transport) =>
      Effect.match(transport.listen(), {
        onSuccess: (listener): Listening => ({ listeners: [listener] }),
        onFailure: (failure): Listening => ({ listeners: [], failure }),
      }),
    { concurrency: "unbounded" },
  )
  const failure = results.find((result) => result.failure !== undefined)?.failure
  return { listeners: results.flatMap(({ listeners }) => listeners), ...(failure && { failure }) }
})
