/** How most scenarios begin, and what they say again and again. */
import type { Choice } from "../simulation/choice.ts"

/** Two people, in the run that most scenarios are of. */
export const base = { seed: 1, peers: ["alice", "bob"] } as const

export const PAIR: Choice = ["event", "alice", { do: "pair", with: "bob" }]
/** The next thing that happens by itself. */
export const NEXT: Choice = ["."]
/** By then they have paired, and all is quiet. */
export const PAIRED: ReadonlyArray<Choice> = [PAIR, ["wait", 5_000]]

export const send = (from: string, to: string, text: string, expiresIn?: number): Choice => [
  "event",
  from,
  { do: "send", to, text, ...(expiresIn !== undefined && { expiresIn }) },
]

export const toBob = { peer: "alice", with: "bob" } as const
export const toAlice = { peer: "bob", with: "alice" } as const
/** The state of a session in which messages go both ways. */
export const open = "conversation.established.open"
