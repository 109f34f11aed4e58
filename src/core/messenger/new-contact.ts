/** What a new contact begins with: keys of its own, an invite made or taken, and its first machines. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Founding } from "../contact/contact.ts"
import { INVITER, JOINER, LINK, SESSION, STANDING } from "../contact/machines.ts"
import { RECORD } from "../contact/records.ts"
import { utf8 } from "../crypto/bytes.ts"
import { Crypto } from "../crypto/crypto.ts"
import { encodeInvite, type Invite, MAX_INVITE_NAME_BYTES } from "../handshake/invite.ts"
import { Ahead, FIRST_PRE_KEY_ID } from "../handshake/keys-ahead.ts"
import { makeOneTime, makeOwnStatics, oneTime, ownStatics } from "../handshake/own-keys.ts"
import { hashStaticPublic } from "../handshake/static-keys.ts"
import { VERSION } from "../handshake/suites.ts"
import type { Address } from "../transport.ts"

/** An invite is no longer than this as text, unless a name of the broker alone makes it so; names give way. */
export const MAX_INVITE_CHARACTERS = 300

interface NewContact {
  readonly founding: Founding
  readonly invite: Invite
}

/** The inviter's side: makes the keys, and the invite that commits to them. `lifetime` in milliseconds. */
export const foundInviter = Effect.fnUntraced(function* (options: {
  readonly name: string
  readonly withName: boolean
  readonly lifetime: number
  readonly own: ReadonlyArray<Address>
}): Effect.fn.Return<NewContact, never, Crypto> {
  const { lifetime, name, own, withName } = options
  const crypto = yield* Crypto
  const now = yield* Clock.currentTimeMillis
  const ahead = (yield* Ahead).forInvite()
  const statics = ahead?.statics ?? (yield* makeOwnStatics)
  const prepared = ahead?.oneTime ?? (yield* makeOneTime({ statics, id: FIRST_PRE_KEY_ID }))
  const invite = withClaim(withName ? fitting(name, MAX_INVITE_NAME_BYTES) : "", {
    version: VERSION,
    id: crypto.random(16),
    secret: crypto.random(32),
    bundleHash: hashStaticPublic(crypto, prepared.offered.statics),
    expiresAt: Math.ceil((now + lifetime) / 1_000),
    meet: [...own],
  })
  return {
    invite,
    founding: {
      about: { role: "inviter", createdAt: now, name: "", own: [...own], peer: [] },
      records: [
        [RECORD.invite, utf8(encodeInvite(invite))],
        [RECORD.ownStatics, ownStatics.encode(statics)],
        [RECORD.oneTime, oneTime.encode(prepared)],
        [RECORD.ownName, utf8(name)],
      ],
      start: [
        { start: SESSION, input: { role: "inviter" } },
        { start: STANDING, input: { restored: false } },
        { start: INVITER, input: { lifetime } },
        { start: LINK, input: undefined },
      ],
    },
  }
})

/** The joiner's side of an invite that was decoded and has not expired. */
export const foundJoiner = Effect.fnUntraced(function* (options: {
  readonly name: string
  readonly invite: Invite
  readonly own: ReadonlyArray<Address>
}): Effect.fn.Return<Founding, never, Crypto> {
  const { invite, name, own } = options
  const now = yield* Clock.currentTimeMillis
  const { hand: _, ...kept } = invite
  return {
    about: { role: "joiner", createdAt: now, name: invite.name ?? "", own: [...own], peer: [...invite.meet] },
    records: [
      [RECORD.invite, utf8(encodeInvite(kept))],
      [RECORD.ownStatics, ownStatics.encode(yield* makeOwnStatics)],
      [RECORD.ownName, utf8(name)],
    ],
    start: [
      { start: SESSION, input: { role: "joiner" } },
      { start: STANDING, input: { restored: false } },
      { start: JOINER, input: { lifetime: Math.max(0, invite.expiresAt * 1_000 - now) } },
      { start: LINK, input: undefined },
    ],
  }
})

/** With as much of the name as a comfortable QR code has room for. */
const withClaim = (name: string, invite: Invite): Invite => {
  if (name === "") return invite
  const claiming = { ...invite, name }
  return encodeInvite(claiming).length <= MAX_INVITE_CHARACTERS
    ? claiming
    : withClaim(fitting(name, utf8(name).length - 1), invite)
}

/** As many whole characters as fit. */
const fitting = (name: string, maxBytes: number): string => {
  let fits = ""
  for (const character of name) {
    if (utf8(fits + character).length > maxBytes) break
    fits += character
  }
  return fits
}
