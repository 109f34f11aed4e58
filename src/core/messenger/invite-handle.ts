/** An invite as the engine gives it out, from its making until somebody has used it or nobody will. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { INVITER } from "../contact/machines.ts"
import { SottoError } from "../errors.ts"
import { orSottoError } from "../failures.ts"
import { encodeInvite, type Invite } from "../handshake/invite.ts"
import { toHex } from "../hex.ts"
import { type Cell, cell, type Observable } from "../observable.ts"
import type { ContactHandle } from "./contact-handle.ts"
import { nameOf } from "./contact-view.ts"
import type { Hand } from "./hand-pairing.ts"
import type { InviteState } from "./values.ts"

/** An invite from its making until somebody has used it or nobody will. */
export interface InviteHandle {
  /** In hexadecimal: the pairing's name on the wire. */
  readonly id: string
  /** The invite as a link, behind its `#`. */
  readonly url: string
  /** The invite alone. */
  readonly text: string
  /** Milliseconds of the wall clock. */
  readonly expiresAt: number
  /** What became of it. */
  readonly state: Observable<InviteState>
  /** The contact, once paired; fails when the invite ends otherwise. */
  readonly joined: Effect.Effect<ContactHandle, SottoError>
  /** Nobody can use it any more. */
  readonly cancel: Effect.Effect<void, SottoError>
  /** The steps of a pairing by codes that people carry. */
  readonly hand: Hand
  /** Whether a decoded invite is this one. */
  readonly isOf: (invite: Invite) => boolean
  /** The contact's host has changed. */
  readonly changed: () => void
  /** Pairing came to an end. */
  readonly ended: (paired: boolean) => void
}

export const makeInviteHandle = (options: {
  readonly invite: Invite
  readonly contact: ContactHandle
  readonly appUrl: string
  readonly hand: Hand
}): InviteHandle => {
  const { appUrl, contact, hand, invite } = options
  const text = encodeInvite(invite)
  const state: Cell<InviteState> = cell<InviteState>("waiting")
  const joined = Deferred.makeUnsafe<ContactHandle, SottoError>()
  let cancelled = false
  return {
    id: toHex(invite.id),
    text,
    url: `${appUrl.replace(/#.*$/, "")}#${text}`,
    expiresAt: invite.expiresAt * 1_000,
    state,
    hand,
    joined: Deferred.await(joined),
    isOf: (other) => toHex(other.id) === toHex(invite.id),
    changed: () => {
      const machine = contact.live.host.view(INVITER)?.state
      if (machine === undefined) return
      const isWaiting = /^pairing\.(awaitingHello|checkingHello)$/.test(nameOf(machine))
      state.set(isWaiting ? "waiting" : "joining")
    },
    ended: (paired) => {
      state.set(paired ? "used" : cancelled ? "cancelled" : "expired")
      Deferred.doneUnsafe(
        joined,
        paired
          ? Effect.succeed(contact)
          : cancelled
            ? Effect.fail(new SottoError("inviteCancelled", "The invite was cancelled. Create a new one."))
            : Effect.fail(new SottoError("inviteExpired", "Nobody used the invite in time. Create a new one.")),
      )
    },
    cancel: Effect.suspend(() => {
      cancelled = true
      // A cancelled invite takes its host with it, perhaps before the host has answered.
      return Effect.ignore(
        contact.use(({ host }) => orSottoError(host.submit({ to: INVITER, event: { type: "Cancelled" } }))),
      )
    }),
  }
}
