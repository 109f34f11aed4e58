/** Two members and the means to run them: real cryptography, a clock that the test sets, randomness from a seed. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { nativeCrypto } from "../../../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../../../src/adapters/crypto/random.ts"
import { Crypto, type CryptoService, Refused } from "../../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts"
import { mlsCreate, mlsJoin, mlsKeyPackage } from "../../../../src/core/layers/mls/establish.ts"
import { mlsApply, mlsCommit } from "../../../../src/core/layers/mls/healing.ts"
import { mlsLayer } from "../../../../src/core/layers/mls/layer.ts"
import type { MlsState } from "../../../../src/core/layers/mls/state.ts"

export const crypto: CryptoService = nativeCrypto() ?? nobleCrypto(systemRandom)

/** The wall clock of all tests that set none. */
export const NOW = Date.UTC(2030, 0, 1)

const clockAt = (now: number): Clock.Clock => ({
  currentTimeMillisUnsafe: () => now,
  currentTimeMillis: Effect.succeed(now),
  currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
  currentTimeNanos: Effect.succeed(BigInt(now) * 1_000_000n),
  monotonicTimeNanosUnsafe: () => 0n,
  monotonicTimeNanos: Effect.succeed(0n),
  sleep: () => Effect.die(new Error("nothing here sleeps")),
})

interface Means {
  readonly crypto?: CryptoService
  readonly now?: number
}

const means = <A, E>(effect: Effect.Effect<A, E, Crypto>, given: Means): Effect.Effect<A, E> =>
  effect.pipe(
    Effect.provideService(Crypto, given.crypto ?? crypto),
    Effect.provideService(Clock.Clock, clockAt(given.now ?? NOW)),
  )

/** What group operations come to. */
export const run = <A, E>(effect: Effect.Effect<A, E, Crypto>, given: Means = {}): Promise<A> =>
  Effect.runPromise(means(effect, given))

/** What messages come to: nothing in their path waits. */
export const now = <A, E>(effect: Effect.Effect<A, E, Crypto>, given: Means = {}): A =>
  Effect.runSync(means(effect, given))

/** Whether the one refusal there is came out; anything else is a defect, and thrown. */
export const isRefused = <A>(effect: Effect.Effect<A, Refused, Crypto>, given: Means = {}): Promise<boolean> =>
  Effect.runPromise(Effect.map(Effect.result(means(effect, given)), refusal))

const refusal = <A>(result: Result.Result<A, Refused>): boolean => {
  if (Result.isSuccess(result)) return false
  if (!(result.failure instanceof Refused) || Object.keys(result.failure).some((key) => key !== "_tag"))
    throw new Error("a refusal that tells more")
  return true
}

export const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
export const publicKeyOf = (seed: Uint8Array): Uint8Array => Effect.runSync(crypto.ed25519.publicKey(seed))

/** The joiner made the group; the inviter was welcomed. */
export interface Pair {
  readonly joiner: MlsState
  readonly inviter: MlsState
}

export const JOINER = seedOf(1)
export const INVITER = seedOf(2)

/** Everything that the handshake of the two exchanges. */
export const handshake = async (given: Means = {}) => {
  const offer = await run(mlsKeyPackage({ signatureSeed: INVITER }), given)
  const made = await run(
    mlsCreate({
      signatureSeed: JOINER,
      peerKeyPackage: offer.keyPackage,
      peerSignatureKey: publicKeyOf(INVITER),
    }),
    given,
  )
  const inviter = await run(
    mlsJoin({ signatureSeed: INVITER, ...offer, welcome: made.welcome, peerSignatureKey: publicKeyOf(JOINER) }),
    given,
  )
  return { offer, welcome: made.welcome, pair: { joiner: made.state, inviter } satisfies Pair }
}

export const ASSOCIATED = seedOf(7)

export const seal = (state: MlsState, plaintext: Uint8Array, associated = ASSOCIATED) =>
  now(mlsLayer.seal(state, plaintext, associated))

/** The opened message, or undefined when it is refused. Then the state must be exactly what it was. */
export const open = (state: MlsState, ciphertext: Uint8Array, associated = ASSOCIATED, given: Means = {}) => {
  const before = mlsLayer.encode(state)
  const given_ = ciphertext.slice()
  const result = now(Effect.result(mlsLayer.open(state, ciphertext, associated)), given)
  if (!bytesEqual(mlsLayer.encode(state), before)) throw new Error("opening changed the state that it was given")
  if (!bytesEqual(ciphertext, given_)) throw new Error("opening changed the ciphertext")
  return refusal(result) ? undefined : Result.getOrThrow(result)
}

/** One commit, sent and applied; the state of the committer still waits. */
export const commit = async (committer: MlsState, peer: MlsState) => {
  const { commit: bytes, state } = await run(mlsCommit(committer))
  return { committer: state, peer: await run(mlsApply(peer, bytes)), bytes }
}

/** A commit by whoever's turn it is, and a message back that settles it. */
export const heal = async ({ inviter, joiner }: Pair): Promise<Pair> => {
  const byInviter = inviter.current.number % 2 === inviter.leaf
  const healed = byInviter ? await commit(inviter, joiner) : await commit(joiner, inviter)
  const reply = seal(healed.peer, text("seen"))
  const settled = open(healed.committer, reply.ciphertext)!.state
  return byInviter ? { inviter: settled, joiner: reply.state } : { inviter: reply.state, joiner: settled }
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const read = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes)

export const bytesEqual = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, i) => byte === right[i])

export const hex = (value: string): Uint8Array =>
  Uint8Array.from(value.match(/../g) ?? [], (pair) => parseInt(pair, 16))
export const toHex = (value: Uint8Array): string =>
  Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** A generator for tests that must replay (splitmix32); never for keys that matter. */
export const seeded = (seed: number) => {
  let state = seed >>> 0
  return (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => {
      state = (state + 0x9e3779b9) >>> 0
      let mixed = state ^ (state >>> 16)
      mixed = Math.imul(mixed, 0x21f0aaad)
      mixed ^= mixed >>> 15
      mixed = Math.imul(mixed, 0x735a2d97)
      return (mixed ^ (mixed >>> 15)) & 0xff
    })
}
