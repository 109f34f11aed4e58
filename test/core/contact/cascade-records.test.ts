/** The cascade as records: what is kept of it, for how long, and that a state is never taken for another. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeCascadeRecords, opened, sealed } from "../../../src/core/contact/cascade-records.ts"
import { RECORD } from "../../../src/core/contact/records.ts"
import { Crypto } from "../../../src/core/crypto/crypto.ts"
import { decodeFrame } from "../../../src/core/frame.ts"
import type { At } from "../../../src/core/host/handlers.ts"
import { bytesOf, Late, type Written } from "../../../src/core/host/late.ts"
import { counterOf, type SottoState, sottoCascade } from "../../../src/core/layers/profile.ts"
import { seededCrypto } from "../../../src/spec/games/seeded.ts"
import { agreeTwo } from "../../../src/spec/layer-decoders.ts"

const DAY = 24 * 60 * 60_000

/** A shelf of records, and the place of a handler at a time. */
const shelf = (state: SottoState) => {
  const kept = new Map<string, Uint8Array>([[RECORD.transcript, state.transcript]])
  const lately = new Map<string, Late>()
  const put = (writes: ReadonlyArray<readonly [string, Written]>) => {
    for (const [record, written] of writes) kept.set(record, bytesOf(written))
  }
  /** As in the middle of a turn: written, and encoded by nobody yet. */
  const draft = (writes: ReadonlyArray<readonly [string, Written]>) => {
    for (const [record, written] of writes) if (written instanceof Late) lately.set(record, written)
  }
  put(makeCascadeRecords(state.role).writes(state))
  const at = (now: number): At => ({
    key: "main",
    now,
    read: (record) => Effect.sync(() => (lately.get(record)?.bytes ?? kept.get(record))?.slice()),
    late: (record) => lately.get(record),
    list: () => Effect.succeed([]),
    alive: () => [],
    howMany: () => 0,
    stateOf: () => undefined,
    contextOf: () => undefined,
  })
  return { at, draft, put }
}

/** A joiner that has opened the third of three frames: two keys are kept in each layer. */
const withSkipped = Effect.gen(function* () {
  const { inviter, joiner } = yield* agreeTwo
  const one = yield* sottoCascade.seal(inviter, Uint8Array.of(1))
  const two = yield* sottoCascade.seal(one.state, Uint8Array.of(2))
  const three = yield* sottoCascade.seal(two.state, Uint8Array.of(3))
  const { state } = yield* sottoCascade.open(joiner, three.ciphertext)
  return { state, late: one.ciphertext }
})

/** Where a frame stands in the outermost layer's chain. */
const counterIn = (bytes: Uint8Array): number | undefined => {
  const frame = decodeFrame(bytes)
  return frame?.kind === "sealed" ? counterOf(frame.ciphertext) : undefined
}

const skippedIn = (state: SottoState) => sottoCascade.view(state).map(({ skipped }) => skipped)

describe("the cascade of a contact", () => {
  it.effect("keeps skipped keys for their lifetime, and not a day longer once it is used", () =>
    Effect.gen(function* () {
      const { late, state } = yield* withSkipped
      assert.deepStrictEqual(skippedIn(state), [2, 2, 2, 2])
      const { at } = shelf(state)
      const soon = yield* opened(makeCascadeRecords("joiner"), at(29 * DAY), late)
      assert.deepStrictEqual(soon.content, Uint8Array.of(1))
      assert.deepStrictEqual(skippedIn(soon.state), [1, 1, 1, 1])
      const later = yield* Effect.option(opened(makeCascadeRecords("joiner"), at(31 * DAY), late))
      assert.strictEqual(later._tag, "None")
      const records = makeCascadeRecords("joiner")
      yield* sealed(records, at(31 * DAY), Uint8Array.of(9))
      assert.deepStrictEqual(skippedIn(records.last()!), [0, 0, 0, 0])
    }).pipe(Effect.provideService(Crypto, seededCrypto(3))),
  )

  it.effect("goes on from the records, whatever it decoded before", () =>
    Effect.gen(function* () {
      const { joiner, inviter } = yield* agreeTwo
      const first = yield* sottoCascade.seal(inviter, Uint8Array.of(1))
      const ready = (yield* sottoCascade.open(joiner, first.ciphertext)).state
      const { at, put } = shelf(ready)
      const records = makeCascadeRecords("joiner")
      const discarded = yield* sealed(records, at(0), Uint8Array.of(1)) // its turn failed: nothing of it was written
      const kept = yield* sealed(records, at(0), Uint8Array.of(2))
      put(kept.write)
      const next = yield* sealed(records, at(0), Uint8Array.of(3))
      const counters = [discarded, kept, next].map(({ frame }) => counterIn(frame))
      assert.deepStrictEqual(counters, [0, 0, 1])
    }).pipe(Effect.provideService(Crypto, seededCrypto(4))),
  )

  it.effect("encodes none of the states that a turn goes through, and goes on from the one that stands", () =>
    Effect.gen(function* () {
      const { inviter } = yield* agreeTwo
      const { at, draft, put } = shelf(inviter)
      const records = makeCascadeRecords("inviter")
      const one = yield* sealed(records, at(0), Uint8Array.of(1))
      draft(one.write)
      const second = yield* sealed(records, at(0), Uint8Array.of(2))
      draft(second.write)
      assert.isTrue(one.write.every(([, written]) => written instanceof Late && !written.isMade))
      yield* sealed(records, at(0), Uint8Array.of(3)) // its event was set aside: what stands is the second
      const third = yield* sealed(records, at(0), Uint8Array.of(4))
      assert.isTrue(second.write.every(([, written]) => written instanceof Late && written.isMade))
      put(third.write)
      const counters = [one, second, third].map(({ frame }) => counterIn(frame))
      assert.deepStrictEqual(counters, [0, 1, 2])
    }).pipe(Effect.provideService(Crypto, seededCrypto(5))),
  )
})
