/**
 * DL: what happens to messages between two people, whatever the links and the processes do. Checked on the session machine
 * alone over arbitrary events, and on whole conversations over bad links with restarts. Docs: invariants.md, "Delivery".
 */
import type { Invariant } from "./invariant.ts"

/** One side's view of the world is `0`, the other's `1`. */
export type Side = 0 | 1

/** A numbered content of a side, in the order in which its engine accepted them. */
export interface Accepted {
  /** Whose it is. */
  readonly by: Side
  /** Its place in the sender's sequence. */
  readonly number: number
  /** Whether it is a text that a person sees; names and renewed keys have numbers too. */
  readonly text: boolean
  /** What its sender is told in the end. */
  readonly outcome: "pending" | "delivered" | "expired" | "failed"
}

/** A text that a side's conversation shows, in the order of the conversation. */
export interface Shown {
  /** Whose conversation it is. */
  readonly to: Side
  /** The sender's number. */
  readonly number: number
  /** How many messages are missing before it. */
  readonly gap: number
}

/** A numbered content that was handed to a link. */
export interface Transmitted {
  /** Who handed it over. */
  readonly by: Side
  /** Its place in the sender's sequence. */
  readonly number: number
  /** Digest of the exact frame. */
  readonly frame: string
  /** A tombstone takes the place of a message, under the same number. */
  readonly tombstone: boolean
  /** How often it was sealed until then: what the peer may not be able to open any more is sealed anew. */
  readonly sealing: number
  /** How often the keys had been agreed anew before. Default: never. With new keys the count of sealings begins again. */
  readonly keys?: number
}

/** A number that a side told the other it has. */
export interface Acknowledged {
  /** Who told it. */
  readonly by: Side
  /** The other's number that it has. */
  readonly number: number
  /** Whether a commit had made it durable before the acknowledgement left. */
  readonly durable: boolean
  /** Whether the other side had sent it at all: an acknowledgement of anything else was made up by somebody. */
  readonly sent: boolean
}

/** A frame that came again after it had been opened. */
export interface Repeated {
  /** Who got it again. */
  readonly to: Side
  /** The sender's number. */
  readonly number: number
  /** Whether it was acknowledged once more. */
  readonly acknowledgedAgain: boolean
}

/** A number that came while one before it was missing. */
export interface Early {
  /** Who got it. */
  readonly to: Side
  /** The sender's number. */
  readonly number: number
  /** Whether the side knows now that something is missing: it holds the message back, and says what it has. */
  readonly noticed: boolean
}

/** All that was seen of a conversation, from the outside. */
export interface DeliveryObservation {
  /** By either side, in order. */
  readonly accepted: ReadonlyArray<Accepted>
  /** To either side, in the order of the conversations. */
  readonly shown: ReadonlyArray<Shown>
  /** Texts that the application was told of, as often as it was. */
  readonly told: ReadonlyArray<Pick<Shown, "to" | "number">>
  /** In the order in which they left. */
  readonly transmitted: ReadonlyArray<Transmitted>
  /** In the order in which they were told. */
  readonly acknowledged: ReadonlyArray<Acknowledged>
  /** In the order in which they came. */
  readonly repeated: ReadonlyArray<Repeated>
  /** In the order in which they came. */
  readonly early: ReadonlyArray<Early>
  /** Whether both are connected, and have had all the time they need. */
  readonly atRest: boolean
}

/** To begin with. */
export const NOTHING_OBSERVED: DeliveryObservation = {
  accepted: [],
  shown: [],
  told: [],
  transmitted: [],
  acknowledged: [],
  repeated: [],
  early: [],
  atRest: false,
}

/** As in machines/delivery.ts; said again here, because an invariant does not follow the code. */
const SENDINGS_BEFORE_ANEW = 3

const SIDES: ReadonlyArray<Side> = [0, 1]
const otherOf = (side: Side): Side => (side === 0 ? 1 : 0)

const isUnique = (values: ReadonlyArray<unknown>): boolean => new Set(values).size === values.length

const shownTo = ({ shown }: DeliveryObservation, side: Side): ReadonlyArray<Shown> =>
  shown.filter(({ to }) => to === side)

/** The least number that a side still waits for; Infinity without one. */
const firstPending = ({ accepted }: DeliveryObservation, to: Side): number =>
  accepted.reduce(
    (first, { by, number, outcome }) => (by !== to && outcome === "pending" ? Math.min(first, number) : first),
    Number.POSITIVE_INFINITY,
  )

/** DL: see invariants.md, "Delivery". */
export const deliveryInvariants: ReadonlyArray<Invariant<DeliveryObservation>> = [
  {
    id: "DL-1",
    says: "A message reaches the application exactly once",
    holds: (observation) =>
      SIDES.every((side) => {
        const numbers = shownTo(observation, side).map(({ number }) => number)
        const here = new Set(numbers)
        const told = observation.told.filter(({ to }) => to === side).map(({ number }) => number)
        const written = observation.accepted.filter(({ by }) => by !== side)
        const texts = new Set(written.flatMap(({ number, text }) => (text ? [number] : [])))
        return (
          isUnique(numbers) &&
          isUnique(told) &&
          told.every((number) => here.has(number)) &&
          (written.length === 0 || numbers.every((number) => texts.has(number))) &&
          written.every(
            ({ number, outcome, text }) => !text || outcome !== "delivered" || here.has(number) || !observation.atRest,
          )
        )
      }),
  },
  {
    id: "DL-2",
    says: "A sender's order is kept, and every gap is said",
    holds: (observation) =>
      SIDES.every((side) => {
        const shown = shownTo(observation, side)
        const texts = observation.accepted
          .filter(({ by, text }) => by !== side && text)
          .map(({ number }) => number)
          .sort((a, b) => a - b)
        // Both ascend: one that does not ends the walk.
        let at = 0
        return shown.every(({ gap, number }, i) => {
          const before = shown[i - 1]?.number ?? -1
          if (number <= before) return false
          if (texts.length === 0) return true
          while (at < texts.length && texts[at]! <= before) at++
          const first = at
          while (at < texts.length && texts[at]! < number) at++
          return gap === at - first
        })
      }),
  },
  {
    id: "DL-3",
    says: "A message that was accepted arrives once both are connected, whatever happened in between",
    holds: (observation) => {
      const here = SIDES.map((side) => new Set(shownTo(observation, side).map(({ number }) => number)))
      return (
        !observation.atRest ||
        observation.accepted.every(
          ({ by, number, outcome, text }) =>
            outcome === "expired" ||
            outcome === "failed" ||
            (outcome === "delivered" && (!text || here[otherOf(by)]!.has(number))),
        )
      )
    },
  },
  {
    id: "DL-4",
    says: "A retransmission is byte-identical; what may be beyond opening is sealed anew, and that more and more seldom",
    holds: ({ transmitted }) => {
      const frames = new Map<string, string>()
      const sent = new Map<string, number>()
      return transmitted.every(({ by, frame, keys = 0, number, sealing, tombstone }) => {
        const what = `${by} ${number} ${tombstone} ${keys}`
        const which = `${what} ${sealing}`
        const before = sent.get(what) ?? 0
        sent.set(what, before + 1)
        if (!frames.has(which)) {
          frames.set(which, frame)
          // A process that ends may have sent what its next life does not know of, never less.
          return sealing <= 1 || before >= SENDINGS_BEFORE_ANEW * 2 ** (sealing - 2)
        }
        return frames.get(which) === frame
      })
    },
  },
  {
    id: "DL-5",
    says: "A duplicate is acknowledged again and never shown again",
    holds: (observation) =>
      observation.repeated.every(({ acknowledgedAgain }) => acknowledgedAgain) &&
      observation.repeated.every(
        ({ number, to }) => shownTo(observation, to).filter((one) => one.number === number).length <= 1,
      ),
  },
  {
    id: "DL-6",
    says: "A message is acknowledged only after it is durable, and only by whoever received it",
    holds: ({ acknowledged }) => acknowledged.every(({ durable, sent }) => durable && sent),
  },
  {
    id: "DL-7",
    says: "A loss is noticed by the next message",
    holds: (observation) =>
      observation.early.every(({ noticed }) => noticed) &&
      // Nothing is shown past a number that has not come.
      (!observation.atRest ||
        SIDES.every((side) => {
          const first = firstPending(observation, side)
          return shownTo(observation, side).every(({ number }) => number <= first)
        })),
  },
]
