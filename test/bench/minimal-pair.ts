/** Two minimal peers in one process, over a network in memory that has nothing of ours but the copy it makes. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { defaultCrypto } from "../../src/adapters/crypto/default.ts"
import type { SottoState } from "../../src/core/layers/profile.ts"
import type { Storage } from "../../src/core/store.ts"
import { type Carrier, type Minimal, minimalPeer, streamMinimal } from "./minimal.ts"
import { acquainted, run } from "./ours.ts"

export interface MinimalPairOptions {
  readonly storage: (name: string) => Storage
  readonly cascade: Carrier
  readonly together: number
}

export interface MinimalPair {
  /** Until the last is known to be had, and the other side's application was told of it before. */
  readonly stream: (text: string, count: number, inFlight: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** A way for frames: each comes in a turn after it was sent. */
const wayTo = (hears: () => Minimal) => {
  const under: Array<Uint8Array> = []
  return (frame: Uint8Array): void => {
    if (under.push(frame.slice()) === 1) setImmediate(() => under.splice(0).forEach(hears().heard))
  }
}

export const minimalPair = async ({ cascade, storage, together }: MinimalPairOptions): Promise<MinimalPair> => {
  const crypto = defaultCrypto()
  const scope = await Effect.runPromise(Scope.make())
  const { one, other } = await run(acquainted(), crypto)
  const peer = async (name: string, state: SottoState, to: string, told: () => void): Promise<Minimal> => {
    const store = await Effect.runPromise(Scope.provide(storage(name).open, scope))
    return minimalPeer({ store, crypto, cascade, state, transmit: wayTo(() => peers.get(to)!), told, together })
  }
  const peers = new Map<string, Minimal>()
  let told = 0
  const alice = await peer("alice", one, "bob", () => undefined)
  peers.set("alice", alice)
  peers.set("bob", await peer("bob", other, "alice", () => void (told += 1)))
  return {
    stream: async (text, count, inFlight) => {
      const before = told
      await streamMinimal(alice, text, count, inFlight)
      if (told - before !== count) throw new Error(`${told - before} of ${count} messages were told`)
    },
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
