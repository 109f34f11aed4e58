/** The contacts and invites that an open storage holds, each with a host of its own. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Founding } from "../contact/contact.ts"
import { RECORD } from "../contact/records.ts"
import { fromUtf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import type { SottoError } from "../errors.ts"
import { decodeInvite, type Invite } from "../handshake/invite.ts"
import type { Conflict, HostId, StoreService, Unavailable } from "../store.ts"
import type { HandTransport, Listener, Transport } from "../transport.ts"
import { type ContactHandle, type ContactHandleOptions, openContactHandle } from "./contact-handle.ts"
import { orSottoError } from "./failures.ts"
import { type Hand, handPairing } from "./hand-pairing.ts"
import { type InviteHandle, makeInviteHandle } from "./invite-handle.ts"

/** One contact's host and what hangs on it: it is an invite until somebody has used it. */
export interface Held {
  readonly contact: ContactHandle
  readonly scope: Scope.Closeable
  readonly invite: InviteHandle | undefined
  readonly hand: Hand
}

/** What a host begins with; only the id for one that the storage has. */
export interface Begin {
  readonly id: HostId
  readonly founding?: Founding
  readonly listeners?: ReadonlyArray<Listener>
  readonly invite?: Invite
}

export interface CircleOptions extends Pick<ContactHandleOptions, "settings" | "publish" | "inspected"> {
  readonly crypto: CryptoService
  readonly store: StoreService
  readonly transports: ReadonlyArray<Transport>
  readonly byHand: HandTransport | undefined
  readonly appUrl: string
  /** The lists are not what they were. */
  readonly changed: () => void
  /** A host ended by itself: its storage failed, or somebody else wrote to it. */
  readonly ended: (why: Exit.Exit<never, Conflict | Unavailable>) => Effect.Effect<void>
}

export interface Circle {
  readonly held: ReadonlyMap<HostId, Held>
  readonly contacts: () => ReadonlyArray<ContactHandle>
  readonly invites: () => ReadonlyArray<InviteHandle>
  /** Opens or founds a host; it lives as long as `within`. */
  readonly hold: (within: Scope.Closeable, begin: Begin) => Effect.Effect<Held, SottoError>
  /** Opens hosts that the storage has; a failure leaves the circle half open, and of no use. */
  readonly holdAll: (within: Scope.Closeable, ids: ReadonlyArray<HostId>) => Effect.Effect<void, SottoError>
  readonly erase: (held: Held) => Effect.Effect<void, SottoError>
}

export const makeCircle = (options: CircleOptions): Circle => {
  const { appUrl, byHand, crypto, ended, inspected, publish, settings, store, transports } = options
  const held = new Map<HostId, Held>()
  /** While a storage is read, the lists would be sorted anew for every contact in it. */
  let holdingAll = false
  const changed = () => {
    if (!holdingAll) options.changed()
  }

  const isInvite = ({ contact, invite }: Held) => invite !== undefined && contact.pairedAt() === undefined

  const erase = Effect.fnUntraced(function* (one: Held): Effect.fn.Return<void, SottoError> {
    held.delete(one.contact.id)
    yield* Scope.close(one.scope, Exit.void)
    changed()
    yield* orSottoError(store.erase(one.contact.id))
  })

  /** The invite of a host that was opened again; undefined once pairing is over. */
  const inviteOf = Effect.fnUntraced(function* (id: HostId) {
    const bytes = yield* orSottoError(store.read(id, RECORD.invite))
    const invite = bytes === undefined ? "notAnInvite" : decodeInvite(fromUtf8(bytes) ?? "")
    return typeof invite === "string" ? undefined : invite
  })

  const circle: Circle = {
    held,
    erase,

    contacts: () => {
      const latest = ({ contact }: Held) => contact.last.get()?.at ?? contact.pairedAt() ?? contact.createdAt
      return [...held.values()]
        .filter((one) => !isInvite(one))
        .sort((a, b) => latest(b) - latest(a))
        .map(({ contact }) => contact)
    },

    invites: () => [...held.values()].filter(isInvite).map(({ invite }) => invite!),

    hold: Effect.fnUntraced(function* (within, { founding, id, invite: made, listeners }) {
      let one: Held | undefined
      let handle: InviteHandle | undefined
      /** An invite that came to nothing leaves nothing behind; a contact whose pairing failed is shown until removed. */
      let isOver = false
      const eraseInvite = Effect.suspend(() => (one === undefined ? Effect.void : Effect.ignore(erase(one))))
      const contact = yield* Scope.provide(
        openContactHandle({
          id,
          crypto,
          store,
          transports,
          settings,
          publish,
          inspected,
          ...(founding && { founding }),
          ...(listeners && { listeners }),
          listChanged: () => {
            handle?.changed()
            changed()
          },
          pairingEnded: (paired) => {
            handle?.ended(paired)
            isOver = !paired
            if (isOver && handle !== undefined) Effect.runFork(eraseInvite)
            changed()
          },
        }),
        within,
      )
      const isOurs = contact.role === "inviter" && contact.pairedAt() === undefined
      const invite = made ?? (isOurs ? yield* inviteOf(id) : undefined)
      if (isOurs && invite !== undefined) {
        handle = makeInviteHandle({ invite, contact, appUrl, hand: handPairing(byHand, contact, within, invite) })
      }
      one = { contact, scope: within, invite: handle, hand: handPairing(byHand, contact, within, undefined) }
      held.set(id, one)
      yield* Effect.forkIn(
        Effect.flatMap(contact.live.ended, (why) => (held.has(id) ? ended(why) : Effect.void)),
        within,
      )
      // It may have run out while nobody was looking.
      if (isOurs && (isOver || invite === undefined)) yield* eraseInvite
      changed()
      return one
    }),

    holdAll: Effect.fnUntraced(function* (within, ids) {
      holdingAll = true
      for (const id of ids) yield* circle.hold(yield* Scope.fork(within), { id })
      holdingAll = false
      changed()
    }),
  }
  return circle
}
