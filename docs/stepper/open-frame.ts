/** What a frame holds, layer by layer, as its receiver would open it: with a copy of the keys on the receiver's disk. */
import * as Effect from "effect/Effect"
import { Crypto, type CryptoService } from "../../src/core/crypto/crypto.ts"
import { decodeFrame } from "../../src/core/frame.ts"
import type { Direction } from "../../src/core/ids.ts"
import { aesLayer } from "../../src/core/layers/aes/layer.ts"
import { associatedData } from "../../src/core/layers/associated.ts"
import { kemLayer } from "../../src/core/layers/kem/layer.ts"
import type { Layer, LayerName } from "../../src/core/layers/layer.ts"
import { mlsLayer } from "../../src/core/layers/mls/layer.ts"
import { signalLayer } from "../../src/core/layers/signal/layer.ts"

export type Plaintexts = Partial<Record<LayerName, Uint8Array>>

const open = <State>(
  layer: Layer<State>,
  state: Uint8Array | undefined,
  ciphertext: Uint8Array,
  associated: Uint8Array,
) => {
  const decoded = state === undefined ? undefined : layer.decode(state)
  return decoded === undefined
    ? Effect.succeed(undefined)
    : Effect.catch(
        Effect.map(layer.open(decoded, ciphertext, associated), ({ plaintext }) => plaintext as Uint8Array | undefined),
        () => Effect.succeed(undefined),
      )
}

/** Everything before the last mark of the outer padding. */
const unpadded = (bytes: Uint8Array): Uint8Array => bytes.slice(0, Math.max(0, bytes.lastIndexOf(0x80)))

/** As far as the keys go; nothing for a frame that is not sealed, or that the receiver could not open. */
export const openFrame = (
  crypto: CryptoService,
  bytes: Uint8Array,
  records: ReadonlyMap<string, Uint8Array> | undefined,
  direction: Direction,
): Promise<Plaintexts> => {
  const frame = decodeFrame(bytes)
  const transcript = records?.get("layer/transcript")
  if (records === undefined || transcript === undefined || (frame?.kind !== "sealed" && frame?.kind !== "confirm"))
    return Promise.resolve({})
  const { ciphertext } = frame
  const bind = (layer: LayerName) => associatedData(crypto, transcript, layer, direction)
  const opening = Effect.gen(function* () {
    const aes = yield* open(aesLayer, records.get("layer/aes"), ciphertext, bind("aes"))
    if (aes === undefined) return {}
    const kem = yield* open(kemLayer, records.get("layer/kem"), unpadded(aes), bind("kem"))
    if (kem === undefined) return { aes }
    const signal = yield* open(signalLayer, records.get("layer/signal"), kem, bind("signal"))
    if (signal === undefined) return { aes, kem }
    const mls = yield* open(mlsLayer, records.get("layer/mls"), signal, bind("mls"))
    return mls === undefined ? { aes, kem, signal } : { aes, kem, signal, mls }
  })
  // Whatever goes wrong, the bytes are still shown.
  return Effect.runPromise(Effect.provideService(opening, Crypto, crypto)).catch(() => ({}))
}
