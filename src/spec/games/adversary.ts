/**
 * What an adversary can do who holds everything of some layers: take those off a frame, put them on again around something
 * else, or build a frame of its own. It uses the layers one by one, which the cascade itself never does.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { equal } from "../../core/crypto/bytes.ts"
import { Crypto } from "../../core/crypto/crypto.ts"
import { receivedBy, sentBy } from "../../core/ids.ts"
import { associatedData } from "../../core/layers/associated.ts"
import { INNER_OVERHEAD, LAYER_NAMES } from "../../core/layers/cascade.ts"
import type { LayerName } from "../../core/layers/layer.ts"
import { pad, padTo } from "../../core/padding.ts"
import type { AnyLayers, AnyState } from "./cascade-subject.ts"
import { idealCiphers } from "./ideal-ciphers.ts"
import { seededCrypto } from "./seeded.ts"

/** A ciphertext of the layer that the adversary does not hold, and the padded size that its frame tells. */
export interface Core {
  /** Of the layer that the adversary does not hold. */
  readonly ciphertext: Uint8Array
  /** The padded size that its frame tells. */
  readonly bucket: number
}

/** The layers around the honest one, from the innermost. */
export const outside = (honest: LayerName): ReadonlyArray<LayerName> =>
  LAYER_NAMES.slice(LAYER_NAMES.indexOf(honest) + 1)

/** The layers within the honest one, from the innermost. */
export const inside = (honest: LayerName): ReadonlyArray<LayerName> => LAYER_NAMES.slice(0, LAYER_NAMES.indexOf(honest))

/** Takes off all layers outside `honest` with the receiver's keys for them. Undefined where one does not open. */
export const peel = Effect.fnUntraced(function* (
  layers: AnyLayers,
  honest: LayerName,
  receiver: AnyState,
  frame: Uint8Array,
): Effect.fn.Return<Core | undefined, never, Crypto> {
  const crypto = yield* Crypto
  let ciphertext = frame
  let bucket = 0
  for (const name of outside(honest).toReversed()) {
    const associated = associatedData(crypto, receiver.transcript, name, receivedBy(receiver.role))
    const exit = yield* Effect.exit(layers[name].open(receiver.layers[name], ciphertext, associated))
    if (Exit.isFailure(exit)) return undefined
    ciphertext = exit.value.plaintext
    if (name === "aes") {
      bucket = ciphertext.length - INNER_OVERHEAD
      ciphertext = withoutPadding(ciphertext)
    }
  }
  return { ciphertext, bucket }
})

/** Puts layers around a core with the sender's keys for them; by default those outside `honest`, in their order. */
export const wrap = Effect.fnUntraced(function* (
  layers: AnyLayers,
  sender: AnyState,
  { bucket, ciphertext }: Core,
  names: ReadonlyArray<LayerName>,
): Effect.fn.Return<Uint8Array | undefined, never, Crypto> {
  const crypto = yield* Crypto
  const states: Partial<Record<LayerName, unknown>> = {}
  let wrapped = ciphertext
  for (const name of names) {
    const room = bucket + INNER_OVERHEAD
    if (name === "aes") wrapped = wrapped.length < room ? padTo(wrapped, room) : wrapped
    const state = name in states ? states[name] : sender.layers[name]
    const associated = associatedData(crypto, sender.transcript, name, sentBy(sender.role))
    const exit = yield* Effect.exit(layers[name].seal(state, wrapped, associated))
    if (Exit.isFailure(exit)) return undefined
    states[name] = exit.value.state
    wrapped = exit.value.ciphertext
  }
  return wrapped
})

/** Content of the adversary's own, under the layers inside `honest` alone: what a stripped honest layer would carry. */
export const hollow = (
  layers: AnyLayers,
  sender: AnyState,
  honest: LayerName,
  content: Uint8Array,
): Effect.Effect<Core | undefined, never, Crypto> => {
  const padded = pad(content)
  return Effect.map(
    wrap(layers, sender, { ciphertext: padded, bucket: padded.length }, inside(honest)),
    (ciphertext) => ciphertext && { ciphertext, bucket: padded.length },
  )
}

/** Whether any layer in the adversary's hands opens a core, as if it were that layer's own. */
export const opensElsewhere = Effect.fnUntraced(function* (
  layers: AnyLayers,
  given: ReadonlyArray<LayerName>,
  states: ReadonlyArray<AnyState>,
  { ciphertext }: Core,
): Effect.fn.Return<boolean, never, Crypto> {
  const crypto = yield* Crypto
  for (const name of given) {
    for (const state of states) {
      for (const direction of ["inviterToJoiner", "joinerToInviter"] as const) {
        const associated = associatedData(crypto, state.transcript, name, direction)
        const exit = yield* Effect.exit(layers[name].open(state.layers[name], ciphertext, associated))
        // The identity layer "opens" everything, to what it was given.
        if (Exit.isSuccess(exit) && exit.value.plaintext.length !== ciphertext.length) return true
      }
    }
  }
  return false
})

/**
 * Whether the honest layer's ciphertexts of two contents of one bucket are the same, byte for byte, once its ciphers are
 * ideal and everything random is the same: then only the ciphers tell them apart, and nothing that holds without a key.
 */
export const looksAlike = Effect.fnUntraced(function* (
  layers: AnyLayers,
  honest: LayerName,
  sender: AnyState,
  contents: readonly [Uint8Array, Uint8Array],
): Effect.fn.Return<boolean> {
  const view = Effect.fnUntraced(function* (content: Uint8Array) {
    const crypto = seededCrypto(1)
    const core = yield* Effect.provideService(hollow(layers, sender, honest, content), Crypto, crypto)
    if (core === undefined) return NOTHING
    const room = honest === "aes" ? padTo(core.ciphertext, core.bucket + INNER_OVERHEAD) : core.ciphertext
    const associated = associatedData(crypto, sender.transcript, honest, sentBy(sender.role))
    const sealed = layers[honest].seal(sender.layers[honest], room, associated)
    return (yield* Effect.provideService(sealed, Crypto, idealCiphers(crypto))).ciphertext
  })
  const [one, other] = [yield* view(contents[0]), yield* view(contents[1])]
  return one.length > 0 && equal(one, other)
})

const NOTHING = new Uint8Array(0)

/** The padding off, without asking whether it is right. */
const withoutPadding = (padded: Uint8Array): Uint8Array => {
  let end = padded.length - 1
  while (end > 0 && padded[end] === 0) end--
  return padded.slice(0, end)
}
