/**
 * The four layers without what decides: what a message from one end to the other cannot do without by the protocols' own rules.
 * Fresh keys for each message, headers, a chunk of the braid, both of MLS's encryptions and its signature, Signal's MAC, all padding,
 * and states that are copied when they change; framing is the layers' own. No statechart, no skipped keys, no limits, no look at the
 * clock, no session beside it, and one fiber for both ends. Docs: protocol.md, "Layers".
 */
import * as Effect from "effect/Effect"
import { concat, u32be, utf8 } from "../../src/core/crypto/bytes.ts"
import { type CryptoService, Refused } from "../../src/core/crypto/crypto.ts"
import { X_WING_CIPHERTEXT_BYTES, X_WING_PUBLIC_KEY_BYTES } from "../../src/core/crypto/x-wing.ts"
import { INNER_OVERHEAD } from "../../src/core/layers/cascade.ts"
import { encodeHeader, splitFrame } from "../../src/core/layers/kem/header.ts"
import { openContent, openSender, readPrivateMessage, sealMessage } from "../../src/core/layers/mls/message.ts"
import { advance } from "../../src/core/layers/mls/ratchet.ts"
import { chainKey, chainStep, seedAt } from "../../src/core/layers/signal/chain-key.ts"
import { chunkOf } from "../../src/core/layers/signal/chunks.ts"
import {
  authenticateAndDecrypt,
  encrypt,
  MAC_BYTES,
  macOf,
  messageKeys,
} from "../../src/core/layers/signal/message-keys.ts"
import { decodeSignalMessage, encodeBodyWithRoom } from "../../src/core/layers/signal/signal-message.ts"
import { pad, padTo, unpad, unpadFrom } from "../../src/core/padding.ts"

const LABEL = utf8("sotto/1 a label of such a length")
const BRAID_LABEL = utf8("Signal PQ Ratchet V1 Chain Next")
const NO_SALT = new Uint8Array(32)
const HEADER_BYTES = 4

/** One direction's chains at one end, before the message `index`. */
interface Chains {
  readonly index: number
  readonly mls: Uint8Array
  readonly signal: Uint8Array
  readonly braid: Uint8Array
  readonly kem: Uint8Array
  readonly aes: Uint8Array
}

/** Seals at one end and opens at the other, each of them with states of its own. `content` must come out as it went in. */
export const minimalLayers = Effect.fnUntraced(function* (crypto: CryptoService, content: Uint8Array) {
  const { random } = crypto
  const seed = random(32)
  const signatureKey = yield* crypto.ed25519.publicKey(seed)
  const framing = { number: 1, groupId: random(32), context: random(178), senderDataSecret: random(64) }
  const way = { sender: random(32), receiver: random(32) }
  const turn = { ciphertext: random(X_WING_CIPHERTEXT_BYTES), publicKey: random(X_WING_PUBLIC_KEY_BYTES) }
  const ratchetKey = yield* crypto.x25519.publicKey(random(32))
  const bound = { mls: random(32), signal: random(32), kem: random(32), aes: random(32) }
  /** Half of an ML-KEM key, as the braid sends it. */
  const braided = random(1_152)

  /** The keys of one message, and the chains after it. */
  const step = ({ aes, braid, index, kem, mls, signal }: Chains) => {
    const inner = advance(crypto, { secret: mls, generation: index })!
    const chain = chainKey(signal)
    const mixed = crypto.hkdfSha256(braid, NO_SALT, concat(u32be(index + 1), BRAID_LABEL), 64)
    const [kemStep, aesStep] = [crypto.hmacSha512(kem, LABEL), crypto.hmacSha512(aes, LABEL)]
    const [kemKey, aesKey] = [crypto.hmacSha512(kemStep.slice(32), LABEL), crypto.hmacSha512(aesStep.slice(32), LABEL)]
    const next: Chains = {
      index: index + 1,
      mls: inner.chain.secret,
      signal: chainStep(crypto, chain),
      braid: mixed.slice(0, 32),
      kem: kemStep.slice(0, 32),
      aes: aesStep.slice(0, 32),
    }
    return {
      next,
      mls: inner.messageKey,
      signal: messageKeys(crypto, seedAt(crypto, chain), mixed.slice(32)),
      kem: { key: kemKey.slice(0, 32), nonce: kemKey.slice(32, 56) },
      aes: { key: aesKey.slice(0, 32), nonce: aesKey.slice(32, 44) },
    }
  }

  const seal = Effect.fnUntraced(function* (chains: Chains) {
    const { index } = chains
    const { aes, kem, mls, next, signal } = step(chains)
    const padded = pad(content)
    const innermost = yield* sealMessage(crypto, framing, 0, seed, mls, padded, bound.mls)
    const ciphertext = yield* encrypt(crypto, signal, concat(bound.signal, innermost))
    const braid = concat(u32be(index), chunkOf(braided, index).bytes)
    const fields = { ratchetKey, counter: index, previousCounter: 0, ciphertext, braid, addresses: undefined }
    const message = encodeBodyWithRoom(fields, MAC_BYTES)
    const body = message.subarray(0, message.length - MAC_BYTES)
    message.set(macOf(crypto, signal, way, body), body.length)
    const head = encodeHeader(bound.kem, { place: { turn: 1, index, previous: 0 }, ...turn })
    const carried = yield* crypto.xChaCha20Poly1305.seal(kem.key, kem.nonce, message, head)
    const inner = padTo(concat(head.subarray(bound.kem.length), carried), padded.length + INNER_OVERHEAD)
    const place = u32be(index)
    const outermost = yield* crypto.aes256Gcm.seal(aes.key, aes.nonce, inner, concat(bound.aes, place))
    return { next, frame: concat(place, outermost) }
  })

  const open = Effect.fnUntraced(function* (chains: Chains, frame: Uint8Array) {
    const { aes, kem, mls, next, signal } = step(chains)
    const associated = concat(bound.aes, frame.subarray(0, HEADER_BYTES))
    const padded = yield* crypto.aes256Gcm.open(aes.key, aes.nonce, frame.subarray(HEADER_BYTES), associated)
    const split = splitFrame(bound.kem, unpadFrom(padded, padded.length)!)
    if (split === undefined) return yield* new Refused()
    const message = decodeSignalMessage(
      yield* crypto.xChaCha20Poly1305.open(kem.key, kem.nonce, split.sealed, split.bound),
    )
    if (message === undefined) return yield* new Refused()
    const decrypted = yield* authenticateAndDecrypt(crypto, signal, way, message)
    const innermost = readPrivateMessage(decrypted.slice(bound.signal.length))
    if (innermost === undefined) return yield* new Refused()
    const sender = yield* openSender(crypto, framing, innermost)
    const opened = unpad(yield* openContent(crypto, framing, innermost, sender, mls, signatureKey))
    return opened?.length === content.length ? next : yield* new Refused()
  })

  const first = { index: 0, mls: random(64), signal: random(32), braid: random(32), kem: random(32), aes: random(32) }
  const ends: { one: Chains; other: Chains } = { one: first, other: { ...first } }
  return Effect.gen(function* () {
    const sealed = yield* seal(ends.one)
    ends.one = sealed.next
    ends.other = yield* open(ends.other, sealed.frame)
  })
})
