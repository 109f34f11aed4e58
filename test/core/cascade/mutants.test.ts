/** Cascades and layers with one known fault each. Every cascade invariant must notice its own. */
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { concat } from "../../../src/core/crypto/bytes.ts"
import { Crypto, Refused } from "../../../src/core/crypto/crypto.ts"
import type { AesState } from "../../../src/core/layers/aes/state.ts"
import { makeCascade } from "../../../src/core/layers/cascade.ts"
import type { Layer, LayerName } from "../../../src/core/layers/layer.ts"
import { padTo } from "../../../src/core/padding.ts"
import { GAMES, type Game, playGame } from "../../../src/spec/games/cascade-run.ts"
import { type CascadeSubject, cascadeSubject, identityLayer } from "../../../src/spec/games/cascade-subject.ts"
import { moves } from "../../../src/spec/games/moves.ts"
import { cascadeInvariants } from "../../../src/spec/invariants/cascade.ts"
import { byId } from "../../../src/spec/invariants/invariant.ts"
import { run } from "../layers/runtime.ts"
import { binding, faulty, type Rules } from "./faulty-cascade.ts"
import { TOYS, toyLayer, toyPair, toySubject } from "./subjects.ts"

interface Mutant {
  readonly fault: string
  readonly breaks: string
  readonly honest: LayerName
  readonly subject: CascadeSubject
}

const cascade = (fault: string, breaks: string, honest: LayerName, rules: Partial<Rules>): Mutant => ({
  fault: `a cascade that ${fault}`,
  breaks,
  honest,
  subject: { ...toySubject, compose: faulty(rules) },
})

const layer = (fault: string, breaks: string, honest: LayerName, change: Partial<Layer<AesState>>): Mutant => ({
  fault: `a layer that ${fault}`,
  breaks,
  honest,
  subject: cascadeSubject({
    layers: { ...TOYS, [honest]: { ...TOYS[honest], ...change } },
    compose: makeCascade,
    establish: toyPair,
  }),
})

const toy = toyLayer("kem")
const textOf = (bytes: Uint8Array): string => bytes.join()

/** A stream cipher: what an AEAD is without its tag. */
const xored = Effect.fnUntraced(function* (key: Uint8Array, bytes: Uint8Array) {
  const { shake256 } = yield* Crypto
  const stream = shake256(key, bytes.length)
  return bytes.map((byte, i) => byte ^ stream[i]!)
})

const mutants: ReadonlyArray<Mutant> = [
  cascade("goes on without a layer that refuses", "CA-1", "kem", { afterRefusal: (_, ciphertext) => ciphertext }),
  cascade("goes on without the innermost layer alone", "CA-1", "mls", {
    afterRefusal: (name, ciphertext) => (name === "mls" ? ciphertext : undefined),
  }),
  layer("opens the same message again", "CA-1", "mls", {
    open: (state, ciphertext, associated) =>
      Effect.map(toy.open(state, ciphertext, associated), (opened) => ({ ...opened, state })),
  }),
  layer("leaves it to the layers inside to notice a replay", "CA-2", "signal", {
    open: (state, ciphertext, associated) =>
      Effect.map(toy.open(state, ciphertext, associated), (opened) => ({ ...opened, state })),
  }),
  {
    fault: "a layer that does nothing",
    breaks: "CA-2",
    honest: "kem",
    subject: cascadeSubject({
      layers: { ...TOYS, kem: identityLayer("kem") },
      compose: makeCascade,
      establish: Effect.map(toyPair, ({ inviter, joiner }) => ({
        inviter: { ...inviter, layers: { ...inviter.layers, kem: null } },
        joiner: { ...joiner, layers: { ...joiner.layers, kem: null } },
      })),
    }),
  },
  cascade("leaves the third layer out of long messages", "CA-2", "kem", {
    layersFor: (content) => (content.length > 200 ? ["mls", "signal", "aes"] : ["mls", "signal", "kem", "aes"]),
    afterRefusal: (name, ciphertext) => (name === "kem" ? ciphertext : undefined),
  }),
  layer("shows a hash of what it seals", "CA-2", "signal", {
    seal: (state, plaintext, associated) =>
      Effect.flatMap(Crypto, ({ sha256 }) =>
        Effect.map(toy.seal(state, plaintext, associated), (sealed) => ({
          ...sealed,
          ciphertext: concat(sha256(plaintext), sealed.ciphertext),
        })),
      ),
    open: (state, ciphertext, associated) => toy.open(state, ciphertext.slice(32), associated),
  }),
  layer("hides but does not authenticate", "CA-2", "mls", {
    seal: (state, plaintext) =>
      Effect.map(xored(state.sending.chain, plaintext), (ciphertext) => ({ state, ciphertext, transitions: [] })),
    open: (state, ciphertext) =>
      Effect.map(xored(state.receiving.chain, ciphertext), (plaintext) => ({ state, plaintext, transitions: [] })),
  }),
  {
    fault: "two layers that share their secret",
    breaks: "CA-3",
    honest: "aes",
    subject: {
      ...toySubject,
      establish: Effect.map(toyPair, ({ inviter, joiner }) => ({
        inviter: { ...inviter, layers: { ...inviter.layers, kem: inviter.layers.mls } },
        joiner: { ...joiner, layers: { ...joiner.layers, kem: joiner.layers.mls } },
      })),
    },
  },
  cascade("binds no direction", "CA-4", "aes", {
    associated: binding((transcript, name) => `${textOf(transcript)} ${name}`),
  }),
  cascade("binds no session", "CA-4", "aes", { associated: binding((_, name, direction) => `${name} ${direction}`) }),
  cascade("binds no layer", "CA-4", "aes", {
    associated: binding((transcript, _, direction) => `${textOf(transcript)} ${direction}`),
  }),
  cascade("tells which layer refused", "CA-5", "mls", {
    failure: (name) => Effect.fail(Object.assign(new Refused(), { name })),
  }),
  cascade("dies of what the innermost layer refuses", "CA-5", "mls", {
    failure: (name) => (name === "mls" ? Effect.die(new TypeError("broken")) : Effect.fail(new Refused())),
  }),
  cascade("keeps the outer layers' progress when an inner one refuses", "CA-5", "mls", { keepsHalf: true }),
  cascade("does not pad content", "CA-6", "aes", {
    pad: (content) => padTo(content, content.length + 1),
    unpad: (padded) => padded.slice(0, padded.length - 1),
  }),
  cascade("pads to sixteens", "CA-6", "aes", {
    pad: (content) => padTo(content, (Math.floor(content.length / 16) + 1) * 16),
    unpad: (padded) => padded.slice(0, padded.lastIndexOf(0x80)),
  }),
  layer("reads no further than it must", "CA-7", "aes", {
    open: (state, ciphertext, associated) =>
      Effect.catchTag(toy.open(state, ciphertext, associated), "Refused", () =>
        toy.open(state, ciphertext.slice(0, -1), associated),
      ),
  }),
  layer("ignores what follows its record", "CA-7", "signal", {
    decode: (bytes) => toy.decode(bytes) ?? toy.decode(bytes.slice(0, -1)),
  }),
]

describe("an invariant of the cascade notices", () => {
  // A layer that lacks something shows it where no other has it.
  const gamesOf = (honest: LayerName): ReadonlyArray<Game> => GAMES.filter((game) => game.honest === honest)

  for (const { breaks, fault, honest, subject } of mutants) {
    it(`${fault} (${breaks})`, async () => {
      const invariant = byId(cascadeInvariants, breaks)
      const found = await fc.check(
        fc.asyncProperty(fc.constantFrom(...gamesOf(honest)), moves(40), async (game, played) =>
          invariant.holds(await run(playGame(subject, game, played))),
        ),
        { numRuns: 3_000, endOnFailure: true },
      )
      // Returning false, not throwing: a mutant that merely crashes proves nothing.
      assert.match(String(found.errorInstance), /returning false/)
    })
  }

  it("nothing in a cascade written once more without a fault", async () => {
    const subject = { ...toySubject, compose: faulty({}) }
    for (const game of GAMES.filter(({ broken }) => !broken)) {
      for (const played of fc.sample(moves(40), 10)) {
        const observation = await run(playGame(subject, game, played))
        assert.isTrue(cascadeInvariants.every(({ holds }) => holds(observation)))
      }
    }
  })
})
