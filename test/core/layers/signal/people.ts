/** Two people with a Signal session between them, for the tests of this folder. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { nativeCrypto } from "../../../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../../../src/adapters/crypto/random.ts"
import { Crypto, type CryptoService, type KeyPair, type Refused } from "../../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts"
import { onlyThese } from "../../../../src/core/layers/signal/establish.ts"
import {
  type SignalState,
  signalInitiate,
  signalLayer,
  signalRespond,
} from "../../../../src/core/layers/signal/layer.ts"
import {
  generateKeyPair,
  generatePreKeys,
  type PreKeyBundle,
  type PreKeySecrets,
} from "../../../../src/core/layers/signal/pre-keys.ts"

export const crypto: CryptoService = nativeCrypto() ?? nobleCrypto(systemRandom)

export const DAY = 24 * 60 * 60 * 1_000

/** Runs what needs only primitives and the time; `now` in milliseconds. */
export const run = <A, E>(effect: Effect.Effect<A, E, Crypto>, now = 0): A =>
  Effect.runSync(
    Effect.flatMap(Clock.Clock, (clock) => {
      const stopped: Clock.Clock = {
        ...clock,
        sleep: (duration) => clock.sleep(duration),
        currentTimeMillisUnsafe: () => now,
        currentTimeMillis: Effect.succeed(now),
      }
      return Effect.provideService(Effect.provideService(effect, Crypto, crypto), Clock.Clock, stopped)
    }),
  )

/** What it gives, or undefined where it is refused. A defect still throws. */
export const attempt = <A>(effect: Effect.Effect<A, Refused, Crypto>, now = 0): A | undefined =>
  run(
    Effect.catchTag(effect, "Refused", () => Effect.succeed(undefined)),
    now,
  )

export const text = (words: string): Uint8Array => new TextEncoder().encode(words)
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** A copy with one bit turned. */
export const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  const at = bit % (bytes.length * 8)
  copy[at >> 3]! ^= 1 << (at & 7)
  return copy
}

export const newIdentity = (): KeyPair => run(generateKeyPair(crypto))

export const HELLO = text("hello, then")

/** What stands before the first message: identities, and what Bob published. */
export interface Strangers {
  readonly alice: KeyPair
  readonly bob: KeyPair
  readonly bundle: PreKeyBundle
  readonly secrets: PreKeySecrets
}

export const strangers = (oneTime = true): Strangers => {
  const [alice, bob] = [newIdentity(), newIdentity()]
  return { alice, bob, ...run(generatePreKeys({ identity: bob, id: 7, oneTime })) }
}

export const initiateTo = ({ alice, bob, bundle }: Strangers, changed: Partial<PreKeyBundle> = {}) =>
  attempt(
    signalInitiate({
      identity: alice,
      peer: bob.publicKey,
      bundle: { ...bundle, ...changed },
      plaintext: HELLO,
    }),
  )

export const respondTo = ({ alice, bob, secrets }: Strangers, message: Uint8Array) =>
  attempt(signalRespond({ identity: bob, peer: alice.publicKey, preKeys: onlyThese(secrets), message }))

export interface Pair {
  readonly alice: SignalState
  readonly bob: SignalState
  /** The prekey message that began it. */
  readonly first: Uint8Array
}

/** Alice has written to Bob, and Bob has read it. */
export const introduced = (oneTime = true): Pair => {
  const people = strangers(oneTime)
  const initiated = initiateTo(people)!
  const responded = respondTo(people, initiated.message)!
  return { alice: initiated.state, bob: responded.state, first: initiated.message }
}

/** Any session's associated data. */
export const ASSOCIATED = new Uint8Array(32).fill(0xad)

export const seal = (state: SignalState, plaintext: Uint8Array, now = 0) => {
  const { ciphertext, state: sealed } = run(signalLayer.seal(state, plaintext, ASSOCIATED), now)
  return [sealed, ciphertext] as const
}

export const open = (state: SignalState, ciphertext: Uint8Array, now = 0) => {
  const opened = attempt(signalLayer.open(state, ciphertext, ASSOCIATED), now)
  return opened && ([opened.state, opened.plaintext] as const)
}

/** Seals with the one and opens with the other, which must succeed. */
export const deliver = (from: SignalState, to: SignalState, words = "word", now = 0) => {
  const [sealed, ciphertext] = seal(from, text(words), now)
  const opened = open(to, ciphertext, now)
  if (opened === undefined) throw new Error("did not open")
  return { from: sealed, to: opened[0], ciphertext }
}

/** Both have spoken. */
export const acquainted = (): Pair => {
  const pair = introduced()
  const answer = deliver(pair.bob, pair.alice)
  const back = deliver(answer.to, answer.from)
  return { alice: back.from, bob: back.to, first: pair.first }
}
