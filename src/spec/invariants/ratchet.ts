/**
 * RT: what every layer's ratchet upholds, whatever the world does. Checked over arbitrary schedules on any layer (see
 * games/ratchet-run.ts). Docs: invariants.md, "Ratchet".
 */
import type { RatchetObservation, Sight } from "../games/ratchet-observation.ts"
import type { Invariant } from "./invariant.ts"

const sightsOf = <S extends Sight["saw"]>(
  { sights }: RatchetObservation,
  saw: S,
): ReadonlyArray<Extract<Sight, { readonly saw: S }>> =>
  sights.filter((sight): sight is Extract<Sight, { readonly saw: S }> => sight.saw === saw)

/** RT: what holds for any layer as a ratchet. */
export const ratchetInvariants: ReadonlyArray<Invariant<RatchetObservation>> = [
  {
    id: "RT-1",
    says: "Each (key, nonce) encrypts one plaintext, across restores too",
    holds: ({ encryptions }) => {
      const first = new Map<string, string>()
      return encryptions.every(({ cipher, digest, key, nonce }) => {
        const use = `${cipher} ${key} ${nonce}`
        if (!first.has(use)) first.set(use, digest)
        return first.get(use) === digest
      })
    },
  },
  {
    id: "RT-2",
    says: "A failed open is a refusal and leaves the state byte-identical; no call changes the state it was given",
    holds: (observation) =>
      sightsOf(observation, "arrival").every(({ intact, outcome }) => intact && outcome !== "defect") &&
      sightsOf(observation, "sealed").every(({ failed, intact }) => intact && !failed) &&
      sightsOf(observation, "restored").every(({ same }) => same),
  },
  {
    id: "RT-3",
    says: "Under any reorder, drop and duplication inside the limits each delivered message opens once, and nothing else does",
    holds: (observation) =>
      sightsOf(observation, "arrival").every(({ frame, outcome, promised }) =>
        frame === "fresh" ? outcome === "opened" || (outcome === "refused" && !promised) : outcome === "refused",
      ),
  },
  {
    id: "RT-4",
    says: "The work for a frame that is refused is bounded",
    holds: (observation) =>
      sightsOf(observation, "arrival").every(
        ({ outcome, work }) =>
          outcome === "opened" ||
          (work.publicKey <= observation.promises.work.publicKey &&
            work.symmetric <= observation.promises.work.symmetric),
      ),
  },
  {
    id: "RT-5",
    says: "Skipped keys are capped, expire, and leave the state when they do",
    holds: (observation) =>
      sightsOf(observation, "kept").every(({ skipped }) => skipped <= observation.promises.stored) &&
      sightsOf(observation, "expiry").every(
        ({ allOld, dropped, grew, skipped }) => (!allOld || skipped === 0) && grew <= -SKIPPED_KEY_BYTES * dropped,
      ),
  },
  {
    id: "RT-6",
    says: "A dump of the state holds no key that was used, and opens no earlier ciphertext",
    holds: (observation) =>
      sightsOf(observation, "dump").every(({ openedEarlier, usedKeys }) => usedKeys === 0 && openedEarlier === 0),
  },
  {
    id: "RT-7",
    says: "After a leak and one clean round trip later traffic is closed to the thief",
    holds: (observation) =>
      !observation.promises.heals || sightsOf(observation, "theft").every(({ healed, opened }) => !healed || !opened),
  },
  {
    id: "RT-8",
    says: "A counter seals to its end and never past it",
    holds: (observation) =>
      sightsOf(observation, "wornOut").every(({ last, past }) => last === "opened" && past === "defect"),
  },
]

/** A key that is kept takes at least this much of an encoded state. */
const SKIPPED_KEY_BYTES = 32
