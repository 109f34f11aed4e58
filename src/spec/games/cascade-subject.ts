/**
 * A cascade as the games see it: its parts with their types erased, so that one game runs on the real layers, on toys, and
 * on cascades with a fault. Docs: invariants.md, "Cascade".
 */
import * as Effect from "effect/Effect"
import type { Crypto } from "../../core/crypto/crypto.ts"
import type { Role } from "../../core/ids.ts"
import type { Cascade, CascadeLayers, CascadeState } from "../../core/layers/cascade.ts"
import type { Layer, LayerName } from "../../core/layers/layer.ts"

/** A layer whose state is nobody's business. */
export type AnyLayer = Layer<unknown>
/** Four of them. */
export type AnyLayers = CascadeLayers<unknown, unknown, unknown, unknown>
/** A cascade whose states are nobody's business. */
export type AnyCascade = Cascade<unknown, unknown, unknown, unknown>
/** One side of a session on such layers. */
export type AnyState = CascadeState<unknown, unknown, unknown, unknown>
/** Both sides. */
export type Pair = Readonly<Record<Role, AnyState>>

/** A cascade to be played against: its layers, how they are composed, and a session on them. */
export interface CascadeSubject {
  /** Each under its own name. */
  readonly layers: AnyLayers
  /** Composes layers: `makeCascade`, or one with a fault. */
  readonly compose: (layers: AnyLayers) => AnyCascade
  /** Two sides of a session, of which the inviter may seal. May be the same pair every time: states are values. */
  readonly establish: Effect.Effect<Pair, never, Crypto>
}

/** The subject of these parts. The one place where the types of the states are given up. */
export const cascadeSubject = <M, S, K, A>(parts: {
  readonly layers: CascadeLayers<M, S, K, A>
  readonly compose: (layers: CascadeLayers<M, S, K, A>) => Cascade<M, S, K, A>
  readonly establish: Effect.Effect<Readonly<Record<Role, CascadeState<M, S, K, A>>>, never, Crypto>
}): CascadeSubject => parts as unknown as CascadeSubject

/** A layer that does nothing, to stand in for one that was broken altogether. */
export const identityLayer = (name: LayerName): Layer<null> => ({
  name,
  seal: (state, plaintext) => Effect.succeed({ state, ciphertext: plaintext.slice(), transitions: [] }),
  open: (state, ciphertext) => Effect.succeed({ state, plaintext: ciphertext.slice(), transitions: [] }),
  expire: (state) => state,
  encode: () => new Uint8Array(0),
  decode: (bytes) => (bytes.length === 0 ? null : undefined),
  view: () => ({ layer: name, state: "none", epoch: 0, sent: 0, received: 0, skipped: 0 }),
})

/** The subject with the identity layer in these places. */
export const withIdentity = (subject: CascadeSubject, names: ReadonlyArray<LayerName>): CascadeSubject => {
  const replaced = <P extends Readonly<Record<LayerName, unknown>>>(parts: P, by: (name: LayerName) => unknown): P => ({
    ...parts,
    ...Object.fromEntries(names.map((name) => [name, by(name)])),
  })
  const broken = (state: AnyState): AnyState => ({ ...state, layers: replaced(state.layers, () => null) })
  return {
    compose: subject.compose,
    layers: replaced(subject.layers, identityLayer),
    establish: Effect.map(subject.establish, ({ inviter, joiner }) => ({
      inviter: broken(inviter),
      joiner: broken(joiner),
    })),
  }
}
