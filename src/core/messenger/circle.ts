/** The contacts and invites that an open storage holds. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Founding } from "../contact/contact.ts"
import { RECORD } from "../contact/records.ts"
import { fromUtf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { orSottoError, unavailable } from "../failures.ts"
import { decodeInvite, type Invite } from "../handshake/invite.ts"
import { aheadOnce, type KeysAhead } from "../handshake/keys-ahead.ts"
import type { Conflict, HostId, StoreService, Unavailable } from "../store.ts"
import type { HandTransport, Listener, Transport } from "../transport.ts"
import type { ContactHandle, HandleOptions } from "./contact-handle.ts"
import { type Hand, handPairing } from "./hand-pairing.ts"
import { Handle } from "./handle.ts"
import { type InviteHandle, makeInviteHandle } from "./invite-handle.ts"
import { makeOrder } from "./order.ts"
import { MAX_AWAKE, makeSleeping } from "./sleeping.ts"

/** One contact and what hangs on it: it is an invite until somebody has used it. */
export interface Held {
  readonly contact: Handle
  readonly scope: Scope.Closeable
  readonly invite: InviteHandle | undefined
}

/** What a host begins with; only the id for one that the storage has. */
export interface Begin {
  readonly id: HostId
  readonly founding?: Founding
  readonly listeners?: ReadonlyArray<Listener>
  readonly invite?: Invite
}

export interface CircleOptions extends Pick<HandleOptions, "settings" | "publish" | "inspected" | "carried"> {
  /** What makes keys ahead. */
  readonly making: Effect.Effect<KeysAhead, never, Scope.Scope> | undefined
  readonly crypto: CryptoService
  readonly store: StoreService
  readonly transports: ReadonlyArray<Transport>
  readonly byHand: HandTransport | undefined
  readonly appUrl: string
  /** Contacts without a link that stay open, at most. */
  readonly maxAwake: number | undefined
  /** The lists are not what they were. */
  readonly changed: () => void
  /** A host ended by itself: its storage failed, or somebody else wrote to it. */
  readonly ended: (why: Exit.Exit<never, Conflict | Unavailable>) => Effect.Effect<void>
}

export interface Circle {
  /** Keys of the next pairing, as far as there are some. */
  readonly ahead: KeysAhead
  readonly held: ReadonlyMap<HostId, Held>
  readonly contacts: () => ReadonlyArray<ContactHandle>
  readonly invites: () => ReadonlyArray<InviteHandle>
  /** Opens or founds a host; it lives as long as `within`. */
  readonly hold: (within: Scope.Closeable, begin: Begin) => Effect.Effect<Held, SottoError>
  /** Opens hosts that the storage has; a failure leaves the circle half open, and of no use. */
  readonly holdAll: (within: Scope.Closeable, ids: ReadonlyArray<HostId>) => Effect.Effect<void, SottoError>
  readonly erase: (held: Held) => Effect.Effect<void, SottoError>
  /** Connecting by hand, to a contact that is paired or was invited by the other side. */
  readonly handOf: (id: HostId) => Effect.Effect<Hand, SottoError>
}

export const makeCircle = Effect.fnUntraced(function* (
  options: CircleOptions,
): Effect.fn.Return<Circle, never, Scope.Scope> {
  const {
    appUrl,
    byHand,
    carried,
    crypto,
    ended,
    inspected,
    making,
    maxAwake = MAX_AWAKE,
    publish,
    settings,
    store,
    transports,
  } = options
  const ahead = yield* aheadOnce(making)
  const held = new Map<HostId, Held>()
  const hands = new WeakMap<ContactHandle, Hand>()
  /** Invites by their hosts, from before these are open. */
  const handles = new Map<HostId, InviteHandle>()
  /** Invites that came to nothing before they were held. */
  const over = new Set<HostId>()
  /** While a storage is read, the lists would be sorted anew for every contact in it. */
  let holdingAll = false
  const changed = (id: HostId) => {
    order.changed(id)
    if (!holdingAll) options.changed()
  }

  const order = makeOrder((id) => {
    const one = held.get(id)
    return one === undefined || isInvite(one) ? undefined : one.contact
  })
  const isInvite = ({ contact, invite }: Held) => invite !== undefined && contact.pairedAt() === undefined

  const erase = Effect.fnUntraced(function* (one: Held): Effect.fn.Return<void, SottoError> {
    const { id } = one.contact
    held.delete(id)
    handles.delete(id)
    yield* Scope.close(one.scope, Exit.void)
    one.contact.end()
    changed(id)
    yield* orSottoError(store.erase(id))
  })

  /** An invite that came to nothing leaves nothing behind; a contact whose pairing failed is shown until removed. */
  const eraseInvite = (id: HostId) =>
    Effect.suspend(() => {
      const one = held.get(id)
      return one === undefined ? Effect.void : Effect.ignore(erase(one))
    })

  const shared: HandleOptions = {
    ahead,
    crypto,
    store,
    transports,
    settings,
    publish,
    inspected,
    carried,
    fork: Effect.runForkWith(yield* Effect.context<never>()),
    listChanged: (id) => {
      handles.get(id)?.changed()
      changed(id)
    },
    pairingEnded: (id, paired) => {
      const handle = handles.get(id)
      handle?.ended(paired)
      if (!paired && handle !== undefined) Effect.runFork(eraseInvite(id))
      else if (!paired && !held.has(id)) over.add(id)
      changed(id)
    },
    ended: (id, why) => (held.has(id) ? ended(why) : Effect.void),
    turned: (one) => sleeping.turned(one),
    over: (one) => sleeping.gone(one),
  }

  // One that could not be woken is as one whose host ended by itself.
  const sleeping = yield* makeSleeping(maxAwake, (error) => ended(Exit.fail(unavailable(error))))

  /** The invite of a host that was opened again; undefined once pairing is over. */
  const inviteOf = Effect.fnUntraced(function* (id: HostId) {
    const bytes = yield* orSottoError(store.read(id, RECORD.invite))
    const invite = bytes === undefined ? "notAnInvite" : decodeInvite(fromUtf8(bytes) ?? "")
    return typeof invite === "string" ? undefined : invite
  })

  // One for all: a finaliser for each would be as large as the rest of a contact that sleeps.
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { contact } of held.values()) contact.end()
    }),
  )

  const circle: Circle = {
    ahead,
    held,
    erase,

    contacts: order.list,

    invites: () =>
      [...handles.keys()].flatMap((id) => {
        const one = held.get(id)
        return one !== undefined && isInvite(one) ? [one.invite!] : []
      }),

    handOf: Effect.fnUntraced(function* (id) {
      const one = held.get(id)
      if (one === undefined) return yield* new SottoError("removed", "This contact was removed. Pair with them again.")
      const hand = hands.get(one.contact) ?? handPairing(byHand, one.contact, one.scope, undefined)
      hands.set(one.contact, hand)
      return hand
    }),

    hold: Effect.fnUntraced(function* (within, { founding, id, invite: made, listeners }) {
      const contact = new Handle(id, within, shared)
      const beginning = { ...(founding && { founding }), ...(listeners && { listeners }) }
      const begun = contact.begin(beginning, founding === undefined && !sleeping.hasRoom())
      yield* Effect.onError(begun, () => Effect.sync(() => contact.end()))
      const isOurs = contact.role === "inviter" && contact.pairedAt() === undefined
      const invite = made ?? (isOurs ? yield* inviteOf(id) : undefined)
      const handle =
        isOurs && invite !== undefined
          ? makeInviteHandle({ invite, contact, appUrl, hand: handPairing(byHand, contact, within, invite) })
          : undefined
      if (handle !== undefined) handles.set(id, handle)
      const one: Held = { contact, scope: within, invite: handle }
      held.set(id, one)
      // It may have run out while nobody was looking.
      if (isOurs && (over.has(id) || invite === undefined)) yield* eraseInvite(id)
      over.delete(id)
      changed(id)
      return one
    }),

    holdAll: Effect.fnUntraced(function* (within, ids) {
      holdingAll = true
      for (const id of ids) yield* circle.hold(yield* Scope.fork(within), { id })
      holdingAll = false
      options.changed()
    }),
  }
  return circle
})
