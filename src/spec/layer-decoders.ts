/**
 * The decoders that have no arbitrary: messages inside the layers, and the layers' states at rest. Their seeds come from a
 * real handshake and a short conversation. Docs: invariants.md, CA-7.
 */
import * as Effect from "effect/Effect"
import { about, entry, outgoing, seen } from "../core/contact/records.ts"
import { Crypto } from "../core/crypto/crypto.ts"
import { accept, complete, offer } from "../core/handshake/agree.ts"
import { makeHello, openAccept } from "../core/handshake/messages.ts"
import { makeOneTime, makeOwnStatics, oneTime, ownStatics, publicOf } from "../core/handshake/own-keys.ts"
import { hashStaticPublic } from "../core/handshake/static-keys.ts"
import { aesLayer } from "../core/layers/aes/layer.ts"
import { LAYER_NAMES } from "../core/layers/cascade.ts"
import { kemLayer } from "../core/layers/kem/layer.ts"
import type { Layer, LayerName } from "../core/layers/layer.ts"
import { mlsLayer } from "../core/layers/mls/layer.ts"
import { readPrivateMessage } from "../core/layers/mls/message.ts"
import { type SottoState, sottoCascade } from "../core/layers/profile.ts"
import { signalLayer } from "../core/layers/signal/layer.ts"
import { decodePreKeyMessage, encodePreKeyMessage } from "../core/layers/signal/pre-key-message.ts"
import { decodeSignalMessage } from "../core/layers/signal/signal-message.ts"
import type { Decoder } from "./decoders.ts"
import { seededCrypto } from "./games/seeded.ts"

const ASSOCIATED = new Uint8Array(32)

/** Two sides that have just agreed, from a seed, with what they sent on the way. */
export const agreeTwo = Effect.gen(function* () {
  const crypto = yield* Crypto
  const pairing = { id: crypto.random(16), secret: crypto.random(32) }
  const [ours, theirs] = [yield* makeOwnStatics, yield* makeOwnStatics]
  const prepared = yield* makeOneTime({ statics: ours, id: 1 })
  const hello = makeHello(crypto, pairing, crypto.random(32))
  const heard = { pairing, hello, binding: undefined }
  const bundle = offer(crypto, heard, prepared)
  const staticsHash = hashStaticPublic(crypto, yield* publicOf(ours))
  const joined = yield* accept({ ...heard, staticsHash }, theirs, bundle, [])
  const invited = yield* complete({ ...heard, bundle }, ours, prepared, joined.accept)
  const { signal } = openAccept(crypto, pairing, { bundleMessage: bundle }, joined.accept)!
  return { inviter: invited.state, joiner: joined.state, statics: ours, prepared, preKeyMessage: signal }
})

/** A few messages each way, one of them skipped, and every state on the way. */
const converse = Effect.fnUntraced(function* (inviter: SottoState, joiner: SottoState) {
  const states = [inviter, joiner]
  let [a, b] = [inviter, joiner]
  for (let turn = 0; turn < 4; turn++) {
    const skipped = yield* sottoCascade.seal(a, Uint8Array.of(turn))
    const sent = yield* sottoCascade.seal(skipped.state, Uint8Array.of(turn))
    const got = yield* sottoCascade.open(b, sent.ciphertext)
    states.push(sent.state, got.state)
    ;[a, b] = [got.state, sent.state]
  }
  return states
})

const LAYERS: { readonly [L in LayerName]: Layer<never> } = {
  mls: mlsLayer as unknown as Layer<never>,
  signal: signalLayer as unknown as Layer<never>,
  kem: kemLayer as unknown as Layer<never>,
  aes: aesLayer as unknown as Layer<never>,
}

const stateDecoder = (name: LayerName, states: ReadonlyArray<SottoState>): Decoder => {
  const layer = LAYERS[name]
  return {
    name: `${name} state`,
    decode: layer.decode,
    reencode: (bytes) => {
      const state = layer.decode(bytes)
      return state === undefined ? undefined : layer.encode(state)
    },
    seeds: states.map((state) => sottoCascade.encode(state)[name]),
  }
}

/** They take a moment to make: a whole handshake. The same ones every time. */
export const layerDecoders: Effect.Effect<ReadonlyArray<Decoder>> = Effect.gen(function* () {
  const { inviter, joiner, prepared, preKeyMessage, statics } = yield* agreeTwo
  const states = yield* converse(inviter, joiner)
  const last = states.at(-1)!.layers
  const mls = yield* mlsLayer.seal(last.mls, new Uint8Array(256), ASSOCIATED)
  const signal = yield* signalLayer.seal(last.signal, mls.ciphertext, ASSOCIATED)
  const sample = { id: new Uint8Array(16), at: 1_000, number: 3 }
  return [
    ...LAYER_NAMES.map((name) => stateDecoder(name, states)),
    { name: "MLS private message", decode: readPrivateMessage, seeds: [mls.ciphertext] },
    { name: "Signal message", decode: decodeSignalMessage, seeds: [signal.ciphertext] },
    {
      name: "Signal prekey message",
      decode: decodePreKeyMessage,
      reencode: (bytes) => {
        const message = decodePreKeyMessage(bytes)
        return message && encodePreKeyMessage(message)
      },
      seeds: [preKeyMessage],
    },
    { name: "one-time keys", decode: oneTime.decode, seeds: [oneTime.encode(prepared)] },
    { name: "own static keys", decode: ownStatics.decode, seeds: [ownStatics.encode(statics)] },
    {
      name: "contact",
      decode: about.decode,
      seeds: [about.encode({ role: "joiner", createdAt: 1, name: "Ana", own: [], peer: [], pairedAt: 2 })],
    },
    {
      name: "history entry",
      decode: entry.decode,
      seeds: [entry.encode({ ...sample, mine: true, text: "hello", gap: 0 })],
    },
    { name: "outgoing", decode: outgoing.decode, seeds: [outgoing.encode({ content: new Uint8Array(9) })] },
    { name: "seen frame", decode: seen.decode, seeds: [seen.encode({ digest: new Uint8Array(16), numbered: true })] },
  ] satisfies ReadonlyArray<Decoder>
}).pipe(Effect.provideService(Crypto, seededCrypto(1)), Effect.orDie)
