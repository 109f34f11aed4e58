/** What can be chosen at each moment of a simulation. Plain data: a run is its seed and its choices. Docs: simulator.md. */

/** What a person does. Times and ids come from the simulation. */
export type PeerEvent =
  /** Makes an invite that the other one uses. Taken up again after a crash until it is done. */
  | { readonly do: "pair"; readonly with: string }
  /** `times`: as many messages at once, numbered. `expiresIn` in milliseconds. */
  | {
      readonly do: "send"
      readonly to: string
      readonly text: string
      readonly times?: number
      readonly expiresIn?: number
    }
  /** Has read everything that came from there. */
  | { readonly do: "read"; readonly from: string }
  | { readonly do: "rename"; readonly name: string }
  /** Wants new keys with somebody. */
  | { readonly do: "renewKeys"; readonly with: string }
  | { readonly do: "lock" }
  | { readonly do: "unlock" }
  /** Ends the process in good order. */
  | { readonly do: "close" }

export type Choice =
  /** Whatever is due next happens. */
  | readonly ["."]
  /** Everything happens that is due within so many milliseconds. */
  | readonly ["wait", ms: number]
  | readonly ["event", peer: string, event: PeerEvent]
  | readonly ["drop" | "duplicate" | "corrupt", frame: number]
  | readonly ["delay", frame: number, ms: number]
  /** Cuts a peer off, or everybody. */
  | readonly ["partition", peer?: string]
  | readonly ["reconnect"]
  /** Ends all links; they may be opened again. */
  | readonly ["cut"]
  | readonly ["crash", peer: string]
  /** A peer's process dies, and the keys of all its conversations are gone from its disk. */
  | readonly ["lose", peer: string]
  | readonly ["restart", peer: string]
  /** Another tab of the same profile opens; `takeOver`: it does not wait for the first one. */
  | readonly ["tab", peer: string, takeOver: boolean]
  /** The wall clock of a peer jumps. */
  | readonly ["clock", peer: string, ms: number]

/** Choices as a line of text each, and back. */
export const showChoice = (choice: Choice): string => {
  const [what, ...rest] = choice
  return what === "."
    ? "."
    : [what, ...rest.map((part) => (typeof part === "object" ? JSON.stringify(part) : `${part}`))].join(" ")
}
