/** The cascade of profile `sotto/1`: the four real layers, and what only one of them can do. Docs: protocol.md, "Layers". */
import * as Effect from "effect/Effect"
import type { Crypto, Refused } from "../crypto/crypto.ts"
import { aesLayer } from "./aes/layer.ts"
import type { AesState } from "./aes/state.ts"
import { type CascadeState, makeCascade } from "./cascade.ts"
import { kemLayer } from "./kem/layer.ts"
import type { KemState } from "./kem/state.ts"
import { mlsApply, mlsCommit, mlsWantsCommit } from "./mls/healing.ts"
import { mlsLayer } from "./mls/layer.ts"
import type { MlsState } from "./mls/state.ts"
import { type SignalState, signalLayer } from "./signal/layer.ts"

export type SottoState = CascadeState<MlsState, SignalState, KemState, AesState>

export const sottoCascade = makeCascade({ mls: mlsLayer, signal: signalLayer, kem: kemLayer, aes: aesLayer })

/** Where the frame stands in the outermost layer's chain: in the clear, and so the same for a repeated frame. */
export const counterOf = (ciphertext: Uint8Array): number | undefined =>
  ciphertext.length < 4 ? undefined : new DataView(ciphertext.buffer, ciphertext.byteOffset).getUint32(0)

const withMls = (state: SottoState, mls: MlsState): SottoState => ({ ...state, layers: { ...state.layers, mls } })

/** Whether the MLS layer's keys should be renewed by us now. */
export const wantsRekey = (state: SottoState): boolean => mlsWantsCommit(state.layers.mls)

/** A commit for the peer, to be delivered as content, and the state that waits for it. Refused out of turn. */
export const rekey = (
  state: SottoState,
): Effect.Effect<{ readonly state: SottoState; readonly commit: Uint8Array }, Refused, Crypto> =>
  Effect.map(mlsCommit(state.layers.mls), ({ commit, state: mls }) => ({ commit, state: withMls(state, mls) }))

/** The peer's commit, applied. */
export const applyRekey = (state: SottoState, commit: Uint8Array): Effect.Effect<SottoState, Refused, Crypto> =>
  Effect.map(mlsApply(state.layers.mls, commit), (mls) => withMls(state, mls))
