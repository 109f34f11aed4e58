/** Whoever has a copy of one party's state, and when what it knows is worth nothing any more. Docs: invariants.md, RT. */
import type { Role } from "../../core/ids.ts"

/** A copy of one party's state, and how far word of what that party did afterwards has travelled. */
export interface Thief<State> {
  readonly of: Role
  state: State
  readonly word: Record<Role, number>
  /** The word that a frame carries, by its number. */
  readonly carried: Map<number, number>
}

/**
 * After the leak of A: A's frames carry word 0, the peer's answers 1, A's answers to those 2, and what the peer seals after
 * that, 3, is under keys of a whole round trip that the thief did not see into.
 */
const HEALED = 3

export const thiefOf = <State>(of: Role, state: State): Thief<State> => {
  const word = of === "inviter" ? { inviter: 0, joiner: -1 } : { inviter: -1, joiner: 0 }
  return { of, state, word, carried: new Map() }
}

/** Whether what this side seals now is to be closed to the thief. */
export const isHealed = ({ word }: Thief<unknown>, from: Role): boolean => word[from] >= HEALED

/** The frame of this number has opened on this side, and with it came the word that it carries. */
export const hears = ({ carried, word }: Thief<unknown>, to: Role, frame: number): void => {
  const came = carried.get(frame) ?? -1
  if (came >= 0) word[to] = Math.max(word[to], came + 1)
}
