/**
 * What a frame holds, layer by layer, as its receiver would open it: with a copy of the keys on the receiver's disk, so that
 * nothing of a run changes by it. For explaining bytes, and for thieves. Docs: simulator.md, "Attackers".
 */
import * as Effect from "effect/Effect"
import { about, RECORD } from "../../core/contact/records.ts"
import { Crypto, type CryptoService } from "../../core/crypto/crypto.ts"
import { decodeFrame } from "../../core/frame.ts"
import type { Direction } from "../../core/ids.ts"
import { aesLayer } from "../../core/layers/aes/layer.ts"
import { associatedData } from "../../core/layers/associated.ts"
import { kemLayer } from "../../core/layers/kem/layer.ts"
import type { Layer, LayerName } from "../../core/layers/layer.ts"
import { mlsLayer } from "../../core/layers/mls/layer.ts"
import { signalLayer } from "../../core/layers/signal/layer.ts"

export type Plaintexts = Partial<Record<LayerName, Uint8Array>>
export type Records = ReadonlyMap<string, Uint8Array>

export const LAYERS = { aes: aesLayer, kem: kemLayer, signal: signalLayer, mls: mlsLayer } as const
/** In the order in which a receiver opens them. */
export const INWARDS = ["aes", "kem", "signal", "mls"] as const

/** One layer's plaintext, and the state after it; undefined where it does not open. */
export const openLayer = <State>(
  layer: Layer<State>,
  state: State,
  ciphertext: Uint8Array,
  associated: Uint8Array,
): Effect.Effect<{ readonly state: State; readonly plaintext: Uint8Array } | undefined, never, Crypto> =>
  Effect.catch(layer.open(state, ciphertext, associated), () => Effect.succeed(undefined))

/** Everything before the last mark of the outer padding. */
const unpadded = (bytes: Uint8Array): Uint8Array => bytes.slice(0, Math.max(0, bytes.lastIndexOf(0x80)))

/** What the layer would have to open, given what the layers around it opened to. */
export const ciphertextFor = (
  layer: LayerName,
  sealed: Uint8Array,
  { aes, kem, signal }: Plaintexts,
): Uint8Array | undefined =>
  layer === "aes" ? sealed : layer === "kem" ? aes && unpadded(aes) : layer === "signal" ? kem : signal

/** The ciphertext of a frame that is sealed by all four. */
export const sealedIn = (bytes: Uint8Array): Uint8Array | undefined => {
  const frame = decodeFrame(bytes)
  return frame?.kind === "sealed" || frame?.kind === "confirm" ? frame.ciphertext : undefined
}

/** What goes to whoever has these records. */
export const directionTo = (records: Records): Direction =>
  about.decode(records.get(RECORD.about) ?? new Uint8Array())?.role === "inviter"
    ? "joinerToInviter"
    : "inviterToJoiner"

/** As far as the keys go; nothing for a frame that is not sealed, or that the receiver could not open. */
export const openFrame = (
  crypto: CryptoService,
  bytes: Uint8Array,
  records: Records | undefined,
): Promise<Plaintexts> => {
  const transcript = records?.get(RECORD.transcript)
  const sealed = sealedIn(bytes)
  if (records === undefined || transcript === undefined || sealed === undefined) return Promise.resolve({})
  const direction = directionTo(records)
  const opening = Effect.gen(function* () {
    const opened: { -readonly [L in LayerName]?: Uint8Array } = {}
    for (const name of INWARDS) {
      const layer = LAYERS[name] as Layer<unknown>
      const ciphertext = ciphertextFor(name, sealed, opened)
      const state = layer.decode(records.get(`layer/${name}`) ?? new Uint8Array())
      if (ciphertext === undefined || state === undefined) break
      const found = yield* openLayer(layer, state, ciphertext, associatedData(crypto, transcript, name, direction))
      if (found === undefined) break
      opened[name] = found.plaintext
    }
    return opened
  })
  // Whatever goes wrong, the bytes are still shown.
  return Effect.runPromise(Effect.provideService(opening, Crypto, crypto)).catch(() => ({}))
}
