/** Layers with one known fault each. Every ratchet invariant must notice its own; one that cannot fail says nothing. */
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { bytes, codec } from "../../../../src/core/codec/codec.ts"
import { struct } from "../../../../src/core/codec/composite.ts"
import { Crypto } from "../../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts"
import { aesLayer } from "../../../../src/core/layers/aes/layer.ts"
import { type AesState, MAX_AES_INDEX } from "../../../../src/core/layers/aes/state.ts"
import { kemLayer } from "../../../../src/core/layers/kem/layer.ts"
import type { Layer } from "../../../../src/core/layers/layer.ts"
import type { RatchetSubject } from "../../../../src/spec/games/ratchet-observation.ts"
import { runSchedule } from "../../../../src/spec/games/ratchet-run.ts"
import { schedule } from "../../../../src/spec/games/schedule.ts"
import { byId } from "../../../../src/spec/invariants/invariant.ts"
import { ratchetInvariants } from "../../../../src/spec/invariants/ratchet.ts"
import { kemSubject } from "../kem/subject.ts"
import { run } from "../runtime.ts"
import { aesPair, aesSubject } from "./subject.ts"

interface Mutant {
  readonly fault: string
  readonly breaks: string
  // biome-ignore lint/suspicious/noExplicitAny: mutants of layers with different states
  readonly subject: RatchetSubject<any>
}

interface Remembered {
  readonly now: AesState
  readonly before: AesState
}

const rememberedCodec = codec(struct({ now: [1, bytes(2 ** 18)], before: [2, bytes(2 ** 18)] }), 2 ** 20)

/** The AES layer with its last state beside its state. */
const remembering = (decode: Layer<Remembered>["decode"]): RatchetSubject<Remembered> => ({
  promises: aesSubject.promises,
  establish: Effect.map(aesPair, ({ inviter, joiner }) => ({
    inviter: { now: inviter, before: inviter },
    joiner: { now: joiner, before: joiner },
  })),
  layer: {
    name: "aes",
    seal: ({ now }, plaintext, associated) =>
      Effect.map(aesLayer.seal(now, plaintext, associated), (sealed) => ({
        ...sealed,
        state: { now: sealed.state, before: now },
      })),
    open: ({ now }, frame, associated) =>
      Effect.map(aesLayer.open(now, frame, associated), (opened) => ({
        ...opened,
        state: { now: opened.state, before: now },
      })),
    expire: ({ before, now }, at) => ({ now: aesLayer.expire(now, at), before: aesLayer.expire(before, at) }),
    encode: ({ before, now }) => rememberedCodec.encode({ now: aesLayer.encode(now), before: aesLayer.encode(before) }),
    decode,
    view: ({ now }) => aesLayer.view(now),
  },
})

const NOTHING = new Uint8Array(0)
/** A generator that always says the same. */
const dullCrypto = nobleCrypto((length) => new Uint8Array(length).fill(7))

const aes = (fault: string, breaks: string, layer: Partial<Layer<AesState>>): Mutant => ({
  fault,
  breaks,
  subject: { ...aesSubject, layer: { ...aesLayer, ...layer } },
})

const mutants: ReadonlyArray<Mutant> = [
  aes("uses a message key twice", "RT-1", {
    seal: (state, plaintext, associated) =>
      Effect.map(aesLayer.seal(state, plaintext, associated), (sealed) => ({
        ...sealed,
        state: sealed.state.sending.index % 3 === 2 ? state : sealed.state,
      })),
  }),
  {
    fault: "comes back from a record one step behind",
    breaks: "RT-1",
    subject: remembering((bytes) => {
      const pair = rememberedCodec.decode(bytes)
      const before = pair && aesLayer.decode(pair.before)
      return before && { now: before, before }
    }),
  },
  aes("advances although the frame was refused", "RT-2", {
    open: (state, frame, associated) =>
      Effect.tapError(aesLayer.open(state, frame, associated), () =>
        Effect.sync(() => Object.assign(state, { opened: state.opened + 1 })),
      ),
  }),
  aes("throws at what a peer sends", "RT-2", {
    open: (state, frame, associated) =>
      frame.length < 20 ? Effect.die(new RangeError("short")) : aesLayer.open(state, frame, associated),
  }),
  aes("forgets the skipped keys when it is restored", "RT-3", {
    decode: (bytes) => {
      const state = aesLayer.decode(bytes)
      return state && { ...state, skipped: [] }
    },
  }),
  aes("opens a frame twice", "RT-3", {
    open: (state, frame, associated) =>
      Effect.map(aesLayer.open(state, frame, associated), (opened) => ({
        ...opened,
        state: { ...opened.state, skipped: [...opened.state.skipped, ...state.skipped.slice(0, 1)] },
      })),
  }),
  aes("accepts any associated data", "RT-3", {
    seal: (state, plaintext) => aesLayer.seal(state, plaintext, NOTHING),
    open: (state, frame) => aesLayer.open(state, frame, NOTHING),
  }),
  aes("binds the first half of the associated data only", "RT-3", {
    seal: (state, plaintext, associated) => aesLayer.seal(state, plaintext, associated.slice(0, 16)),
    open: (state, frame, associated) => aesLayer.open(state, frame, associated.slice(0, 16)),
  }),
  aes("works for as long as a forged counter says", "RT-4", {
    open: (state, frame, associated) =>
      Effect.flatMap(Crypto, (crypto) => {
        const index = frame.length < 4 ? 0 : new DataView(frame.buffer, frame.byteOffset).getUint32(0)
        for (let i = state.receiving.index; i < Math.min(index, 5_000); i++) crypto.hmacSha512(NOTHING, NOTHING)
        return aesLayer.open(state, frame, associated)
      }),
  }),
  aes("never expires what it kept", "RT-5", { expire: (state) => state }),
  aes("hides what it kept, but keeps it", "RT-5", {
    expire: (state) => ({ ...state, opened: state.opened + 2 ** 32 }),
    view: (state) => ({ ...aesLayer.view(state), skipped: state.opened >= 2 ** 32 ? 0 : state.skipped.length }),
  }),
  {
    fault: "keeps more than it promised",
    breaks: "RT-5",
    subject: { ...aesSubject, promises: { ...aesSubject.promises, stored: 2 } },
  },
  {
    fault: "keeps the chain key it has stepped from",
    breaks: "RT-6",
    subject: remembering((bytes) => {
      const pair = rememberedCodec.decode(bytes)
      const now = pair && aesLayer.decode(pair.now)
      const before = pair && aesLayer.decode(pair.before)
      return now && before && { now, before }
    }),
  },
  {
    fault: "has no fresh key agreement",
    breaks: "RT-7",
    subject: { ...aesSubject, promises: { ...aesSubject.promises, heals: true } },
  },
  {
    fault: "draws nothing fresh for a turn",
    breaks: "RT-7",
    subject: {
      ...kemSubject,
      layer: {
        ...kemLayer,
        seal: (state, plaintext, associated) =>
          Effect.provideService(kemLayer.seal(state, plaintext, associated), Crypto, dullCrypto),
      },
    },
  },
  aes("begins its counter anew", "RT-8", {
    seal: (state, plaintext, associated) =>
      aesLayer.seal(
        state.sending.index >= MAX_AES_INDEX ? { ...state, sending: { ...state.sending, index: 0 } } : state,
        plaintext,
        associated,
      ),
  }),
]

describe("a layer that", () => {
  for (const { breaks, fault, subject } of mutants) {
    it(`${fault} breaks ${breaks}`, async () => {
      const invariant = byId(ratchetInvariants, breaks)
      const found = await fc.check(
        fc.asyncProperty(schedule(60), async (steps) => invariant.holds(await run(runSchedule(subject, steps)))),
        { numRuns: 4_000, endOnFailure: true },
      )
      // Returning false, not throwing: a mutant that merely crashes proves nothing.
      assert.match(String(found.errorInstance), /returning false/)
    })
  }
})
