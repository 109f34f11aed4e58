/** What of a live contact may be shown: pure functions of its machines' states, fit for a UI. */
import type { StateValue } from "xstate"
import type { LinkContext } from "../../machines/link.ts"
import type { SessionContext } from "../../machines/session-state.ts"
import type { Shown } from "../contact/contact.ts"
import { INVITER, JOINER, LINK, SESSION, STANDING } from "../contact/machines.ts"
import type { InstanceId } from "../store.ts"
import type { Path } from "../transport.ts"
import type { Connection, DeliveryState, MachineView, PairingStep, Session } from "./values.ts"

/** A state's name without its nesting: the outermost where `depth` is 0. `{ linked: { open: "quiet" } }` ─▶ `linked.open.quiet`. */
export const nameOf = (state: StateValue): string =>
  typeof state === "string"
    ? state
    : Object.entries(state)
        .map(([name, inner]) => (inner === undefined ? name : `${name}.${nameOf(inner)}`))
        .join(" ")

const isIn = (state: StateValue | undefined, name: string): boolean =>
  state !== undefined &&
  nameOf(state)
    .split(" ")
    .some((path) => path === name || path.startsWith(`${name}.`))

export const sessionContext = (live: Shown): SessionContext =>
  (live.host.view(SESSION)?.context ?? { written: 0, next: 0, history: 0 }) as SessionContext

export const connectionOf = (live: Shown, path: Path | undefined, unreachable: string | undefined): Connection => {
  const view = live.host.view(LINK)
  const context = view?.context as LinkContext | undefined
  const isOpen = isIn(view?.state, "linked") && live.links.isOpen()
  const due = Math.min(...(live.host.instances.get(LINK)?.timers ?? []).map((timer) => timer.due))
  const service = context?.service ?? unreachable
  return {
    state: isOpen
      ? path?.kind === "relayed"
        ? "relayed"
        : "direct"
      : isIn(view?.state, "connecting")
        ? "connecting"
        : "offline",
    link: view === undefined ? "paused" : nameOf(view.state),
    reconnects: context?.reconnects ?? 0,
    ...(isOpen && path?.roundTrip !== undefined && { roundTrip: path.roundTrip }),
    ...(isIn(view?.state, "reconnecting") && Number.isFinite(due) && { nextAttempt: due }),
    ...(!isOpen && service !== undefined && service !== null && { unreachable: service }),
  }
}

/** How far pairing has come, read from the handshake's machine and the link's. */
const stepOf = (live: Shown): PairingStep => {
  const joiner = live.host.view(JOINER)?.state
  const inviter = live.host.view(INVITER)?.state
  const handshake = joiner ?? inviter
  if (handshake === undefined || isIn(joiner, "established")) return "ready"
  if (isIn(handshake, "agreed") || isIn(handshake, "pairing.accepting") || isIn(handshake, "pairing.checkingConfirm")) {
    return "layers"
  }
  if (isIn(handshake, "pairing.awaitingLink") || isIn(handshake, "pairing.awaitingHello")) {
    const link = live.host.view(LINK)?.state
    return isIn(link, "connecting.opening") || isIn(link, "linked") ? "path" : "find"
  }
  return "keys"
}

export const sessionOf = (live: Shown): Session => {
  const view = live.host.view(SESSION)
  const context = sessionContext(live)
  const layers = live.layers()
  const conversation = view?.state
  const standing = live.host.view(STANDING)
  const need = standing?.context.need ?? null
  const failure = context.failure === "cancelled" ? "cancelled" : "expired"
  return {
    state: isIn(conversation, "conversation.pairing")
      ? "handshaking"
      : isIn(conversation, "conversation.blocked")
        ? "blocked"
        : isIn(conversation, "conversation.failed")
          ? "failed"
          : isIn(conversation, "conversation.established.paused")
            ? "paused"
            : isIn(standing?.state, "replaced")
              ? "replaced"
              : need !== null || isIn(standing?.state, "paired.healing")
                ? "healing"
                : "established",
    step: stepOf(live),
    ...(isIn(conversation, "conversation.failed") && { failure }),
    layers,
    epoch: layers.find(({ layer }) => layer === "kem")?.epoch ?? 0,
    waiting: context.written - context.peerHas,
  }
}

export const machinesOf = (live: Shown, since: ReadonlyMap<string, number>): ReadonlyArray<MachineView> => {
  const at = (id: string) => {
    const time = since.get(id)
    return time === undefined ? {} : { since: time }
  }
  const hosted = [...live.host.instances].map(([id, { snapshot }]) => ({
    machine: id.slice(0, id.indexOf("/")),
    id,
    state: snapshot.value as StateValue,
    context: snapshot.context as unknown,
    ...at(id),
  }))
  const nested = live
    .layers()
    .filter(({ layer }) => layer === "signal" || layer === "kem")
    .flatMap(({ layer, machines = [], state, ...counters }) => {
      const machine = layer === "signal" ? "doubleRatchet" : "kemRatchet"
      const ratchet = { machine, id: `${machine}/${layer}`, state, context: counters as unknown }
      return [ratchet, ...machines].map((nested) => ({ ...nested, ...at(nested.id) }))
    })
  return [...hosted, ...nested]
}

/** How far one of our messages is. `outcomes` holds what will not arrive. */
export const deliveryOf = (
  live: Shown,
  number: number,
  outcomes: ReadonlyMap<number, "failed" | "expired">,
): DeliveryState => {
  const outcome = outcomes.get(number)
  if (outcome !== undefined) return outcome
  const view = live.host.view(`delivery/${number}` satisfies InstanceId)
  const { peerRead, released } = sessionContext(live)
  if (view !== undefined) {
    if (isIn(view.state, "delivered")) return "delivered"
    return view.context.sent ? "sent" : "queued"
  }
  const session = live.host.view(SESSION)?.state
  if (number >= released) return isIn(session, "conversation.failed") ? "failed" : "queued"
  return number < peerRead ? "read" : "delivered"
}
