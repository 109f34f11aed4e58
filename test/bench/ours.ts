/** Our side of the comparisons: sessions whose keys are agreed, and messages through a layer or through all four. */
import * as Effect from "effect/Effect"
import { defaultCrypto } from "../../src/adapters/crypto/default.ts"
import { Crypto, type CryptoService } from "../../src/core/crypto/crypto.ts"
import { accept, complete, offer } from "../../src/core/handshake/agree.ts"
import type { InviterKeys } from "../../src/core/handshake/keys-ahead.ts"
import { makeHello } from "../../src/core/handshake/messages.ts"
import { makeOneTime, makeOwnStatics } from "../../src/core/handshake/own-keys.ts"
import { hashStaticPublic } from "../../src/core/handshake/static-keys.ts"
import type { Layer } from "../../src/core/layers/layer.ts"
import type { PackagePairs } from "../../src/core/layers/mls/establish.ts"
import { type SottoState, sottoCascade } from "../../src/core/layers/profile.ts"

/** A text message as most are measured. */
export const MESSAGE_BYTES = 1_024

/** Made once, as an app makes it: to find out what the runtime has takes half a millisecond. */
const SUPPLIER = defaultCrypto()

export const run = <A, E>(effect: Effect.Effect<A, E, Crypto>, crypto: CryptoService = SUPPLIER): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Crypto, crypto))

/** What an invite takes, as it is made ahead. */
export const inviterKeys: Effect.Effect<InviterKeys, never, Crypto> = Effect.gen(function* () {
  const statics = yield* makeOwnStatics
  return { statics, oneTime: yield* makeOneTime({ statics, id: 1 }) }
})

/** The inviter's part before anybody answers: its keys for one contact and one handshake, unless they were made ahead. */
export const prepareWith = Effect.fnUntraced(function* (ahead?: InviterKeys) {
  const crypto = yield* Crypto
  const { oneTime: prepared, statics } = ahead ?? (yield* inviterKeys)
  return {
    own: statics,
    prepared,
    pairing: { id: crypto.random(16), secret: crypto.random(32) },
    staticsHash: hashStaticPublic(crypto, prepared.offered.statics),
  }
})
export const prepare = prepareWith()
export type Prepared = Effect.Success<typeof prepare>

/** The joiner's part: its keys, and what it answers to the Bundle. */
export const join = Effect.fnUntraced(function* (
  { pairing, staticsHash }: Pick<Prepared, "pairing" | "staticsHash">,
  hello: Uint8Array,
  bundle: Uint8Array,
  pairs?: PackagePairs,
) {
  const own = yield* makeOwnStatics
  return yield* accept({ pairing, hello, binding: undefined, staticsHash }, own, bundle, [], pairs)
})

/** A whole pairing: four agreements on both sides, everything generated. */
export const pairUp = Effect.gen(function* () {
  const crypto = yield* Crypto
  const inviter = yield* prepare
  const { pairing } = inviter
  const hello = makeHello(crypto, pairing, crypto.random(32))
  const heard = { pairing, hello, binding: undefined }
  const bundle = offer(crypto, heard, inviter.prepared)
  const joined = yield* join(inviter, hello, bundle)
  const completed = yield* complete({ ...heard, bundle }, inviter.own, inviter.prepared, joined.accept)
  return { inviter: completed.state, joiner: joined.state }
})

export interface Ends<State> {
  one: State
  other: State
}

/** Content from one end to the other through all four layers. */
export const throughCascade = (ends: Ends<SottoState>, content: Uint8Array) =>
  Effect.gen(function* () {
    const sealed = yield* sottoCascade.seal(ends.one, content)
    ends.one = sealed.state
    const opened = yield* sottoCascade.open(ends.other, sealed.ciphertext)
    ends.other = opened.state
  })

export const throughLayer = <State>(layer: Layer<State>, ends: Ends<State>, content: Uint8Array, bound: Uint8Array) =>
  Effect.gen(function* () {
    const sealed = yield* layer.seal(ends.one, content, bound)
    ends.one = sealed.state
    const opened = yield* layer.open(ends.other, sealed.ciphertext, bound)
    ends.other = opened.state
  })

export const turned = <State>(ends: Ends<State>): Ends<State> => ({
  get one() {
    return ends.other
  },
  set one(state) {
    ends.other = state
  },
  get other() {
    return ends.one
  },
  set other(state) {
    ends.one = state
  },
})

/** The same effect this often, in one fiber. */
export const repeat = <E>(effect: Effect.Effect<void, E, Crypto>, times: number) =>
  Effect.gen(function* () {
    for (let i = 0; i < times; i++) yield* effect
  })

/** Past what a session begins with: both have spoken, and every layer has taken its turns. */
export const acquainted = Effect.fnUntraced(function* () {
  const { inviter, joiner } = yield* pairUp
  const ends: Ends<SottoState> = { one: inviter, other: joiner }
  const back = turned(ends)
  const word = new Uint8Array(16)
  for (let i = 0; i < 4; i++) {
    yield* throughCascade(ends, word)
    yield* throughCascade(back, word)
  }
  return ends
})
