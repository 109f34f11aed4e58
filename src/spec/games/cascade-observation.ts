/** What an all-seeing observer writes down of a game on a cascade. Docs: invariants.md, CA. */
import type { Direction } from "../../core/ids.ts"
import type { LayerName } from "../../core/layers/layer.ts"
import type { Attack } from "./moves.ts"

/** Who holds what. `given` are in the adversary's hands whole, `honest` is the outermost that is not. */
export interface Game {
  /** The layer that the adversary does not have. */
  readonly honest: LayerName
  /** Those that it has. */
  readonly given: ReadonlyArray<LayerName>
  /** Whether the given ones do nothing at all (`withIdentity`), which is worse than being betrayed. */
  readonly broken: boolean
}

/** One frame that was handed over, and what came of it. */
export interface Attempt {
  /** What was done to it; "none" where it is genuine and comes for the first time. */
  readonly attack: Attack | "none"
  /** What the receiver made of it. */
  readonly outcome: "opened" | "refused" | "defect"
  /** Whether what opened is what the peer had sealed, and whether it had opened before. */
  readonly genuine: boolean
  /** Whether the same had opened before. */
  readonly again: boolean
  /** Whether the state given was the same afterwards. */
  readonly intact: boolean
}

/** What an all-seeing observer of a game saw. */
export interface CascadeObservation {
  /** Who held what. */
  readonly game: Game
  /** Every frame that was handed over. */
  readonly attempts: ReadonlyArray<Attempt>
  /** One for each frame: whether the adversary found the plaintext, or opened the honest layer with keys of others. */
  readonly peeks: ReadonlyArray<{ readonly readable: boolean }>
  /** Whether the honest layer's ciphertexts of two contents of one bucket differ in more than what its ciphers yield. */
  readonly views: ReadonlyArray<{ readonly differ: boolean }>
  /** Lengths of contents, and of the frames that carried them. */
  readonly wires: ReadonlyArray<{ readonly content: number; readonly wire: number }>
  /** What each refusal looked like. */
  readonly refusals: ReadonlyArray<string>
  /** Keys of ciphers and of HMAC that a layer used to seal. */
  readonly keys: ReadonlyArray<{ readonly layer: LayerName; readonly key: string }>
  /** All associated data that layers were given. */
  readonly bindings: ReadonlyArray<Binding>
  /** Whether each layer's state came back from its bytes, and whether more bytes were refused. */
  readonly records: ReadonlyArray<{ readonly layer: LayerName; readonly same: boolean; readonly trailing: boolean }>
}

/** The associated data that a layer was given. */
export interface Binding {
  /** Which session, by its transcript. */
  readonly session: string
  /** Which layer was given it. */
  readonly layer: LayerName
  /** Of which direction. */
  readonly direction: Direction
  /** The 32 bytes, in base64url. */
  readonly associated: string
}
