/** Opens a ciphertext one layer after the other, to show what lies between: the cascade itself never does this. */
import * as Effect from "effect/Effect"
import { Crypto } from "../../src/core/crypto/crypto.ts"
import { aesLayer } from "../../src/core/layers/aes/layer.ts"
import { associatedData } from "../../src/core/layers/associated.ts"
import { kemLayer } from "../../src/core/layers/kem/layer.ts"
import type { LayerName } from "../../src/core/layers/layer.ts"
import { mlsLayer } from "../../src/core/layers/mls/layer.ts"
import { sottoCascade } from "../../src/core/layers/profile.ts"
import { signalLayer } from "../../src/core/layers/signal/layer.ts"
import { seededCrypto } from "../../src/spec/games/seeded.ts"
import { layerRecords } from "./example-run.ts"

/** With the joiner's records, a ciphertext of the inviter's. */
export const openLayers = (
  records: { readonly [record: string]: Uint8Array },
  transcript: Uint8Array,
  ciphertext: Uint8Array,
) => {
  const crypto = seededCrypto(4)
  const states = layerRecords(records)
  const bind = (layer: LayerName) => associatedData(crypto, transcript, layer, "inviterToJoiner")
  const opening = Effect.gen(function* () {
    const aes = yield* aesLayer.open(aesLayer.decode(states.aes)!, ciphertext, bind("aes"))
    const inKem = aes.plaintext.slice(0, aes.plaintext.lastIndexOf(0x80))
    const kem = yield* kemLayer.open(kemLayer.decode(states.kem)!, inKem, bind("kem"))
    const signal = yield* signalLayer.open(signalLayer.decode(states.signal)!, kem.plaintext, bind("signal"))
    const mls = yield* mlsLayer.open(mlsLayer.decode(states.mls)!, signal.plaintext, bind("mls"))
    const whole = yield* sottoCascade.open(sottoCascade.decode(transcript, "joiner", states)!, ciphertext)
    return {
      inAes: aes.plaintext,
      inKem,
      inSignal: kem.plaintext,
      inMls: signal.plaintext,
      bucket: mls.plaintext,
      content: whole.content,
      associated: bind("signal"),
    }
  })
  return Effect.runPromise(Effect.provideService(opening, Crypto, crypto))
}
