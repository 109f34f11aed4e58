/**
 * BR: what the braid upholds, whatever the world does: the properties of a sparse continuous key agreement (the ML-KEM Braid
 * specification, §1.1), and what a leak exposes (§3.1). Checked over seeded chaos (see games/braid-run.ts). Docs:
 * invariants.md, "Braid".
 */
import type { BraidStateName } from "../../core/layers/signal/braid-state.ts"
import type { BraidObservation, BraidSight } from "../games/braid-run.ts"
import type { Invariant } from "./invariant.ts"

const sightsOf = <S extends BraidSight["saw"]>(
  { sights }: BraidObservation,
  saw: S,
): ReadonlyArray<Extract<BraidSight, { readonly saw: S }>> =>
  sights.filter((sight): sight is Extract<BraidSight, { readonly saw: S }> => sight.saw === saw)

/**
 * Whether a state of epoch e exposes the secret of e itself, by the specification: from when the key is sampled until it has
 * served, or from when the secret is encapsulated. Otherwise it exposes no secret past that of e − 1.
 */
const EXPOSES_ITS_EPOCH: Readonly<Record<BraidStateName, boolean>> = {
  keysUnsampled: false,
  keysSampled: true,
  headerSent: true,
  ct1Received: true,
  ekSentCt1Received: true,
  noHeaderReceived: false,
  headerReceived: false,
  ct1Sampled: true,
  ekReceivedCt1Sampled: true,
  ct1Acknowledged: true,
  ct2Sampled: true,
}

/** BR: what holds for two braids, whatever the chaos and the thieves. */
export const braidInvariants: ReadonlyArray<Invariant<BraidObservation>> = [
  {
    id: "BR-1",
    says: "Each side comes to know the epochs in order, without gaps, and each once",
    holds: (observation) => {
      const known = { initiator: 0, responder: 0 }
      return sightsOf(observation, "agreed").every(({ by, epoch }) => epoch === ++known[by])
    },
  },
  {
    id: "BR-2",
    says: "Both sides derive the same secret for an epoch, and no two epochs have the same",
    holds: (observation) => {
      const witnesses = new Map<number, string>()
      const epochs = new Map<string, number>()
      return sightsOf(observation, "agreed").every(({ epoch, witness }) => {
        if (!witnesses.has(epoch)) witnesses.set(epoch, witness)
        if (!epochs.has(witness)) epochs.set(witness, epoch)
        return witnesses.get(epoch) === witness && epochs.get(witness) === epoch
      })
    },
  },
  {
    id: "BR-3",
    says: "Keys are of an epoch that the sender knows, the newest that it may count on, and none is used twice",
    holds: (observation) => {
      const last = { initiator: { epoch: 0, index: 0 }, responder: { epoch: 0, index: 0 } }
      return sightsOf(observation, "sent").every(({ by, epoch, index, knows }) => {
        const before = last[by]
        last[by] = { epoch, index }
        const follows = epoch === before.epoch ? index === before.index + 1 : epoch > before.epoch && index === 1
        return follows && (knows === epoch - 1 || knows === epoch)
      })
    },
  },
  {
    id: "BR-4",
    says: "A message that comes within the limits has the key that its sender gave it, once",
    holds: (observation) =>
      sightsOf(observation, "arrival").every(({ frame, isLate, outcome }) =>
        frame === "fresh" && !isLate ? outcome === "same key" : outcome === "refused",
      ),
  },
  {
    id: "BR-5",
    says: "A leak exposes exactly the epochs of the vulnerable set: those kept, and the one at hand where its secret is held",
    holds: (observation) =>
      sightsOf(observation, "leak").every(({ byVictim, epoch, exposed, keyEpoch, message, oldest, state }) => {
        const newest = EXPOSES_ITS_EPOCH[state] ? epoch : epoch - 1
        const isKept = keyEpoch <= newest && (byVictim || keyEpoch >= oldest)
        // What the victim has sent or received is past: only what has still to come is open.
        return exposed === (message !== "come" && isKept)
      }),
  },
  {
    id: "BR-6",
    says: "A state and its record are the same",
    holds: (observation) => sightsOf(observation, "restored").every(({ same }) => same),
  },
  {
    id: "BR-7",
    says: "Whatever was lost, an undisturbed exchange agrees on the next epochs",
    holds: (observation) => sightsOf(observation, "calm").every(({ from, to }) => to >= from + 2),
  },
]
