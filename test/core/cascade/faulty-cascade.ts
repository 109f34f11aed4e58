/** A cascade written once more, with one rule left out at a time: what the cascade's invariants must notice. */
import * as Effect from "effect/Effect"
import { concat, utf8 } from "../../../src/core/crypto/bytes.ts"
import { Crypto, type CryptoService, Refused } from "../../../src/core/crypto/crypto.ts"
import { type Direction, receivedBy, sentBy } from "../../../src/core/ids.ts"
import { associatedData } from "../../../src/core/layers/associated.ts"
import { INNER_OVERHEAD, LAYER_NAMES, makeCascade } from "../../../src/core/layers/cascade.ts"
import type { LayerName } from "../../../src/core/layers/layer.ts"
import { pad, padTo, unpad, unpadFrom } from "../../../src/core/padding.ts"
import type { AnyCascade, AnyLayers, AnyState } from "../../../src/spec/games/cascade-subject.ts"

export interface Rules {
  readonly associated: typeof associatedData
  readonly pad: (content: Uint8Array) => Uint8Array
  readonly unpad: (padded: Uint8Array) => Uint8Array | undefined
  /** What becomes of a ciphertext that this layer refused: undefined refuses the frame. */
  readonly afterRefusal: (layer: LayerName, ciphertext: Uint8Array) => Uint8Array | undefined
  readonly failure: (layer: LayerName) => Effect.Effect<never, Refused>
  /** Whether the layers that did open keep their new states when a later one refuses. */
  readonly keepsHalf: boolean
  readonly layersFor: (content: Uint8Array) => ReadonlyArray<LayerName>
}

const SOUND: Rules = {
  associated: associatedData,
  pad,
  unpad,
  afterRefusal: () => undefined,
  failure: () => Effect.fail(new Refused()),
  keepsHalf: false,
  layersFor: () => LAYER_NAMES,
}

/** Composes as `makeCascade` does, but for the rules that are given. */
export const faulty =
  (fault: Partial<Rules>) =>
  (layers: AnyLayers): AnyCascade => {
    const rules = { ...SOUND, ...fault }
    const bind = (crypto: CryptoService, state: AnyState, name: LayerName, direction: Direction) =>
      rules.associated(crypto, state.transcript, name, direction)

    return {
      ...makeCascade(layers),
      seal: Effect.fnUntraced(function* (state: AnyState, content: Uint8Array) {
        const crypto = yield* Crypto
        const states: Record<LayerName, unknown> = { ...state.layers }
        let bytes = rules.pad(content)
        const room = bytes.length + INNER_OVERHEAD
        for (const name of rules.layersFor(content)) {
          if (name === "aes") bytes = padTo(bytes, room)
          const sealed = yield* layers[name].seal(states[name], bytes, bind(crypto, state, name, sentBy(state.role)))
          states[name] = sealed.state
          bytes = sealed.ciphertext
        }
        return { state: { ...state, layers: states }, ciphertext: bytes, transitions: [] }
      }),
      open: Effect.fnUntraced(function* (state: AnyState, ciphertext: Uint8Array) {
        const crypto = yield* Crypto
        const states: Record<LayerName, unknown> = { ...state.layers }
        let bytes: Uint8Array | undefined = ciphertext
        for (const name of LAYER_NAMES.toReversed()) {
          const open = layers[name].open(states[name], bytes, bind(crypto, state, name, receivedBy(state.role)))
          const opened = yield* Effect.catchTag(open, "Refused", () => Effect.succeed(undefined))
          if (opened !== undefined) states[name] = opened.state
          bytes = opened?.plaintext ?? rules.afterRefusal(name, bytes)
          if (name === "aes" && bytes !== undefined && opened !== undefined) bytes = unpadFrom(bytes, bytes.length)
          if (bytes === undefined) {
            if (rules.keepsHalf) Object.assign(state.layers, states)
            return yield* rules.failure(name)
          }
        }
        const content = rules.unpad(bytes)
        if (content === undefined) return yield* rules.failure("mls")
        return { state: { ...state, layers: states }, content, transitions: [] }
      }),
    }
  }

/** Associated data that leaves some of its parts out. */
export const binding =
  (parts: (transcript: Uint8Array, layer: LayerName, direction: Direction) => string): Rules["associated"] =>
  (crypto, transcript, layer, direction) =>
    crypto.sha256(concat(utf8(parts(transcript, layer, direction))))
