/** Which frames under way are not as their sender sent them, or not the first of their kind: by the choice that put them there. */
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { SeenFrame } from "./shown.ts"

/** What was done to a frame, and what kind of frame it was before. */
export interface Oddity {
  readonly attack: "altered" | "stripped" | "replayed" | "reflected"
  readonly of: string
}

const ATTACKS: Readonly<Record<string, Oddity["attack"]>> = {
  corrupt: "altered",
  flood: "altered",
  strip: "stripped",
  reflect: "reflected",
  duplicate: "replayed",
  replay: "replayed",
}

/** Of a frame that is under way since this choice. `known`: what is odd of an earlier one. */
export const oddityOf = (
  choice: Choice | undefined,
  frame: SeenFrame,
  frames: ReadonlyArray<SeenFrame>,
  known: (id: number) => Oddity | undefined,
): Oddity | undefined => {
  if (choice === undefined || !(choice[0] in ATTACKS || choice[0] === "delay")) return undefined
  const source = typeof choice[1] === "number" ? frames.find(({ id }) => id === choice[1]) : undefined
  const before = source && known(source.id)
  const attack = ATTACKS[choice[0]]
  // A late frame is as it was, and a copy of an altered one is altered.
  if (attack === undefined || (attack === "replayed" && before !== undefined)) return before
  return { attack, of: before?.of ?? source?.kind ?? frame.kind }
}

/** Whether nobody sealed it as it is, for whom it comes to. */
export const isDamage = ({ attack }: Oddity): boolean => attack === "altered" || attack === "reflected"
