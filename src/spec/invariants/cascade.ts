/**
 * CA: what the composition of the four layers upholds against an adversary who holds some of them whole. Checked over
 * arbitrary games (see games/cascade-run.ts). Docs: invariants.md, "Cascade".
 */
import { bucketOf } from "../../core/padding.ts"
import type { Attempt, CascadeObservation } from "../games/cascade-run.ts"
import type { Attack } from "../games/moves.ts"
import type { Invariant } from "./invariant.ts"

/** Those after which a frame has other layers than it should. */
const REARRANGED: ReadonlyArray<Attack> = ["remove", "removeOuter", "double", "reorder"]

/** What an attack may come to, at best: the peer's own plaintext, once. */
const isHarmless = ({ again, genuine, outcome }: Attempt): boolean =>
  outcome === "refused" || (outcome === "opened" && genuine && !again)

/** CA: what holds for a cascade while one layer holds. */
export const cascadeInvariants: ReadonlyArray<Invariant<CascadeObservation>> = [
  {
    id: "CA-1",
    says: "A removed, reordered, repeated or spliced layer fails, or yields the genuine plaintext once",
    holds: ({ attempts, game }) =>
      attempts
        .filter(({ attack }) => attack !== "none" && attack !== "tamper" && attack !== "invent")
        // A layer that does nothing can be taken off or put on unnoticed; one that was only betrayed cannot.
        .every((attempt) =>
          REARRANGED.includes(attempt.attack as Attack) && !game.broken
            ? attempt.outcome === "refused"
            : isHarmless(attempt),
        ),
  },
  {
    id: "CA-2",
    says: "With all layers but any one betrayed the plaintext stays closed and forgeries fail",
    holds: ({ attempts, peeks, views }) =>
      attempts.every(isHarmless) && peeks.every(({ readable }) => !readable) && views.every(({ differ }) => !differ),
  },
  {
    id: "CA-3",
    says: "No two layers use the same key",
    holds: ({ keys }) => {
      const owners = new Map<string, string>()
      return keys.every(({ key, layer }) => {
        if (!owners.has(key)) owners.set(key, layer)
        return owners.get(key) === layer
      })
    },
  },
  {
    id: "CA-4",
    says: "Associated data binds session, direction and layer: it is the same for the same three, and only then",
    holds: ({ attempts, bindings }) => {
      const places = new Map<string, string>()
      const values = new Map<string, string>()
      const isOneToOne = bindings.every(({ associated, direction, layer, session }) => {
        const place = `${session} ${direction} ${layer}`
        if (!places.has(place)) places.set(place, associated)
        if (!values.has(associated)) values.set(associated, place)
        return places.get(place) === associated && values.get(associated) === place
      })
      return (
        isOneToOne &&
        attempts.every(
          ({ attack, outcome }) => (attack !== "otherSession" && attack !== "reflect") || outcome === "refused",
        )
      )
    },
  },
  {
    id: "CA-5",
    says: "All failures look the same and change nothing",
    holds: ({ attempts, refusals }) =>
      new Set(refusals).size <= 1 && attempts.every(({ intact, outcome }) => intact && outcome !== "defect"),
  },
  {
    id: "CA-6",
    says: "Wire length depends on the bucket only",
    holds: ({ wires }) => {
      const lengths = new Map<number, number>()
      return wires.every(({ content, wire }) => {
        const bucket = bucketOf(content) ?? 0
        if (!lengths.has(bucket)) lengths.set(bucket, wire)
        return lengths.get(bucket) === wire
      })
    },
  },
  {
    id: "CA-7",
    says: "Accepted bytes re-encode to themselves; trailing bytes are refused",
    holds: ({ attempts, records }) =>
      records.every(({ same, trailing }) => same && !trailing) &&
      attempts.every(({ attack, outcome }) => attack !== "tamper" || outcome === "refused"),
  },
]
