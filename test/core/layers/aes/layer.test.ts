/** The AES layer between two parties: its limits, its key schedule, and what it does with time. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { concat, equal, u32be } from "../../../../src/core/crypto/bytes.ts"
import { AES_OVERHEAD, aesLayer } from "../../../../src/core/layers/aes/layer.ts"
import {
  AES_CHAIN_LABELS,
  type AesState,
  aesStart,
  MAX_AES_INDEX,
  MAX_AES_SKIP,
} from "../../../../src/core/layers/aes/state.ts"
import { type ChainKey, messageKey, stepChain } from "../../../../src/core/layers/chain-key.ts"
import { MAX_STORED, SKIPPED_LIFETIME } from "../../../../src/core/layers/skipped-keys.ts"
import { crypto, run, runs } from "../runtime.ts"
import { aesPair, TRANSCRIPT } from "./subject.ts"

const ASSOCIATED = new Uint8Array(32).fill(9)
const TEXT = new TextEncoder().encode("the same for all")

const conversation = async () => {
  const pair: { inviter: AesState; joiner: AesState } = await run(aesPair)
  let { inviter: sender, joiner: receiver } = pair
  return {
    receiver: () => receiver,
    setReceiver: (state: AesState) => {
      receiver = state
    },
    seal: async () => {
      const sealed = await run(aesLayer.seal(sender, TEXT, ASSOCIATED))
      sender = sealed.state
      return sealed.ciphertext
    },
    open: async (frame: Uint8Array) => {
      const exit = await run(Effect.exit(aesLayer.open(receiver, frame, ASSOCIATED)))
      if (Exit.isFailure(exit)) {
        assert.isFalse(Exit.hasDies(exit))
        return "refused"
      }
      receiver = exit.value.state
      return equal(exit.value.plaintext, TEXT) ? "opened" : "other"
    },
  }
}

describe("the AES layer", () => {
  it("adds 20 bytes to any plaintext", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (plaintext) => {
        const { inviter, joiner } = await run(aesPair)
        const { ciphertext } = await run(aesLayer.seal(inviter, plaintext, ASSOCIATED))
        assert.lengthOf(ciphertext, plaintext.length + AES_OVERHEAD)
        assert.deepEqual((await run(aesLayer.open(joiner, ciphertext, ASSOCIATED))).plaintext, plaintext)
      }),
      { numRuns: runs(50) },
    )
  })

  it("has a chain of its own for each way, secret and transcript", () => {
    const secret = new Uint8Array(32).fill(1)
    const chains = [
      aesStart(crypto, secret, TRANSCRIPT, "inviter"),
      aesStart(crypto, secret, new Uint8Array(32), "inviter"),
      aesStart(crypto, new Uint8Array(32), TRANSCRIPT, "inviter"),
    ].flatMap(({ receiving, sending }) => [sending.chain.join(), receiving.chain.join()])
    assert.equal(new Set(chains).size, chains.length)
    const [inviter, joiner] = [
      aesStart(crypto, secret, TRANSCRIPT, "inviter"),
      aesStart(crypto, secret, TRANSCRIPT, "joiner"),
    ]
    assert.deepEqual(inviter.sending, joiner.receiving)
    assert.deepEqual(inviter.receiving, joiner.sending)
  })

  it(`opens after ${MAX_AES_SKIP} missing frames, and refuses one more`, async () => {
    const { open, receiver, seal } = await conversation()
    for (let i = 0; i < MAX_AES_SKIP; i++) await seal()
    const last = await seal()
    const tooFar = await seal()
    assert.equal(await open(tooFar), "refused")
    assert.equal(await open(last), "opened")
    assert.equal(aesLayer.view(receiver()).skipped, MAX_AES_SKIP)
  })

  it(`keeps ${MAX_STORED} keys, the latest`, async () => {
    const { open, receiver, seal } = await conversation()
    const first = await seal()
    const frames: Array<Uint8Array> = []
    for (let i = 0; i < 2_400; i++) {
      const frame = await seal()
      if (i % 800 === 799) assert.equal(await open(frame), "opened")
      else frames.push(frame)
    }
    assert.equal(aesLayer.view(receiver()).skipped, MAX_STORED)
    assert.equal(await open(first), "refused")
    assert.equal(await open(frames.at(-1)!), "opened")
    assert.lengthOf(frames, 2_397)
    assert.deepEqual(aesLayer.decode(aesLayer.encode(receiver())), receiver())
  })

  it("forgets a skipped key after 30 days, and a clock set back revives none", async () => {
    const { open, receiver, seal, setReceiver } = await conversation()
    const late = await seal()
    assert.equal(await open(await seal()), "opened")
    const kept = receiver().skipped[0]!.at
    const early = aesLayer.expire(receiver(), kept + SKIPPED_LIFETIME - 1)
    assert.strictEqual(early, receiver())
    const gone = aesLayer.expire(receiver(), kept + SKIPPED_LIFETIME)
    assert.equal(aesLayer.view(gone).skipped, 0)
    // Kept by a clock that ran ahead: it ages from the day that the clock is right again.
    const back = aesLayer.expire(receiver(), kept - 5 * SKIPPED_LIFETIME)
    assert.equal(back.skipped[0]?.at, kept - 5 * SKIPPED_LIFETIME)
    assert.equal(aesLayer.view(aesLayer.expire(back, kept - 4 * SKIPPED_LIFETIME)).skipped, 0)
    setReceiver(gone)
    assert.equal(await open(late), "refused")
  })

  it("refuses the end of the counter and what went by, and is a defect past the end", async () => {
    const { inviter, joiner } = await run(aesPair)
    const end: AesState = { ...inviter, sending: { ...inviter.sending, index: MAX_AES_INDEX } }
    assert.isTrue(Exit.hasDies(await run(Effect.exit(aesLayer.seal(end, TEXT, ASSOCIATED)))))
    // A frame that is genuine but for standing at the end: only the limit refuses it.
    const near: AesState = { ...joiner, receiving: { ...joiner.receiving, index: MAX_AES_INDEX - 1 } }
    const sealAt = async (index: number, chain: ChainKey) => {
      const [, seed] = stepChain(crypto, AES_CHAIN_LABELS, chain)
      const { key, nonce } = messageKey(crypto, AES_CHAIN_LABELS, seed, 12)
      const header = u32be(index)
      return concat(header, await run(crypto.aes256Gcm.seal(key, nonce, TEXT, concat(ASSOCIATED, header))))
    }
    const [next] = stepChain(crypto, AES_CHAIN_LABELS, near.receiving)
    const last = await sealAt(MAX_AES_INDEX - 1, near.receiving)
    const past = await sealAt(MAX_AES_INDEX, next)
    assert.isTrue(Exit.hasFails(await run(Effect.exit(aesLayer.open(near, past, ASSOCIATED)))))
    assert.isTrue(Exit.isSuccess(await run(Effect.exit(aesLayer.open(near, last, ASSOCIATED)))))
    // Nor may a peer say that its next frame is an earlier one.
    const before = await sealAt(MAX_AES_INDEX - 2, near.receiving)
    assert.isTrue(Exit.hasFails(await run(Effect.exit(aesLayer.open(near, before, ASSOCIATED)))))
  })

  it("refuses any bytes that the peer did not seal", async () => {
    const { joiner } = await run(aesPair)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        assert.isTrue(Exit.hasFails(await run(Effect.exit(aesLayer.open(joiner, bytes, ASSOCIATED)))))
        assert.isUndefined(aesLayer.decode(bytes))
      }),
      { numRuns: runs(300) },
    )
  })
})
