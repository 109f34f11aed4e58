/**
 * One contact, alive: its host with all machines, the links to the peer, and what goes between them. The way of a frame:
 * link ─▶ `arrive` ─▶ host ─▶ handlers, and back: handlers ─▶ Wire ─▶ link. Docs: docs/architecture.md.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import { Crypto, type CryptoService } from "../crypto/crypto.ts"
import { decodeFrame, decodeReassembled, encodeFrame, type Frame } from "../frame.ts"
import type { Handlers, Start } from "../host/handlers.ts"
import { type Attached, type Changed, type Ended, type Host, openHost } from "../host/host.ts"
import type { Notice } from "../host/transition.ts"
import type { Fault } from "../host/verdict.ts"
import type { LayerView } from "../layers/layer.ts"
import { sottoCascade } from "../layers/profile.ts"
import { type Conflict, type HostId, Store, type StoreService, Unavailable } from "../store.ts"
import type { Listener, Transport, Unreachable } from "../transport.ts"
import { type CascadeRecords, makeCascadeRecords } from "./cascade-records.ts"
import { deliveryHandlers } from "./handlers/delivery.ts"
import { expiryHandlers } from "./handlers/expiry.ts"
import { bindingOf } from "./handlers/handshake-records.ts"
import { inviterHandlers } from "./handlers/inviter.ts"
import { joinerHandlers } from "./handlers/joiner.ts"
import { linkHandlers } from "./handlers/link.ts"
import { receiptHandlers } from "./handlers/receipt.ts"
import { sessionHandlers } from "./handlers/session.ts"
import { makeInlets } from "./inlets.ts"
import { type Links, makeLinks } from "./links.ts"
import { attend, listenAgain, type ServiceNews } from "./listening.ts"
import { type ContactMachines, EXPIRY, INVITER, JOINER, LINK, machines, SESSION } from "./machines.ts"
import { makePlaces, type Places } from "./places.ts"
import { type About, about, RECORD } from "./records.ts"
import { Application, type ContactNews, Wire } from "./services.ts"

/** What a contact tells whoever holds it. None of these may throw. */
export interface ContactHooks {
  readonly news: (news: ContactNews) => void
  readonly changed: (changed: Changed) => void
  readonly inspected: (notice: Notice) => void
  readonly fault: (fault: Fault) => void
  readonly service: (news: ServiceNews) => void
  readonly reassemblyDropped: () => void
  /** A link came, went, or said something of its path. */
  readonly linksChanged: () => void
}

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
  readonly hooks: ContactHooks
  readonly founding?: Founding
  /** Listeners at this contact's addresses that are open already. */
  readonly listeners?: ReadonlyArray<Listener>
}

export interface LiveContact {
  readonly id: HostId
  readonly host: Host<ContactMachines>
  readonly links: Links
  readonly places: Places
  readonly about: () => About
  /** What may be shown of the layers; empty until there are keys. */
  readonly layers: () => ReadonlyArray<LayerView>
  /** Completes when the host has ended by itself, with the reason. */
  readonly ended: Effect.Effect<Exit.Exit<never, Conflict | Unavailable>>
}

export const openContact = Effect.fnUntraced(function* (
  options: ContactOptions,
): Effect.fn.Return<LiveContact, Unavailable | Ended, Scope> {
  const { crypto, founding, hooks, id, store, transports } = options
  const stored = about.decode((yield* store.read(id, RECORD.about)) ?? new Uint8Array())
  let known = founding?.about ?? stored
  if (known === undefined) return yield* new Unavailable({ reason: "broken" })
  const role = known.role
  const records = makeCascadeRecords(role)
  const places = makePlaces()

  let host: Host<ContactMachines> | undefined
  const onLinks = linkEvents({ hooks, host: () => host, links: () => links })
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
  })
  const application = Application.of({ tell: (news) => Effect.sync(() => hooks.news(news)) })
  const services = Layer.mergeAll(
    Layer.succeed(Store, store),
    Layer.succeed(Crypto, crypto),
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
      handlers: handlersOf(records, places, onLinks.genuine),
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
  if (founding === undefined) opened.tell({ to: LINK, event: { type: "Started" } })

  const scope = yield* Effect.scope
  const attendTo = (listener: Listener) => attend(listener, (link) => links.adopt(link, false), hooks.service)
  for (const listener of options.listeners ?? []) yield* attendTo(listener)
  for (const address of options.listeners === undefined ? known.own : []) {
    const transport = transports.find(({ kind }) => kind === address.kind)
    if (transport === undefined) continue
    const failed = ({ reason, service }: Unreachable) => {
      if (reason === "service" && service !== undefined) hooks.service({ service, reachable: false })
    }
    yield* Effect.forkIn(Effect.flatMap(listenAgain(transport, address, failed), attendTo), scope)
  }

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

const handlersOf = (
  records: CascadeRecords,
  places: Places,
  genuine: (frame: string) => void,
): Handlers<ContactMachines, Crypto, Wire | Application> => ({
  session: sessionHandlers(records, places, genuine),
  inviter: inviterHandlers(records),
  joiner: joinerHandlers(records),
  link: linkHandlers,
  delivery: deliveryHandlers(records),
  receipt: receiptHandlers,
  expiry: expiryHandlers,
})

type TellHost = Parameters<Host<ContactMachines>["tell"]>

/** Turns what links do into events of the machines. */
const linkEvents = (options: {
  readonly hooks: ContactHooks
  readonly host: () => Host<ContactMachines> | undefined
  readonly links: () => Links
}) => {
  const { hooks } = options
  let arrived = 0
  const inlets = makeInlets()
  const early: Array<TellHost> = []
  const tell = (...post: TellHost) => {
    const host = options.host()
    // A listener may hear of a link while its host is still loading.
    if (host === undefined) early.push(post)
    else host.tell(...post)
  }

  const dispatch = Effect.fnUntraced(function* (
    link: string,
    binding: Uint8Array | undefined,
    frame: Frame,
  ): Effect.fn.Return<void> {
    const name = `arrived/${++arrived}`
    // Whatever is more than a sign of life makes us work before we know who sent it.
    const isWork = frame.kind !== "fragment" && frame.kind !== "probe" && frame.kind !== "echo"
    if (isWork && !inlets.spend(link, yield* Clock.currentTimeMillis)) return
    switch (frame.kind) {
      case "hello": {
        const attached: Attached = [
          [name, frame.message],
          [bindingOf(name), binding ?? new Uint8Array()],
        ]
        return tell({ to: INVITER, event: { type: "HelloArrived", frame: name, via: link } }, attached)
      }
      case "bundle":
        return tell({ to: JOINER, event: { type: "BundleArrived", frame: name, via: link } }, [[name, frame.message]])
      case "accept":
        return tell({ to: INVITER, event: { type: "AcceptArrived", frame: name, via: link } }, [[name, frame.message]])
      case "confirm": {
        const event = { type: "ConfirmArrived", frame: name, via: link } as const
        const attached: Attached = [[name, frame.ciphertext]]
        return frame.role === "inviter" ? tell({ to: JOINER, event }, attached) : tell({ to: INVITER, event }, attached)
      }
      case "sealed": {
        inlets.carried(name, link)
        return tell({ to: SESSION, event: { type: "FrameArrived", frame: name } }, [[name, frame.ciphertext]])
      }
      case "fragment": {
        const { dropped, frame: completed } = inlets.add(link, frame)
        if (dropped > 0) hooks.reassemblyDropped()
        const whole = completed && decodeReassembled(completed)
        if (whole !== undefined) yield* dispatch(link, binding, whole)
        return
      }
      case "probe":
        yield* options.links().transmit(encodeFrame({ kind: "echo", number: frame.number }), link)
        return
      case "echo":
        if (yield* options.links().echoed(frame.number, link)) {
          tell({ to: LINK, event: { type: "EchoArrived" } })
          hooks.linksChanged()
        }
    }
  })

  return {
    events: {
      opened: (link: string, binding: Uint8Array | undefined) => {
        tell({ to: LINK, event: { type: "LinkOpened", link } }, [[bindingOf(link), binding ?? new Uint8Array()]])
        hooks.linksChanged()
      },
      closed: inlets.closed,
      lost: () => {
        tell({ to: LINK, event: { type: "LinkLost" } })
        hooks.linksChanged()
      },
      found: () => tell({ to: LINK, event: { type: "PeerFound" } }),
      dialFailed: (failure: Unreachable | "nobody") => {
        if (failure === "nobody") return tell({ to: LINK, event: { type: "NobodyToDial" } })
        const { reason, service = null } = failure
        if (reason === "service" && service !== null) hooks.service({ service, reachable: false })
        tell({ to: LINK, event: { type: "DialFailed", reason, service } })
      },
      frame: (link: string, binding: Uint8Array | undefined, bytes: Uint8Array) => {
        const frame = decodeFrame(bytes)
        return frame === undefined ? Effect.void : dispatch(link, binding, frame)
      },
    },
    /** A frame opened: only the peer could have made it, so the link that it came over is the peer's. */
    genuine: (frame: string) => {
      const link = inlets.genuine(frame)
      if (link !== undefined) options.links().proven(link)
    },
    flush: () => {
      for (const post of early.splice(0)) tell(...post)
    },
  }
}
