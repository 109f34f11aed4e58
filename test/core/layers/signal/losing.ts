/** States that lost messages, and what it costs to open one. */
import * as Effect from "effect/Effect"
import { Crypto, type CryptoService } from "../../../../src/core/crypto/crypto.ts"
import { nextSendingKey } from "../../../../src/core/layers/signal/braid-chains.ts"
import { chainStep } from "../../../../src/core/layers/signal/chain-key.ts"
import { type SignalState, signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { ASSOCIATED, crypto, seal, text } from "./people.ts"

/** The sender after `count` messages that nobody wrote: as sealing and losing them, only faster. */
export const lose = (state: SignalState, count: number): SignalState => loseInBraid(loseInChain(state, count), count)

/** The same as far as the Double Ratchet knows. */
export const loseInChain = (state: SignalState, count: number): SignalState => {
  const { sending } = state.keys!
  let chain = sending!.chain
  for (let i = 0; i < count; i++) chain = chainStep(crypto, chain)
  return {
    ...state,
    keys: { ...state.keys!, sending: { ...sending!, chain } },
    ratchet: { ...state.ratchet, context: { ...state.ratchet.context, sent: state.ratchet.context.sent + count } },
  }
}

/** The same as far as the braid's chain knows. */
export const loseInBraid = (state: SignalState, count: number): SignalState => {
  const { braid } = state.keys!
  let { chains } = braid
  for (let i = 0; i < count; i++) chains = nextSendingKey(crypto, chains, braid.machine.context.epoch - 1)!.chains
  return { ...state, keys: { ...state.keys!, braid: { ...braid, chains } } }
}

/** The words sealed and lost, `count` times: the ciphertexts, in order. */
export const sealMany = (state: SignalState, count: number) => {
  const ciphertexts: Array<Uint8Array> = []
  let sender = state
  for (let i = 0; i < count; i++) {
    const [next, ciphertext] = seal(sender, text("late"))
    sender = next
    ciphertexts.push(ciphertext)
  }
  return [sender, ciphertexts] as const
}

/** Counts what opening costs. */
export const costOf = (state: SignalState, ciphertext: Uint8Array) => {
  const cost = { hashes: 0, derivations: 0, agreements: 0, decryptions: 0 }
  const counting: CryptoService = {
    ...crypto,
    hmacSha256: (key, data) => {
      cost.hashes += 1
      return crypto.hmacSha256(key, data)
    },
    hkdfSha256: (ikm, salt, info, length) => {
      cost.derivations += 1
      return crypto.hkdfSha256(ikm, salt, info, length)
    },
    x25519: {
      ...crypto.x25519,
      agree: (secret, key) => {
        cost.agreements += 1
        return crypto.x25519.agree(secret, key)
      },
    },
    aes256Cbc: {
      ...crypto.aes256Cbc,
      decrypt: (key, iv, data) => {
        cost.decryptions += 1
        return crypto.aes256Cbc.decrypt(key, iv, data)
      },
    },
  }
  const opened = Effect.exit(signalLayer.open(state, ciphertext, ASSOCIATED))
  const { _tag } = Effect.runSync(Effect.provideService(opened, Crypto, counting))
  return { ...cost, opened: _tag === "Success" }
}

/** A forged message: the claim is changed, the MAC is not. */
export const claiming = (ciphertext: Uint8Array, counter: number): Uint8Array => {
  const bytes: Array<number> = []
  for (let left = counter; ; left = Math.floor(left / 128)) {
    bytes.push(left > 127 ? (left % 128) | 128 : left)
    if (left <= 127) break
  }
  // 44, field 1 (35 bytes), then the counter's tag.
  return Uint8Array.from([...ciphertext.slice(0, 37), ...bytes, ...ciphertext.slice(38)])
}
