/**
 * A thief of one side's braid, who reads every message there is: follows the chains that the state held, and agrees on what the
 * state's secrets still let it agree on. What it comes to is computed with what the wire carries, and with nothing else.
 */
import * as Effect from "effect/Effect"
import { concat, equal } from "../../core/crypto/bytes.ts"
import type { CryptoService } from "../../core/crypto/crypto.ts"
import { encapsulateFirst, SECOND_CIPHERTEXT_BYTES } from "../../core/crypto/ml-kem-incremental.ts"
import {
  type Authenticator,
  epochSecret,
  macOfCiphertext,
  updateAuthenticator,
} from "../../core/layers/signal/braid-authenticator.ts"
import { addEpoch, type BraidChains, type BraidKey, receivingKey } from "../../core/layers/signal/braid-chains.ts"
import type { BraidMessage } from "../../core/layers/signal/braid-message.ts"
import type { Braid } from "../../core/layers/signal/braid-state.ts"
import { type Chunk, rebuild } from "../../core/layers/signal/chunks.ts"
import { BRAID_CHUNKS } from "../../machines/braid.ts"

/** What has crossed the wire, of each epoch. */
export interface Wire {
  readonly read: (message: BraidMessage) => void
  /** A whole message of the epoch, once enough of its chunks have crossed. */
  readonly whole: (epoch: number, what: "header" | "first" | "second") => Uint8Array | undefined
}

export const makeWire = (): Wire => {
  const chunks = new Map<string, Map<number, Chunk>>()
  return {
    read: ({ epoch, payload }) => {
      if (!("chunk" in payload)) return
      const what = payload.type === "acknowledgingVector" ? "vector" : payload.type
      const key = `${what} ${epoch}`
      const known = chunks.get(key) ?? new Map<number, Chunk>()
      if (known.size < BRAID_CHUNKS[what]) known.set(payload.chunk.number, payload.chunk)
      chunks.set(key, known)
    },
    whole: (epoch, what) => {
      const known = chunks.get(`${what} ${epoch}`)
      return known?.size === BRAID_CHUNKS[what] ? rebuild([...known.values()]) : undefined
    },
  }
}

export interface Thief {
  /** Whether it can compute this key, which the wire says is number `index` of the epoch. `byVictim`: whose message it is. */
  readonly has: (byVictim: boolean, epoch: number, index: number, key: BraidKey) => boolean
}

/** The other side of the chains: what the victim sends, received. */
const mirrored = ({ epochs, isInitiator, root }: BraidChains): BraidChains => ({
  isInitiator: !isInitiator,
  root,
  epochs: epochs
    .filter(({ sending }) => sending !== undefined)
    .map(({ epoch, receiving, sending }) => ({
      epoch,
      sending: { key: receiving.key, index: receiving.index },
      receiving: { ...sending!, stored: [] },
    })),
})

export const makeThief = (crypto: CryptoService, stolen: Braid, wire: Wire): Thief => {
  const { material } = stolen
  let { authenticator } = stolen
  let theirs = stolen.chains
  let victims = mirrored(stolen.chains)

  /** Each secret that follows from the state for this epoch, right or not; the ciphertext's MAC tells which is. */
  const guesses = (epoch: number): ReadonlyArray<Uint8Array> => {
    const first = wire.whole(epoch, "first")
    const second = wire.whole(epoch, "second")?.slice(0, SECOND_CIPHERTEXT_BYTES)
    const header = wire.whole(epoch, "header")?.slice(0, 64)
    const shared: Array<Uint8Array> = []
    if (material.seed !== undefined && first !== undefined && second !== undefined)
      shared.push(Effect.runSync(Effect.orDie(crypto.mlKem768.decapsulate(material.seed, concat(first, second)))))
    if (material.randomness !== undefined && header !== undefined)
      shared.push(encapsulateFirst(crypto, header, material.randomness).sharedSecret)
    return shared
  }

  /** Agrees on the epoch after the newest, if it can. */
  const follow = (): boolean => {
    const epoch = theirs.epochs.at(-1)!.epoch + 1
    const first = wire.whole(epoch, "first")
    const second = wire.whole(epoch, "second")
    if (first === undefined || second === undefined) return false
    for (const shared of guesses(epoch)) {
      const secret = epochSecret(crypto, shared, epoch)
      const renewed: Authenticator = updateAuthenticator(crypto, authenticator, epoch, secret)
      const mac = macOfCiphertext(crypto, renewed, epoch, first, second.slice(0, SECOND_CIPHERTEXT_BYTES))
      if (!equal(mac, second.slice(SECOND_CIPHERTEXT_BYTES))) continue
      authenticator = renewed
      theirs = addEpoch(crypto, theirs, secret)
      victims = addEpoch(crypto, victims, secret)
      return true
    }
    return false
  }

  return {
    has: (byVictim, epoch, index, key) => {
      while (theirs.epochs.at(-1)!.epoch < epoch && follow());
      const chains = byVictim ? victims : theirs
      const found = receivingKey(crypto, chains, epoch, index, 0)
      if (found === undefined) return isOfStandingChain(crypto, chains, epoch, index, key)
      if (byVictim) victims = found.chains
      else theirs = found.chains
      return equal(found.key, key)
    },
  }
}

/** Whether a key that is past is one of the chain key that is there, as if the chain stood still. */
const isOfStandingChain = (
  crypto: CryptoService,
  chains: BraidChains,
  epoch: number,
  index: number,
  key: BraidKey,
): boolean => {
  const epochs = chains.epochs.map((known) => ({
    ...known,
    receiving: { key: known.receiving.key, index: index - 1, stored: [] },
  }))
  const found = receivingKey(crypto, { ...chains, epochs }, epoch, index, 0)
  return found !== undefined && equal(found.key, key)
}
