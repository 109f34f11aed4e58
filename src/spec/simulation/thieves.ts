/**
 * Thieves of one layer's keys: each has a copy of what a peer's disk had of that layer at one moment, sees the layer's own
 * ciphertext of every frame that is sent to the peer (as if all layers around it were broken), and follows as far as it can.
 * When it cannot any more, the layer has healed. Docs: simulator.md, "Attackers".
 */
import * as Effect from "effect/Effect"
import { RECORD } from "../../core/contact/records.ts"
import { Crypto, type CryptoService } from "../../core/crypto/crypto.ts"
import { associatedData } from "../../core/layers/associated.ts"
import type { Layer, LayerName } from "../../core/layers/layer.ts"
import { ciphertextFor, directionTo, LAYERS, openFrame, openLayer, type Records, sealedIn } from "./opening.ts"

/** What came of a theft so far. */
export interface TheftInView {
  /** Whose keys were stolen. */
  readonly of: string
  /** On what whom seals. */
  readonly with: string
  /** Those of which layer. */
  readonly layer: LayerName
  /** Frames to the peer since then whose layer the thief opened, and did not. */
  readonly opened: number
  /** How many stayed closed. */
  readonly closed: number
  /** Whether it opened the latest one. */
  readonly latest: boolean | undefined
}

interface Theft {
  readonly of: string
  readonly with: string
  readonly layer: LayerName
  readonly transcript: Uint8Array
  state: unknown
  opened: number
  closed: number
  latest: boolean | undefined
}

export interface Thieves {
  /** Takes a copy of the layer's keys in a conversation. False where there are none. */
  readonly steal: (of: string, other: string, layer: LayerName) => boolean
  /** A frame was handed over. */
  readonly sent: (from: string, to: string, bytes: Uint8Array) => void
  /** Has them try what was sent since; before the receiver's keys move on. */
  readonly tried: () => Promise<void>
  readonly view: () => ReadonlyArray<TheftInView>
}

/** Thieves of one run, at most: each tries every frame. */
const MAX_THIEVES = 8

export const makeThieves = (options: {
  /** The thieves' own: what they draw is theirs. */
  readonly crypto: CryptoService
  readonly records: (peer: string, other: string) => Records | undefined
  readonly noted: (what: string) => void
}): Thieves => {
  const { crypto, noted, records } = options
  const thefts: Array<Theft> = []
  let heard: Array<{ readonly from: string; readonly to: string; readonly bytes: Uint8Array }> = []

  const attempt = async (theft: Theft, bytes: Uint8Array, sealed: Uint8Array, theirs: Records): Promise<void> => {
    const around = await openFrame(crypto, bytes, theirs)
    const ciphertext = ciphertextFor(theft.layer, sealed, around)
    // What the receiver itself could not open proves nothing about a thief.
    if (ciphertext === undefined || around[theft.layer] === undefined) return
    const associated = associatedData(crypto, theft.transcript, theft.layer, directionTo(theirs))
    const layer = LAYERS[theft.layer] as Layer<unknown>
    const found = await Effect.runPromise(
      Effect.provideService(openLayer(layer, theft.state, ciphertext, associated), Crypto, crypto),
    ).catch(() => undefined)
    theft.latest = found !== undefined
    if (found === undefined) theft.closed += 1
    else {
      theft.opened += 1
      theft.state = found.state
    }
    const did = found === undefined ? "cannot open" : "opens"
    noted(`a thief of ${theft.of}'s ${theft.layer} keys ${did} what ${theft.with} sealed`)
  }

  return {
    steal: (of, other, layer) => {
      const theirs = records(of, other)
      const transcript = theirs?.get(RECORD.transcript)
      const state = LAYERS[layer].decode(theirs?.get(`layer/${layer}`) ?? new Uint8Array())
      if (transcript === undefined || state === undefined || thefts.length >= MAX_THIEVES) return false
      thefts.push({ of, with: other, layer, transcript, state, opened: 0, closed: 0, latest: undefined })
      return true
    },
    sent: (from, to, bytes) => {
      if (thefts.some((theft) => theft.of === to && theft.with === from)) heard.push({ from, to, bytes: bytes.slice() })
    },
    tried: async () => {
      const now = heard
      heard = []
      for (const { bytes, from, to } of now) {
        const sealed = sealedIn(bytes)
        const theirs = records(to, from)
        if (sealed === undefined || theirs === undefined) continue
        for (const theft of thefts) {
          if (theft.of === to && theft.with === from) await attempt(theft, bytes, sealed, theirs)
        }
      }
    },
    view: () =>
      thefts.map(({ closed, latest, layer, of, opened, with: other }) => ({
        ...{ of, with: other, layer },
        ...{ opened, closed, latest },
      })),
  }
}
