/** What both sides of a handshake read and write. Docs: protocol.md, "Handshake". */
import * as Effect from "effect/Effect"
import { equal, fromUtf8 } from "../../crypto/bytes.ts"
import type { Heard } from "../../handshake/agree.ts"
import type { PairingSecret } from "../../handshake/envelope.ts"
import { decodeInvite, type Invite } from "../../handshake/invite.ts"
import { type OwnStatics, ownStatics } from "../../handshake/own-keys.ts"
import { type StaticPublic, staticPublic } from "../../handshake/static-keys.ts"
import type { At } from "../../host/handlers.ts"
import { SESSION } from "../machines.ts"
import { type About, about, type Greeting, greetings, RECORD } from "../records.ts"

/** A record that must be there: the machine's state says so. Its absence is damage, and ends the turn as a fault. */
export const must = <A>(value: A | undefined, record: string): A => {
  if (value === undefined) throw new TypeError(`the record "${record}" is missing or damaged`)
  return value
}

export const readInvite = Effect.fnUntraced(function* (at: At): Effect.fn.Return<Invite> {
  const invite = decodeInvite(fromUtf8((yield* at.read(RECORD.invite)) ?? new Uint8Array()) ?? "")
  return must(typeof invite === "string" ? undefined : invite, RECORD.invite)
})

export const pairingOf = ({ id, secret }: Invite): PairingSecret => ({ id, secret })

export const readOwnStatics = Effect.fnUntraced(function* (at: At): Effect.fn.Return<OwnStatics> {
  return must(ownStatics.decode((yield* at.read(RECORD.ownStatics)) ?? new Uint8Array()), RECORD.ownStatics)
})

export const readAbout = Effect.fnUntraced(function* (at: At): Effect.fn.Return<About> {
  return must(about.decode((yield* at.read(RECORD.about)) ?? new Uint8Array()), RECORD.about)
})

/** The Hellos that our peer made, as far as we remember them. */
export const readGreetings = Effect.fnUntraced(function* (at: At): Effect.fn.Return<ReadonlyArray<Greeting>> {
  const bytes = yield* at.read(RECORD.greetings)
  return bytes === undefined ? [] : must(greetings.decode(bytes), RECORD.greetings)
})

/** The Hello that we made, and the channel that it went over. */
export const readHeard = Effect.fnUntraced(function* (at: At): Effect.fn.Return<Heard> {
  return {
    pairing: pairingOf(yield* readInvite(at)),
    hello: must(yield* at.read(RECORD.hello), RECORD.hello),
    binding: nonEmpty(yield* at.read(RECORD.binding)),
  }
})

/** Under which name the channel binding of a link comes attached to the events that need it. */
export const bindingOf = (link: string): string => `binding/${link}`

/** An empty binding record stands for a link without one. */
export const nonEmpty = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined || bytes.length === 0 ? undefined : bytes

/**
 * The record of the peer's identity. One that replaces another is told to the session, which must not go on as if nothing
 * had happened.
 */
export const keepPeer = Effect.fnUntraced(function* (at: At, peer: StaticPublic) {
  const encoded = staticPublic.encode(peer)
  const before = yield* at.read(RECORD.peerStatics)
  const changed = before !== undefined && !equal(before, encoded)
  return {
    write: [RECORD.peerStatics, encoded] as const,
    tell: changed ? [{ to: SESSION, event: { type: "IdentityChanged" } } as const] : [],
  }
})
