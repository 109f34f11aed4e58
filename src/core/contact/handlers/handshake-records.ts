/** What both sides of a handshake read and write. Docs: protocol.md, "Handshake". */
import * as Effect from "effect/Effect"
import { fromUtf8 } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import type { Heard } from "../../handshake/agree.ts"
import type { PairingSecret } from "../../handshake/envelope.ts"
import { decodeInvite, type Invite } from "../../handshake/invite.ts"
import { type OwnStatics, ownStatics } from "../../handshake/own-keys.ts"
import { type StaticPublic, staticPublic } from "../../handshake/static-keys.ts"
import { recoveryId, recoverySecret } from "../../handshake/transcript.ts"
import type { At } from "../../host/handlers.ts"
import { SESSION } from "../machines.ts"
import {
  type About,
  AGAIN,
  about,
  type Desk,
  FIRST,
  type Greeting,
  greetings,
  pairingSecret,
  RECORD,
  recoverySecrets,
} from "../records.ts"

/** A record that must be there: the machine's state says so. Its absence is damage, and ends the turn as a fault. */
export const must = <A>(value: A | undefined, record: string): A => {
  if (value === undefined) throw new TypeError(`the record "${record}" is missing or damaged`)
  return value
}

export const readInvite = Effect.fnUntraced(function* (at: At): Effect.fn.Return<Invite> {
  const invite = decodeInvite(fromUtf8((yield* at.read(RECORD.invite)) ?? new Uint8Array()) ?? "")
  return must(typeof invite === "string" ? undefined : invite, RECORD.invite)
})

/** Whether it is a handshake beside a running session. */
export const isAgain = (at: At): boolean => at.key === "again"

export const deskAt = (at: At): Desk => (isAgain(at) ? AGAIN : FIRST)

/** The invite's secret, or the recovery secret in whose name a handshake began beside a running session. */
export const readPairing = Effect.fnUntraced(function* (at: At): Effect.fn.Return<PairingSecret> {
  if (isAgain(at)) return must(pairingSecret.decode((yield* at.read(AGAIN.secret)) ?? new Uint8Array()), AGAIN.secret)
  const { id, secret } = yield* readInvite(at)
  return { id, secret }
})

/** The hash of the identity that we know the peer by: the invite's, or that of the contact. */
export const readKnownPeer = Effect.fnUntraced(function* (at: At, crypto: CryptoService): Effect.fn.Return<Uint8Array> {
  if (!isAgain(at)) return (yield* readInvite(at)).bundleHash
  return crypto.sha256(must(yield* at.read(RECORD.peerStatics), RECORD.peerStatics))
})

export const readOwnStatics = Effect.fnUntraced(function* (at: At): Effect.fn.Return<OwnStatics> {
  return must(ownStatics.decode((yield* at.read(RECORD.ownStatics)) ?? new Uint8Array()), RECORD.ownStatics)
})

export const readAbout = Effect.fnUntraced(function* (at: At): Effect.fn.Return<About> {
  return must(about.decode((yield* at.read(RECORD.about)) ?? new Uint8Array()), RECORD.about)
})

/** The Hellos that our peer made, as far as we remember them. */
export const readGreetings = Effect.fnUntraced(function* (at: At): Effect.fn.Return<ReadonlyArray<Greeting>> {
  const bytes = yield* at.read(deskAt(at).greetings)
  return bytes === undefined ? [] : must(greetings.decode(bytes), RECORD.greetings)
})

/** The Hello that we made, and the channel that it went over. */
export const readHeard = Effect.fnUntraced(function* (at: At): Effect.fn.Return<Heard> {
  return {
    pairing: yield* readPairing(at),
    hello: must(yield* at.read(deskAt(at).hello), RECORD.hello),
    binding: nonEmpty(yield* at.read(deskAt(at).binding)),
  }
})

/** Under which name the channel binding of a link comes attached to the events that need it. */
export const bindingOf = (link: string): string => `binding/${link}`

/** An empty binding record stands for a link without one. */
export const nonEmpty = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined || bytes.length === 0 ? undefined : bytes

/**
 * An identity that is not the one we know is kept apart, and told to the session: nothing is agreed with it, nor sent, until
 * our user has decided.
 */
export const identityChanged = (peer: StaticPublic) => ({
  write: [[RECORD.candidate, staticPublic.encode(peer)] as const],
  tell: [{ to: SESSION, event: { type: "IdentityChanged" } } as const],
})

/** The record of the peer's identity; a handshake comes so far only with the one that we know. */
export const keptPeer = (peer: StaticPublic) => [RECORD.peerStatics, staticPublic.encode(peer)] as const

/** The recovery secret that goes with the new keys: in use at once after pairing, beside a running session once both have shown them. */
export const nextSecret = (at: At, crypto: CryptoService, secret: Uint8Array, transcript: Uint8Array) => {
  const next = {
    id: recoveryId(crypto, secret, transcript),
    secret: recoverySecret(crypto, secret, transcript),
  }
  return isAgain(at)
    ? ([AGAIN.recovery, pairingSecret.encode(next)] as const)
    : ([RECORD.recovery, recoverySecrets.encode([next])] as const)
}
