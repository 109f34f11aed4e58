/** A layer of one's own: XChaCha20-Poly1305 under a hash ratchet, held to every promise of a ratchet and of the cascade. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { Crypto, type CryptoService, type Layer, makeCascade, nobleCrypto, Refused } from "../src/effect.ts"
import {
  cascadeInvariants,
  cascadeSubject,
  GAMES,
  identityLayer,
  moves,
  playGame,
  type RatchetSubject,
  ratchetInvariants,
  runSchedule,
  schedule,
  violations,
} from "../src/spec/index.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)
const STEP = utf8("example/1 chain step")
const MESSAGE = utf8("example/1 message key")

/** A frame further ahead is an attack, not a loss. Keys of frames that have not come are kept, but not for ever. */
const MAX_SKIP = 100
const MAX_KEPT = 200
const LIFETIME = 7 * 24 * 60 * 60 * 1_000
const MAX_INDEX = 2 ** 31

interface Chain {
  readonly key: Uint8Array
  readonly index: number
}

/** `at`: since when it is kept, in milliseconds of the wall clock. */
interface Kept {
  readonly index: number
  readonly seed: Uint8Array
  readonly at: number
}

interface State {
  readonly sending: Chain
  readonly receiving: Chain
  readonly opened: number
  readonly kept: ReadonlyArray<Kept>
}

/** One step: the seed of this index, and the chain after it. Nothing leads back. */
const next = (crypto: CryptoService, { index, key }: Chain): readonly [Chain, Uint8Array] => {
  const both = crypto.hmacSha512(key, STEP)
  return [{ key: both.slice(0, 32), index: index + 1 }, both.slice(32)]
}

const messageKey = (crypto: CryptoService, seed: Uint8Array) => {
  const both = crypto.hmacSha512(seed, MESSAGE)
  return { key: both.slice(0, 32), nonce: both.slice(32, 56) }
}

const layer: Layer<State> = {
  name: "aes", // it takes this layer's place

  seal: Effect.fnUntraced(function* (state, plaintext, associated) {
    const crypto = yield* Crypto
    const { index } = state.sending
    if (index >= MAX_INDEX) return yield* Effect.die(new Error("the counter is used up"))
    const [sending, seed] = next(crypto, state.sending)
    const { key, nonce } = messageKey(crypto, seed)
    const head = u32(index)
    const sealed = yield* crypto.xChaCha20Poly1305.seal(key, nonce, plaintext, join(associated, head))
    return { state: { ...state, sending }, ciphertext: join(head, sealed), transitions: [] }
  }),

  open: Effect.fnUntraced(function* (state, frame, associated) {
    const crypto = yield* Crypto
    if (frame.length < 20) return yield* new Refused()
    const head = frame.slice(0, 4)
    const found = seedFor(crypto, state, numberAt(head, 0), yield* Clock.currentTimeMillis)
    if (found === undefined) return yield* new Refused()
    const { key, nonce } = messageKey(crypto, found.seed)
    // If this refuses, `found.state` is thrown away: the old state still holds.
    const plaintext = yield* crypto.xChaCha20Poly1305.open(key, nonce, frame.slice(4), join(associated, head))
    return { state: found.state, plaintext, transitions: [] }
  }),

  expire: (state, now) => {
    const kept = state.kept.filter(({ at }) => now - at < LIFETIME)
    return kept.length === state.kept.length ? state : { ...state, kept }
  },

  encode: ({ kept, opened, receiving, sending }) =>
    join(
      ...[sending, receiving].flatMap(({ index, key }) => [key, u32(index)]),
      u32(opened),
      ...kept.flatMap(({ at, index, seed }) => [u32(index), seed, u32(Math.floor(at / 2 ** 32)), u32(at >>> 0)]),
    ),

  decode: (bytes) => {
    if (bytes.length < 76 || (bytes.length - 76) % 44 !== 0 || bytes.length > 76 + MAX_KEPT * 44) return undefined
    const chain = (at: number): Chain => ({ key: bytes.slice(at, at + 32), index: numberAt(bytes, at + 32) })
    const kept = Array.from({ length: (bytes.length - 76) / 44 }, (_, i): Kept => {
      const at = 76 + i * 44
      const time = numberAt(bytes, at + 36) * 2 ** 32 + numberAt(bytes, at + 40)
      return { index: numberAt(bytes, at), seed: bytes.slice(at + 4, at + 36), at: time }
    })
    return { sending: chain(0), receiving: chain(36), opened: numberAt(bytes, 72), kept }
  },

  view: ({ kept, opened, sending }) => ({
    ...{ layer: "aes", state: "ratcheting", epoch: 0 },
    ...{ sent: sending.index, received: opened, skipped: kept.length },
  }),
}

/** The seed of a frame, and the state if the frame opens. The work is bounded whatever the index says. */
const seedFor = (crypto: CryptoService, state: State, index: number, now: number) => {
  const opened = state.opened + 1
  const before = state.kept.find((kept) => kept.index === index)
  if (before !== undefined)
    return { seed: before.seed, state: { ...state, opened, kept: state.kept.filter((kept) => kept !== before) } }
  const skip = index - state.receiving.index
  if (skip < 0 || skip > MAX_SKIP || index >= MAX_INDEX) return undefined
  const missing: Array<Kept> = []
  let [chain, seed] = next(crypto, state.receiving)
  for (let i = 0; i < skip; i++) {
    missing.push({ index: chain.index - 1, seed, at: now })
    ;[chain, seed] = next(crypto, chain)
  }
  return { seed, state: { ...state, receiving: chain, opened, kept: [...state.kept, ...missing].slice(-MAX_KEPT) } }
}

const u32 = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const numberAt = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
const join = (...parts: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(parts))

/** Two fresh states that belong together: a real one comes out of a handshake. */
const pair = Effect.map(Crypto, (crypto) => {
  const [one, other] = [crypto.random(32), crypto.random(32)].map((key): Chain => ({ key, index: 0 }))
  const side = (sending: Chain, receiving: Chain): State => ({ sending, receiving, opened: 0, kept: [] })
  return { inviter: side(one!, other!), joiner: side(other!, one!) }
})

const subject: RatchetSubject<State> = {
  layer,
  establish: pair,
  promises: {
    ...{ skip: MAX_SKIP, stored: MAX_KEPT, lifetime: LIFETIME, turns: Number.POSITIVE_INFINITY },
    heals: false, // a hash ratchet never does
    forgetsDerivations: true,
    work: { publicKey: 0, symmetric: MAX_SKIP + 3 },
  },
  nearEnd: (state) => ({ ...state, sending: { ...state.sending, index: MAX_INDEX - 1 } }),
}

const crypto = nobleCrypto((length) => globalThis.crypto.getRandomValues(new Uint8Array(length)))
const run = <A>(effect: Effect.Effect<A, never, Crypto>) =>
  Effect.runPromise(Effect.provideService(effect, Crypto, crypto))

// As a ratchet: any schedule of messages, losses, leaks and restores.
await fc.assert(
  fc.asyncProperty(schedule(40), async (steps) => {
    const broken = violations(ratchetInvariants, await run(runSchedule(subject, steps)))
    if (broken.length > 0) throw new Error(broken.join("; "))
  }),
  { numRuns: 15 },
)
console.log(`a ratchet: ${ratchetInvariants.map(({ id }) => id).join(", ")}`)

// As a layer of the cascade: the only one that holds, among three that do nothing at all.
const nothing = { mls: identityLayer("mls"), signal: identityLayer("signal"), kem: identityLayer("kem") }
const cascade = cascadeSubject({
  layers: { ...nothing, aes: layer },
  compose: makeCascade,
  establish: Effect.map(pair, ({ inviter, joiner }) => {
    const transcript = new Uint8Array(32)
    const side = <R extends "inviter" | "joiner">(role: R, aes: State) => ({
      ...{ transcript, role },
      layers: { mls: null, signal: null, kem: null, aes },
    })
    return { inviter: side("inviter", inviter), joiner: side("joiner", joiner) }
  }),
})
const alone = GAMES.find(({ broken, honest }) => broken && honest === "aes")!
await fc.assert(
  fc.asyncProperty(moves(30), async (played) => {
    const broken = violations(cascadeInvariants, await run(playGame(cascade, alone, played)))
    if (broken.length > 0) throw new Error(broken.join("; "))
  }),
  { numRuns: 8 },
)
console.log(`the last layer that holds: ${cascadeInvariants.map(({ id }) => id).join(", ")}`)
