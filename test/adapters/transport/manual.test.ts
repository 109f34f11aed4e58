/** By hand in Node: every promise of a link, and codes that are not what they should be. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { assert, describe, it } from "vitest"
import { manual } from "../../../src/adapters/transport/manual.ts"
import { equal } from "../../../src/core/crypto/bytes.ts"
import { MAX_HAND_CODE } from "../../../src/core/transport.ts"
import { linkConformance } from "../../../src/spec/conformance/transport.ts"
import { node, scoped } from "./support.ts"

const hand = manual({ webrtc: node })

const open = Effect.gen(function* () {
  const ours = yield* hand.offer
  const theirs = yield* hand.answer(ours.code)
  return yield* Effect.all([ours.accept(theirs.code), theirs.link], { concurrency: 2 })
})

const isInvalid = Effect.fnUntraced(function* (attempt: Effect.Effect<unknown, { readonly reason: string }>) {
  assert.strictEqual((yield* Effect.flip(attempt)).reason, "invalid")
})

describe("manual in Node", () => {
  for (const { name, run } of linkConformance) it(name, () => Effect.runPromise(run({ open })))

  it("codes are small, and each offer is another", () =>
    scoped(function* () {
      const [one, two] = [yield* hand.offer, yield* hand.offer]
      const answer = yield* hand.answer(one.code)
      for (const { code } of [one, two, answer]) assert.isBelow(code.length, 300)
      assert.isFalse(equal(one.code, two.code))
    }))

  it("what is no code, or one for the other side, is refused, and the right one still taken", () =>
    scoped(function* () {
      const offer = yield* hand.offer
      const answer = yield* hand.answer(offer.code)
      const none = [new Uint8Array(), offer.code.slice(1), offer.code.slice(0, -1), new Uint8Array(MAX_HAND_CODE + 1)]
      for (const bad of [...none, answer.code]) yield* isInvalid(Effect.scoped(hand.answer(bad)))
      for (const bad of [...none, offer.code]) yield* isInvalid(offer.accept(bad))
      const [ours, theirs] = yield* Effect.all([offer.accept(answer.code), answer.link], { concurrency: 2 })
      assert.isTrue(equal(ours.binding!, theirs.binding!))
      yield* isInvalid(offer.accept(answer.code))
    }))

  it("an answer that somebody changed on its way opens no link, or one that does not bind the same", () =>
    scoped(function* () {
      const offer = yield* hand.offer
      const answer = yield* hand.answer(offer.code)
      const other = yield* Effect.flatMap(hand.offer, ({ code }) => hand.answer(code))
      // The fingerprint of another: the certificate that comes is not its.
      const swapped = answer.code.slice()
      const at = (code: Uint8Array) => Buffer.from(code).indexOf(Uint8Array.of(0x04, 0x58, 0x20)) + 3
      swapped.set(other.code.slice(at(other.code), at(other.code) + 32), at(swapped))
      assert.strictEqual((yield* Effect.flip(offer.accept(swapped))).reason, "noPath")
    }))

  it("the end of the offer's scope ends its link", () =>
    scoped(function* () {
      const outer = yield* Effect.scope
      const theirs = yield* Effect.scoped(
        Effect.gen(function* () {
          const offer = yield* hand.offer
          const answer = yield* Scope.provide(hand.answer(offer.code), outer)
          const [, link] = yield* Effect.all([offer.accept(answer.code), answer.link], { concurrency: 2 })
          return link
        }),
      )
      yield* theirs.closed
    }))

  it("relay only is refused where it cannot be kept", () => {
    const turn = { iceServers: [{ urls: "turn:turn.example", username: "u", credential: "c" }], relayOnly: true }
    assert.throws(() => manual({ ...turn, webrtc: node }), TypeError)
    assert.throws(() => manual({ relayOnly: true }), TypeError)
    assert.doesNotThrow(() => manual(turn))
  })

  it("without WebRTC it says so", () =>
    scoped(function* () {
      assert.strictEqual((yield* Effect.flip(Effect.scoped(manual().offer))).reason, "unsupported")
    }))
})
