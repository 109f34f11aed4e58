import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import { Crypto, type CryptoService } from "../crypto/crypto.ts"
import { Ahead, type KeysAhead } from "../handshake/keys-ahead.ts"
import type { Handlers, Start } from "../host/handlers.ts"
import { type Attached, type Ended, type Host, openHost } from "../host/host.ts"
import type { LayerView } from "../layers/layer.ts"
import { sottoCascade } from "../layers/profile.ts"
import { type Conflict, type HostId, Store, type StoreService, Unavailable } from "../store.ts"
import type { Transport } from "../transport.ts"
import { type CascadeRecords, makeCascadeRecords } from "./cascade-records.ts"
import { deliveryHandlers } from "./handlers/delivery.ts"
import { expiryHandlers } from "./handlers/expiry.ts"
import { inviterHandlers } from "./handlers/inviter.ts"
import { joinerHandlers } from "./handlers/joiner.ts"
import { linkHandlers } from "./handlers/link.ts"
import { receiptHandlers } from "./handlers/receipt.ts"
import { sessionHandlers } from "./handlers/session.ts"
import { standingHandlers } from "./handlers/standing.ts"
import type { ContactHooks } from "./hooks.ts"
import { type Life, makeLife } from "./life.ts"
import { linkEvents } from "./link-events.ts"
import { type Links, makeLinks } from "./links.ts"
import { type ContactMachines, EXPIRY, LINK, machines, STANDING } from "./machines.ts"
import { makePlaces, type Places } from "./places.ts"
import { type About, AGAIN, about, RECORD } from "./records.ts"
import { withRoster } from "./roster.ts"
import { Application, Wire } from "./services.ts"

/** What makes a contact that did not exist. */
export interface Founding {
  readonly about: About
  readonly records: Attached
  readonly start: ReadonlyArray<Start<ContactMachines>>
}

export interface ContactOptions {
  readonly id: HostId
  readonly crypto: CryptoService
  readonly store: StoreService
  readonly transports: ReadonlyArray<Transport>
  readonly ahead: KeysAhead
  readonly hooks: ContactHooks
  readonly founding?: Founding
  /** Listens at this contact's addresses from now on, or no longer. */
  readonly listen: (on: boolean) => Effect.Effect<void>
}

/** What can be seen of a contact, whether its host is open or not. */
export interface Shown {
  readonly about: () => About
  /** What may be shown of the layers; empty until there are keys, and while the host is closed. */
  readonly layers: () => ReadonlyArray<LayerView>
  readonly host: Pick<Host<ContactMachines>, "instances" | "view">
  readonly links: { readonly isOpen: () => boolean }
}

export interface LiveContact extends Shown {
  readonly id: HostId
  readonly host: Host<ContactMachines>
  readonly links: Links
  readonly places: Places
  /** Completes when the host has ended by itself, with the reason. */
  readonly ended: Effect.Effect<Exit.Exit<never, Conflict | Unavailable>>
}

export const openContact = Effect.fnUntraced(function* (
  options: ContactOptions,
): Effect.fn.Return<LiveContact, Unavailable | Ended, Scope> {
  const { ahead, crypto, founding, hooks, id, store, transports } = options
  const stored = about.decode((yield* store.read(id, RECORD.about)) ?? new Uint8Array())
  let known = founding?.about ?? stored
  if (known === undefined) return yield* new Unavailable({ reason: "broken" })
  const role = known.role
  const records = makeCascadeRecords(role)
  const again = makeCascadeRecords(role, AGAIN)
  const life = makeLife(crypto)
  const places = makePlaces()

  let host: Host<ContactMachines> | undefined
  const onLinks = linkEvents({ hooks, life, host: () => host, links: () => links })
  const links: Links = yield* makeLinks({
    crypto,
    transports,
    peer: () => known!.peer,
    keepsDialed: role === "joiner",
    mayBeFound: () => role === "inviter" || known!.pairedAt !== undefined,
    events: onLinks.events,
  })

  const wire = Wire.of({
    transmit: links.transmit,
    dial: links.dial,
    probe: links.probe,
    hangUp: links.hangUp,
    leave: links.leave,
    leaveOthers: links.leaveOthers,
    listen: options.listen,
  })
  const application = Application.of({ tell: (news) => Effect.sync(() => hooks.news(news)) })
  const services = Layer.mergeAll(
    Layer.succeed(Store, withRoster(store, RECORD.message(""))),
    Layer.succeed(Crypto, crypto),
    Layer.succeed(Ahead, ahead),
    Layer.succeed(Wire, wire),
    Layer.succeed(Application, application),
  )

  const refresh = Effect.fnUntraced(function* () {
    known = about.decode((yield* store.read(id, RECORD.about)) ?? new Uint8Array()) ?? known
  })

  const opened = yield* Effect.provide(
    openHost({
      id,
      machines,
      handlers: handlersOf(records, again, life, places, onLinks.genuine),
      found: founding?.start ?? [],
      ...(founding && { foundWith: [[RECORD.about, about.encode(founding.about)], ...founding.records] }),
      inspect: hooks.inspected,
      onFault: hooks.fault,
      onCommitted: (changed) => {
        if (!changed.records.includes(RECORD.about)) return hooks.changed(changed)
        // The record is small and just written; the hook hears of the change when the new one can be seen.
        Effect.runFork(
          Effect.andThen(
            Effect.ignore(refresh()),
            Effect.sync(() => hooks.changed(changed)),
          ),
        )
      },
    }),
    services,
  )
  host = opened
  // What disappeared while nobody was looking is erased before anybody can look.
  yield* opened.submit({ to: EXPIRY, event: { type: "Opened" } })
  yield* opened.sleep
  onLinks.flush()
  if (founding === undefined) {
    opened.tell({ to: STANDING, event: { type: "Started" } })
    opened.tell({ to: LINK, event: { type: "Started" } })
  }
  yield* options.listen(!isReplaced(opened))

  return {
    id,
    host: opened,
    links,
    places,
    about: () => known!,
    layers: () => {
      const state = records.last()
      return state === undefined ? [] : sottoCascade.view(state)
    },
    ended: Effect.exit(opened.closed),
  }
})

/** Whether another copy has taken the place of this state: then nobody is to find it. */
export const isReplaced = (host: Pick<Host<ContactMachines>, "view">): boolean =>
  host.view(STANDING)?.state === "replaced"

const handlersOf = (
  records: CascadeRecords,
  again: CascadeRecords,
  life: Life,
  places: Places,
  genuine: (frame: string) => void,
): Handlers<ContactMachines, Crypto, Wire | Application | Store> => ({
  session: sessionHandlers(records, life, places, genuine),
  standing: standingHandlers(records, life, genuine),
  inviter: inviterHandlers(records, again, life),
  joiner: joinerHandlers(records, again, life),
  link: linkHandlers,
  delivery: deliveryHandlers(records, life),
  receipt: receiptHandlers,
  expiry: expiryHandlers,
})
