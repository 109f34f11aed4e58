/** What can be chosen at each moment of a simulation. Plain data: a run is its seed and its choices. Docs: simulator.md. */

import type { FrameKind } from "../../core/frame.ts"
import type { LayerName } from "../../core/layers/layer.ts"
import type { Fate } from "./faults.ts"

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
  /** From now on messages disappear `after` milliseconds from being read, or from being sent; without it they stay. */
  | { readonly do: "timer"; readonly with: string; readonly after?: number; readonly from?: "reading" | "sending" }
  /** Goes on with somebody whose identity has changed, without having compared it. */
  | { readonly do: "continue"; readonly with: string }
  /** Neither hears nor is heard by somebody, until it is taken back. */
  | { readonly do: "block" | "unblock"; readonly with: string }
  /** Takes back an invite that nobody has used up. */
  | { readonly do: "cancel"; readonly with: string }
  | { readonly do: "lock" }
  /** `wrong`: with another key, where a vault seals the storage. */
  | { readonly do: "unlock"; readonly wrong?: boolean }
  /** From now on it locks by itself after `after` milliseconds without its user; without it never. */
  | { readonly do: "autoLock"; readonly after?: number }
  /** Ends the process in good order. */
  | { readonly do: "close" }

/** What can happen next in a run. */
export type Choice =
  /** Whatever is due next happens. */
  | readonly ["."]
  /** Everything happens that is due within so many milliseconds. */
  | readonly ["wait", ms: number]
  | readonly ["event", peer: string, event: PeerEvent]
  | readonly ["drop" | "duplicate" | "corrupt", frame: number]
  | readonly ["delay", frame: number, ms: number]
  /** A frame under way turns round: it comes back to whoever sent it. */
  | readonly ["reflect", frame: number]
  /** A Hello under way loses its outermost layer to somebody who knows no secret. */
  | readonly ["strip", frame: number]
  /** A frame that went before, or the latest of a kind, comes once more over the newest link between the two. */
  | readonly ["replay", frame: number | FrameKind]
  /** Damaged copies of a frame come beside it, so many. */
  | readonly ["flood", frame: number, copies: number]
  /** Whether somebody stands in the middle of every new link, with certificates of its own. */
  | readonly ["intercept", on: boolean]
  /** Cuts a peer off, or everybody. */
  | readonly ["partition", peer?: string]
  | readonly ["reconnect"]
  /** Ends all links; they may be opened again. */
  | readonly ["cut"]
  /** A process dies: now, or in this way at its next commit. */
  | readonly ["crash", peer: string, fate?: Fate]
  /** A peer's process dies, and the keys of all its conversations are gone from its disk. */
  | readonly ["lose", peer: string]
  /** A peer's process dies, and its owner puts a backup of everything until then into an empty disk. */
  | readonly ["restore", peer: string]
  /** As when keys are lost, and its identity is another one: another device with what this one knew, or an impostor. */
  | readonly ["replace", peer: string]
  /** Somebody copies a peer's disk; later its process dies, and the disk is the copy. */
  | readonly ["copy" | "putBack", peer: string]
  /** A thief copies the keys that one layer has, and tries them on all that is sent to the peer from then on. */
  | readonly ["steal", peer: string, layer: LayerName]
  | readonly ["restart", peer: string]
  /** Another tab of the same profile opens; `takeOver`: it does not wait for the first one. */
  | readonly ["tab", peer: string, takeOver: boolean]
  /** The tab that waits, because another one has the place, takes it from that one. */
  | readonly ["takeBack", peer: string]
  /** The wall clock of a peer jumps. */
  | readonly ["clock", peer: string, ms: number]

/** Choices as a line of text each, and back. */
export const showChoice = (choice: Choice): string => {
  const [what, ...rest] = choice
  return what === "."
    ? "."
    : [what, ...rest.map((part) => (typeof part === "object" ? JSON.stringify(part) : `${part}`))].join(" ")
}
