/**
 * Acknowledgements that are owed: whoever got a frame again, or holds one back that is ahead of its turn, has to say soon what it
 * has. Only where nothing comes in between: a death, a link, a handshake or a choice lets it off. Docs: simulator.md, "What is checked".
 *
 * What is owed follows from what arrives and what becomes durable, never from a step of the session: one with a fault may take none.
 */
import type { HostId } from "../../core/store.ts"
import type { Agenda } from "./agenda.ts"
import type { Flying } from "./network-values.ts"
import type { PeerOf, Witness } from "./witness.ts"

/** So soon it has to be said, in milliseconds of virtual time: many times as long as acknowledgements gather and commits take. */
const SOON = 1_000

/** Why it is owed: a frame came again, or a number came before its turn. */
export type Why = "repeated" | "early"

interface Debt {
  /** Who owes it, in which of its hosts. */
  readonly peer: string
  readonly host: HostId
  /** The number that came. */
  readonly number: number
  readonly why: Why
}

/** What became of it. */
export interface Settled extends Debt {
  readonly isPaid: boolean
}

export interface Owed {
  /** A frame came to somebody who is there to take it. */
  readonly arrived: (frame: Flying) => void
  /** A commit holds a number back. */
  readonly early: (peer: string, host: HostId, number: number) => void
  /** Somebody said over a link what it has. */
  readonly paid: (peer: string, host: HostId, link: number) => void
  /** Something came in between for this peer, or for all. */
  readonly letOff: (peer?: string) => void
  /** Until now; what still has time is not among them. */
  readonly settled: () => ReadonlyArray<Settled>
}

export const makeOwed = ({
  agenda,
  isOurs,
  peerOf,
  witness,
}: {
  readonly agenda: Pick<Agenda, "now">
  /** Whether the network of a peer is the simulated one: what others' transports carry takes whatever time they like. */
  readonly isOurs: (peer: string) => boolean
  readonly peerOf: PeerOf
  readonly witness: Pick<Witness, "has" | "hasHealed" | "onlyFrameOf">
}): Owed => {
  const all: Array<Settled> = []
  /** In the order in which they are due. */
  let open: ReadonlyArray<Debt & { readonly due: number }> = []
  /** Hosts and links over which each peer said something: there its link is open, and the other vouches for it. */
  const spoken = new Map<string, Set<string>>()

  const settle = (isOver: (debt: (typeof open)[number]) => boolean, isPaid: boolean) => {
    for (const { due: _, ...debt } of open.filter(isOver)) all.push({ ...debt, isPaid })
    open = open.filter((debt) => !isOver(debt))
  }
  const overdue = () => {
    if (open.length > 0 && open[0]!.due < agenda.now()) settle(({ due }) => due < agenda.now(), false)
  }
  const arose = (debt: Debt, over: string) => {
    overdue()
    const { host, peer } = debt
    // Where keys were agreed anew nothing is asked.
    if (!isOurs(peer) || witness.hasHealed(peer, host) || !spoken.get(peer)?.has(over)) return
    open = [...open, { ...debt, due: agenda.now() + SOON }]
  }

  return {
    arrived: ({ bytes, from, link, to }) => {
      const only = witness.onlyFrameOf(from, bytes)
      const theirs = only && peerOf(from, only.host)
      if (only === undefined || theirs?.peer !== to || !witness.has(to, theirs.host, only.number)) return
      arose({ peer: to, host: theirs.host, number: only.number, why: "repeated" }, `link ${link}`)
    },
    early: (peer, host, number) => arose({ peer, host, number, why: "early" }, `host ${host}`),
    paid: (peer, host, link) => {
      overdue()
      spoken.set(peer, (spoken.get(peer) ?? new Set()).add(`link ${link}`).add(`host ${host}`))
      settle((debt) => debt.peer === peer && debt.host === host, true)
    },
    letOff: (peer) => {
      overdue()
      open = peer === undefined ? [] : open.filter((debt) => debt.peer !== peer)
      if (peer === undefined) spoken.clear()
      else spoken.delete(peer)
    },
    settled: () => {
      overdue()
      return all
    },
  }
}
