/**
 * What the invariants of delivery, of healing and of expiry say at a moment of a run, out of what lies on the disks and what was seen to leave.
 * The simulator asks them at the end of a run; here they are asked at every step. Docs: invariants.md.
 */
import { entry, RECORD } from "../../src/core/contact/records.ts"
import { toHex } from "../../src/core/hex.ts"
import { deliveryInvariants } from "../../src/spec/invariants/delivery.ts"
import { expiryInvariants } from "../../src/spec/invariants/expiry.ts"
import { healingInvariants } from "../../src/spec/invariants/healing.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { observedHealing, observedTalk, type Talk, type Told } from "../../src/spec/simulation/judge.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import type { View } from "../../src/spec/simulation/view.ts"
import { type Looks, observed } from "./expiring.ts"

type Judged = View["invariants"][number]

/**
 * What disappears is gone on purpose, and who puts an old disk back has lost what came after it: of such runs delivery's invariants say
 * nothing.
 */
const isBeyond = (choice: Choice): boolean =>
  choice[0] === "putBack" || (choice[0] === "event" && choice[2].do === "timer")

const HISTORY = RECORD.history(0).replace(/\d+$/, "")

/** The conversation as it lies on the disk, with what became of our own messages as far as the view shows it. */
const conversationOf = (simulation: Simulation, view: View, peer: string, other: string): ReadonlyArray<Told> => {
  const entries = [...(simulation.records(peer, other) ?? [])]
    .filter(([id]) => id.startsWith(HISTORY))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => entry.decode(bytes) ?? [])
    .filter(({ line }) => line !== "timer")
  const contact = view.peers.find(({ name }) => name === peer)?.contacts.find((one) => one.with === other)
  const shown = contact?.history ?? []
  return entries.map(({ gap, healed, id, line, mine }, i) => ({
    ...{ id: toHex(id), mine, gap },
    state: shown[i - (entries.length - shown.length)]?.state,
    notice: line === "healed" ? healed : line,
  }))
}

/** Each with whether it holds so far, for all who talk. */
export const watched = (
  simulation: Simulation,
  view: View,
  choices: ReadonlyArray<Choice>,
  looks: Looks,
): ReadonlyArray<Judged> => {
  const { intents, record } = simulation
  const stateOf = (peer: string, other: string) => intents.contact(peer, other)?.session.get().state
  const talks = intents.pairings.map(({ inviter, joiner }): Talk => {
    const sides = [inviter, joiner] as const
    return {
      sides,
      hosts: [intents.host(inviter, joiner), intents.host(joiner, inviter)],
      conversations: [
        conversationOf(simulation, view, inviter, joiner),
        conversationOf(simulation, view, joiner, inviter),
      ],
    }
  })
  if (talks.length === 0) return []
  const healings = talks.map((talk) => observedHealing(talk, record, stateOf))
  const healing = healingInvariants.map(({ holds, id, says }) => ({ id, says, holds: healings.every(holds) }))
  const seen = observed(looks)
  const expiry = expiryInvariants.map(({ holds, id, says }) => ({ id, says, holds: holds(seen) }))
  if (choices.some(isBeyond)) return [...healing, ...expiry]
  const deliveries = talks.map((talk) => observedTalk(talk, record, intents.accepted, false))
  return [
    ...deliveryInvariants.map(({ holds, id, says }) => ({ id, says, holds: deliveries.every(holds) })),
    ...healing,
    ...expiry,
  ]
}
