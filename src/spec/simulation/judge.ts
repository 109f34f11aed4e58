/**
 * What the invariants say of a simulation: what was seen of each pair, as an observation for the invariants of delivery, and
 * of all of it, for those of the simulator. Docs: simulator.md, "What is checked".
 */

import type { Accepted, DeliveryObservation, Shown, Side, Transmitted } from "../invariants/delivery.ts"
import type { HealingObservation } from "../invariants/healing.ts"
import { type SimulationObservation, simulationInvariants } from "../invariants/simulation.ts"
import type { Choice } from "./choice.ts"
import type { AcceptedMessage } from "./intents.ts"
import type { Settled, Why } from "./owed.ts"
import type { RunRecord } from "./record.ts"
import type { View } from "./view.ts"

/** One entry of a conversation as its peer's engine gives it out. */
export interface Told {
  readonly id: string
  readonly mine: boolean
  readonly gap: number
  /** Of our own messages. */
  readonly state: string | undefined
  /** Of a line that is no message: what it says. */
  readonly notice?: string | undefined
}

/** Two who talk, as they were in the end. */
export interface Talk {
  readonly sides: readonly [string, string]
  readonly hosts: readonly [string | undefined, string | undefined]
  readonly conversations: readonly [ReadonlyArray<Told>, ReadonlyArray<Told>]
}

const messagesIn = (all: ReadonlyArray<Told>) => all.filter(({ notice }) => notice === undefined)

/** Numbers messages by their place in their sender's conversation. */
export const observedTalk = (
  { conversations: shownTo, hosts, sides }: Talk,
  record: RunRecord,
  accepted: ReadonlyArray<AcceptedMessage>,
  atRest: boolean,
): DeliveryObservation => {
  const conversations = [messagesIn(shownTo[0]), messagesIn(shownTo[1])] as const
  const all: Array<Accepted> = []
  const shown: Array<Shown> = []
  const told: Array<Pick<Shown, "to" | "number">> = []
  const numbers = new Map<string, number>()
  for (const side of [0, 1] as const) {
    let number = 0
    for (const { id, mine, state } of conversations[side]) {
      if (!mine) continue
      numbers.set(id, number)
      all.push({ by: side, number: number++, text: true, outcome: outcomeOf(state) })
    }
    // What was accepted and is not there any more is as good as lost.
    for (const { from, id, to } of accepted) {
      if (from === sides[side] && to === sides[other(side)] && !numbers.has(id)) {
        all.push({ by: side, number: -1, text: true, outcome: "pending" })
      }
    }
  }
  for (const side of [0, 1] as const) {
    const theirs = conversations[side].filter(({ mine }) => !mine)
    for (const { gap, id } of theirs) shown.push({ to: side, number: numbers.get(id) ?? -1, gap })
    const here = new Set(theirs.map(({ id }) => id))
    const seen = new Set<string>()
    const known = new Set<number>()
    for (const { id, peer, process } of record.told) {
      if (peer !== sides[side] || !here.has(id)) continue
      // A person is told again by the next life of a process that died; within one life, once.
      const number = numbers.get(id)
      const isFirst = number === undefined || !known.has(number)
      if (seen.has(`${process} ${id}`) || isFirst) told.push({ to: side, number: number ?? -1 })
      if (number !== undefined) known.add(number)
      seen.add(`${process} ${id}`)
    }
  }
  const transmitted: Array<Transmitted> = []
  for (const { frame, host, keys, number, peer, sealing, tombstone } of record.witness.departed) {
    const by = sideOf(peer, host)
    if (by !== undefined && number !== undefined) transmitted.push({ by, number, frame, tombstone, sealing, keys })
  }
  function sideOf(peer: string, host: string | undefined): Side | undefined {
    if (peer === sides[0] && host === hosts[0]) return 0
    return peer === sides[1] && host === hosts[1] ? 1 : undefined
  }
  /** What is held back is not shown: that shows in the order. What is left is that it was said. */
  function owed<A>(why: Why, told: (one: Settled & { readonly to: Side }) => A): ReadonlyArray<A> {
    return record.owed.settled().flatMap((one) => {
      const to = one.why === why ? sideOf(one.peer, one.host) : undefined
      return to === undefined ? [] : [told({ ...one, to })]
    })
  }
  return {
    accepted: all,
    shown,
    told,
    transmitted,
    acknowledged: record.acknowledged.flatMap(({ durable, host, number, of, sent }) => {
      const side = sideOf(of, host)
      return side === undefined ? [] : [{ by: other(side), number, durable, sent }]
    }),
    repeated: owed("repeated", ({ isPaid, number, to }) => ({ to, number, acknowledgedAgain: isPaid })),
    early: owed("early", ({ isPaid, number, to }) => ({ to, number, noticed: isPaid })),
    atRest,
  }
}

const other = (side: Side): Side => (side === 0 ? 1 : 0)

const outcomeOf = (state: string | undefined): Accepted["outcome"] =>
  state === "delivered" || state === "read"
    ? "delivered"
    : state === "expired" || state === "failed"
      ? state
      : "pending"

/** Whether somebody chose what makes these two agree keys anew, other than a copy. */
const isReason = (choice: Choice, [a, b]: Talk["sides"]): boolean => {
  if (choice[0] === "lose" || choice[0] === "restore" || choice[0] === "replace")
    return choice[1] === a || choice[1] === b
  if (choice[0] !== "event" || choice[2].do !== "renewKeys") return false
  const { with: other } = choice[2]
  return (choice[1] === a && other === b) || (choice[1] === b && other === a)
}

/** What two told each other of copies and new keys. Nobody has a copy, unless an old disk was put back. */
export const observedHealing = (
  { conversations, hosts, sides }: Talk,
  record: RunRecord,
  stateOf: (peer: string, other: string) => string | undefined,
): HealingObservation => {
  const [a, b] = sides
  const stopped = [stateOf(a, b), stateOf(b, a)].filter((state) => state === "replaced").length
  const copies = record.choices.filter(([what]) => what === "putBack").length
  const asked = record.choices.filter((choice) => isReason(choice, sides)).length
  const healings = conversations.map((all) => all.filter((one) => isHealing(one)).length)
  const alarms = sides.map(
    (side, i) => record.alarms.filter(({ contact, peer }) => peer === side && contact === hosts[i]).length,
  )
  return {
    ...{ copies, asked, stopped, told: stopped, going: 0, atRest: false },
    healings: Math.max(...healings),
    alarms: Math.max(...alarms),
  }
}

const isHealing = ({ notice }: Told) => notice !== undefined && notice !== "replaced"

/** What there is to say of a run as a whole. */
export const observedRun = (
  record: RunRecord,
  rest: Pick<SimulationObservation, "reopened" | "same">,
): SimulationObservation => ({
  reused: record.encryptions.reused.length,
  departed: record.witness.departed,
  stale: record.witness.stale(),
  ...rest,
})

/** Each invariant of a whole run, and whether it holds so far. */
export const judgedRun = (record: RunRecord): View["invariants"] => {
  const observation = observedRun(record, { reopened: undefined, same: undefined })
  return simulationInvariants.map(({ holds, id, says }) => ({ id, says, holds: holds(observation) }))
}
