/** The KEM layer between two parties: what must arrive, what may be late, and what a peer or a thief tries. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { assert, describe, it } from "vitest"
import { concat, equal, u32be } from "../../../../src/core/crypto/bytes.ts"
import { Crypto } from "../../../../src/core/crypto/crypto.ts"
import { X_WING_CIPHERTEXT_BYTES, xWing } from "../../../../src/core/crypto/x-wing.ts"
import {
  KEM_MESSAGE_BYTES,
  kemDecapsulate,
  kemEncapsulate,
  kemStart,
} from "../../../../src/core/layers/kem/establish.ts"
import { KEM_HEADER_BYTES } from "../../../../src/core/layers/kem/header.ts"
import { KEM_OVERHEAD, kemLayer } from "../../../../src/core/layers/kem/layer.ts"
import type { KemState } from "../../../../src/core/layers/kem/state.ts"
import { MAX_STORED } from "../../../../src/core/layers/skipped-keys.ts"
import { MAX_SKIP } from "../../../../src/machines/kem-ratchet.ts"
import { watch } from "../../../../src/spec/games/watch.ts"
import { crypto, run } from "../runtime.ts"
import { kemPair, TRANSCRIPT } from "./subject.ts"

const ASSOCIATED = new Uint8Array(32).fill(9)
const TEXT = new TextEncoder().encode("the same for all")

/** Mutable hands around immutable states. */
const conversation = async () => {
  const states: Record<"inviter" | "joiner", KemState> = await run(kemPair)
  type Side = keyof typeof states
  return {
    states,
    seal: async (by: Side, plaintext = TEXT) => {
      const sealed = await run(kemLayer.seal(states[by], plaintext, ASSOCIATED))
      states[by] = sealed.state
      return sealed.ciphertext
    },
    open: async (by: Side, frame: Uint8Array) => {
      const exit = await run(Effect.exit(kemLayer.open(states[by], frame, ASSOCIATED)))
      if (Exit.isFailure(exit)) {
        assert.isFalse(Exit.hasDies(exit))
        return "refused"
      }
      states[by] = exit.value.state
      return equal(exit.value.plaintext, TEXT) ? "opened" : "other"
    },
  }
}

describe("the KEM layer", () => {
  it("shows turns that alternate, and frames of one length", async () => {
    const { open, seal, states } = await conversation()
    for (let turn = 1; turn <= 6; turn++) {
      const [from, to] = turn % 2 === 1 ? (["inviter", "joiner"] as const) : (["joiner", "inviter"] as const)
      for (let i = 0; i < 3; i++) {
        const frame = await seal(from)
        assert.lengthOf(frame, TEXT.length + KEM_OVERHEAD)
        assert.equal(await open(to, frame), "opened")
      }
      assert.deepInclude(kemLayer.view(states[from]), { epoch: turn, state: "leading" })
      assert.deepInclude(kemLayer.view(states[to]), { epoch: turn, state: "following", skipped: 0 })
    }
    assert.deepInclude(kemLayer.view(states.inviter), { sent: 9, received: 9 })
  })

  it("opens what was sealed before a turn after it, in any order", async () => {
    const { open, seal, states } = await conversation()
    const early = [await seal("inviter"), await seal("inviter"), await seal("inviter")]
    assert.equal(await open("joiner", early[1]!), "opened")
    const answer = await seal("joiner")
    assert.equal(await open("inviter", answer), "opened")
    const next = [await seal("inviter"), await seal("inviter")]
    assert.equal(await open("joiner", next[1]!), "opened")
    assert.equal(kemLayer.view(states.joiner).skipped, 3)
    for (const late of [early[2]!, next[0]!, early[0]!]) {
      assert.equal(await open("joiner", late), "opened")
      assert.equal(await open("joiner", late), "refused")
    }
    assert.equal(kemLayer.view(states.joiner).skipped, 0)
  })

  it("goes on when both send at once", async () => {
    const { open, seal } = await conversation()
    assert.equal(await open("joiner", await seal("inviter")), "opened")
    for (let i = 0; i < 5; i++) {
      const [a, b] = [await seal("inviter"), await seal("joiner")]
      assert.equal(await open("inviter", b), "opened")
      assert.equal(await open("joiner", a), "opened")
    }
  })

  it("uses a fresh X-Wing ciphertext and key in every turn", async () => {
    const { open, seal } = await conversation()
    const seen = { ciphertexts: new Set<string>(), keys: new Set<string>() }
    for (let turn = 0; turn < 8; turn++) {
      const [from, to] = turn % 2 === 0 ? (["inviter", "joiner"] as const) : (["joiner", "inviter"] as const)
      const frame = await seal(from)
      seen.ciphertexts.add(frame.slice(12, 12 + X_WING_CIPHERTEXT_BYTES).join())
      seen.keys.add(frame.slice(12 + X_WING_CIPHERTEXT_BYTES, KEM_HEADER_BYTES).join())
      assert.equal(await open(to, frame), "opened")
    }
    assert.equal(seen.ciphertexts.size, 8)
    assert.equal(seen.keys.size, 8)
  })

  it(`opens after ${MAX_SKIP} missing frames, and refuses one more`, async () => {
    const { open, seal, states } = await conversation()
    assert.equal(await open("joiner", await seal("inviter")), "opened")
    for (let i = 0; i < MAX_SKIP; i++) await seal("inviter")
    const last = await seal("inviter")
    const tooFar = await seal("inviter")
    assert.equal(await open("joiner", tooFar), "refused")
    assert.equal(await open("joiner", last), "opened")
    assert.equal(kemLayer.view(states.joiner).skipped, MAX_SKIP)
    assert.equal(await open("joiner", tooFar), "opened")
  })

  it(`keeps ${MAX_STORED} keys, the latest`, async () => {
    const { open, seal, states } = await conversation()
    assert.equal(await open("joiner", await seal("inviter")), "opened")
    const first = await seal("inviter")
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 900; i++) await seal("inviter")
      assert.equal(await open("joiner", await seal("inviter")), "opened")
    }
    assert.equal(kemLayer.view(states.joiner).skipped, MAX_STORED)
    assert.equal(await open("joiner", first), "refused")
    const encoded = kemLayer.encode(states.joiner)
    assert.deepEqual(kemLayer.encode(kemLayer.decode(encoded)!), encoded)
  })

  it("does one decapsulation for a forged turn, and none for a place that cannot be", async () => {
    const { open, seal, states } = await conversation()
    assert.equal(await open("joiner", await seal("inviter")), "opened")
    const answer = await seal("joiner")
    const watched = watch(crypto)
    const workFor = async (frame: Uint8Array) => {
      watched.take()
      await Effect.runPromise(
        Effect.exit(kemLayer.open(states.inviter, frame, ASSOCIATED)).pipe(
          Effect.provideService(Crypto, watched.crypto),
        ),
      )
      return watched.take().work
    }
    const place = (turn: number, index: number, previous: number) =>
      concat(u32be(turn), u32be(index), u32be(previous), answer.slice(12))
    assert.equal((await workFor(place(2, 500, 0))).publicKey, 3)
    assert.deepEqual(await workFor(place(4, 0, 0)), { publicKey: 0, symmetric: 0 })
    assert.deepEqual(await workFor(place(2, MAX_SKIP + 1, 0)), { publicKey: 0, symmetric: 0 })
    assert.deepEqual(await workFor(place(2, 0, 1)), { publicKey: 0, symmetric: 0 })
    assert.deepEqual(await workFor(answer.slice(0, KEM_HEADER_BYTES - 1)), { publicKey: 0, symmetric: 0 })
  })

  it("refuses a genuine frame whose key for our next turn is none", async () => {
    const { open, seal, states } = await conversation()
    assert.equal(await open("joiner", await seal("inviter")), "opened")
    // A peer that is genuine and means harm: it seals under its own turn, with a low-order point in its new key.
    const sealing = await run(kemLayer.seal(states.joiner, TEXT, ASSOCIATED))
    assert.equal(sealing.state.keys.state, "leading")
    if (sealing.state.keys.state !== "leading") return
    for (const bad of [
      concat(sealing.state.keys.sending.publicKey.slice(0, 1184), new Uint8Array(32)),
      concat(new Uint8Array(1184).fill(0xff), sealing.state.keys.sending.publicKey.slice(1184)),
    ]) {
      const { sending } = sealing.state.keys
      states.joiner = {
        ...sealing.state,
        keys: { ...sealing.state.keys, sending: { ...sending, publicKey: bad } },
      }
      const before = kemLayer.encode(states.inviter)
      assert.equal(await open("inviter", await seal("joiner")), "refused")
      assert.deepEqual(kemLayer.encode(states.inviter), before)
    }
  })

  it("is a defect to seal before the inviter's first turn has come", async () => {
    const { states } = await conversation()
    const exit = await run(Effect.exit(kemLayer.seal(states.joiner, TEXT, ASSOCIATED)))
    assert.isTrue(Exit.hasDies(exit))
  })

  it("has no use for keys it no longer needs", async () => {
    const { open, seal, states } = await conversation()
    const seed = states.joiner.keys.state === "awaitingFirstTurn" ? states.joiner.keys.seed : undefined
    assert.lengthOf(seed!, 32)
    assert.equal(await open("joiner", await seal("inviter")), "opened")
    assert.equal(kemLayer.encode(states.joiner).join().indexOf(seed!.join()), -1)
    assert.doesNotHaveAnyKeys(states.joiner.keys, ["seed", "sending"])
  })

  it("decodes what it encoded, and nothing else", async () => {
    const { open, seal, states } = await conversation()
    const check = () => {
      for (const state of Object.values(states)) {
        const encoded = kemLayer.encode(state)
        assert.deepEqual(kemLayer.decode(encoded), state)
        assert.isUndefined(kemLayer.decode(concat(encoded, Uint8Array.of(0))))
        for (const end of [0, 1, 40, encoded.length - 1]) assert.isUndefined(kemLayer.decode(encoded.slice(0, end)))
      }
    }
    check()
    const late = await seal("inviter")
    assert.equal(await open("joiner", await seal("inviter")), "opened")
    check()
    assert.equal(await open("inviter", await seal("joiner")), "opened")
    check()
    assert.equal(await open("joiner", late), "opened")
    // Counters that contradict the chains would use a key for two places.
    const { joiner } = states
    for (const counter of ["sent", "received"] as const) {
      const lying = { ...joiner, counters: { ...joiner.counters, [counter]: joiner.counters[counter] + 1 } }
      assert.isUndefined(kemLayer.decode(kemLayer.encode(lying)), counter)
    }
  })
})

describe("the KEM layer's agreement", () => {
  const agreement = Effect.gen(function* () {
    const service = yield* Crypto
    const kem = xWing(service)
    const seeds = [service.random(32), service.random(32), service.random(32)] as const
    const keys = [
      yield* kem.publicKey(seeds[0]),
      yield* kem.publicKey(seeds[1]),
      yield* kem.publicKey(seeds[2]),
    ] as const
    return { seeds, keys, ...(yield* kemEncapsulate(service, keys[0], keys[1])) }
  })
  const refuses = async (effect: Effect.Effect<unknown, unknown, Crypto>) =>
    assert.isTrue(Exit.hasFails(await run(Effect.exit(effect))))

  it("gives both the same secrets, in 2,240 bytes", async () => {
    const { message, secrets, seeds } = await run(agreement)
    assert.lengthOf(message, KEM_MESSAGE_BYTES)
    assert.equal(KEM_MESSAGE_BYTES, 2_240)
    assert.deepEqual(await run(kemDecapsulate(crypto, seeds[0], seeds[1], message)), secrets)
    assert.notDeepEqual(secrets.toStatic, secrets.toOneTime)
  })

  it("opens nothing under another transcript, static key, one-time key or joiner key", async () => {
    const { keys, message, secrets, seeds } = await run(agreement)
    const agreed = await run(kemDecapsulate(crypto, seeds[0], seeds[1], message))
    const swapped = await run(kemDecapsulate(crypto, seeds[1], seeds[0], message))
    const halves = [
      { toStatic: agreed.toStatic, toOneTime: crypto.random(32) },
      { toStatic: crypto.random(32), toOneTime: agreed.toOneTime },
    ]
    const other = TRANSCRIPT.map((byte) => byte ^ 1)
    const joiner = await run(kemStart(crypto, secrets, TRANSCRIPT, { role: "joiner", staticSeed: seeds[2] }))
    const opens = async (by: typeof agreed, transcript: Uint8Array, peerStatic: Uint8Array) => {
      const inviter = await run(kemStart(crypto, by, transcript, { role: "inviter", peerStatic }))
      const { ciphertext } = await run(kemLayer.seal(inviter, TEXT, ASSOCIATED))
      return Exit.isSuccess(await run(Effect.exit(kemLayer.open(joiner, ciphertext, ASSOCIATED))))
    }
    assert.isTrue(await opens(agreed, TRANSCRIPT, keys[2]))
    assert.isFalse(await opens(agreed, other, keys[2]))
    assert.isFalse(await opens(swapped, TRANSCRIPT, keys[2]))
    for (const half of halves) assert.isFalse(await opens(half, TRANSCRIPT, keys[2]))
    assert.isFalse(await opens(agreed, TRANSCRIPT, keys[0]))
  })

  it("refuses keys and messages that are none", async () => {
    const { keys, message, secrets, seeds } = await run(agreement)
    const lowOrder = concat(keys[0].slice(0, 1_184), new Uint8Array(32))
    const unreduced = concat(new Uint8Array(1_184).fill(0xff), keys[0].slice(1_184))
    for (const bad of [lowOrder, unreduced, keys[0].slice(1), new Uint8Array(0)]) {
      await refuses(kemEncapsulate(crypto, bad, keys[1]))
      await refuses(kemEncapsulate(crypto, keys[0], bad))
      await refuses(kemStart(crypto, secrets, TRANSCRIPT, { role: "inviter", peerStatic: bad }))
    }
    for (const bad of [message.slice(1), concat(message, message), new Uint8Array(0)])
      await refuses(kemDecapsulate(crypto, seeds[0], seeds[1], bad))
  })
})
