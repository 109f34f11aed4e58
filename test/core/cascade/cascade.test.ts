/** The cascade on the real layers: lengths, limits, records, and all layers or none. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { peerOf, type Role } from "../../../src/core/ids.ts"
import { AES_OVERHEAD } from "../../../src/core/layers/aes/layer.ts"
import { MAX_AES_INDEX } from "../../../src/core/layers/aes/state.ts"
import { associatedData, bindingsOf } from "../../../src/core/layers/associated.ts"
import { INNER_OVERHEAD, LAYER_NAMES, MAX_CASCADE_CONTENT, makeCascade } from "../../../src/core/layers/cascade.ts"
import { KEM_OVERHEAD } from "../../../src/core/layers/kem/layer.ts"
import { MAX_OVERHEAD_BYTES } from "../../../src/core/layers/mls/limits.ts"
import { type SottoState, sottoCascade } from "../../../src/core/layers/profile.ts"
import { signalLayer } from "../../../src/core/layers/signal/layer.ts"
import { bucketOf, LARGEST_BUCKET, pad, padTo } from "../../../src/core/padding.ts"
import { wrap } from "../../../src/spec/games/adversary.ts"
import { crypto, run, runs } from "../layers/runtime.ts"
import { agree, realSubject, TOYS, toyPair } from "./subjects.ts"

type States = Record<Role, SottoState>

const agreed = run(agree)

const conversation = async () => {
  const states: States = { ...(await agreed) }
  return {
    states,
    seal: async (from: Role, content: Uint8Array) => {
      const sealed = await run(sottoCascade.seal(states[from], content))
      states[from] = sealed.state
      return sealed
    },
    open: async (to: Role, frame: Uint8Array) => {
      const exit = await run(Effect.exit(sottoCascade.open(states[to], frame)))
      if (Exit.isFailure(exit)) {
        assert.isFalse(Exit.hasDies(exit))
        return undefined
      }
      states[to] = exit.value.state
      return exit.value
    },
  }
}

const wireLength = (bucket: number) => bucket + INNER_OVERHEAD + AES_OVERHEAD

describe("the cascade", () => {
  it("carries any content both ways, in a length that its bucket alone decides", async () => {
    const { open, seal, states } = await conversation()
    await seal("inviter", new Uint8Array(0)).then(({ ciphertext }) => open("joiner", ciphertext))
    const length = fc.oneof(
      fc.nat(600),
      fc.constantFrom(...[255, 256, 511, 512, 4_095, 4_096, 65_535, 65_536, MAX_CASCADE_CONTENT]),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom<Role>("inviter", "joiner"), length, fc.boolean(), async (from, bytes, lost) => {
        const content = crypto.random(bytes)
        const { ciphertext } = await seal(from, content)
        assert.lengthOf(ciphertext, wireLength(bucketOf(bytes)!))
        if (!lost) assert.deepEqual((await open(peerOf(from), ciphertext))?.content, content)
      }),
      { numRuns: runs(150) },
    )
    const views = sottoCascade.view(states.inviter)
    assert.deepEqual(
      views.map((view) => view.layer),
      LAYER_NAMES,
    )
    for (const { sent } of views) assert.isAbove(sent, 10)
  })

  it("has room for what the inner layers can add", async () => {
    const { open, seal, states } = await conversation()
    const first = await seal("inviter", new Uint8Array(1))
    await open("joiner", first.ciphertext)
    // What the Signal layer adds in fact, over a conversation with turns of all lengths, at the largest bucket.
    let most = 0
    for (let i = 0; i < 40; i++) {
      const from = i % 3 === 0 ? "joiner" : "inviter"
      const plaintext = new Uint8Array(LARGEST_BUCKET + MAX_OVERHEAD_BYTES)
      const { ciphertext } = await run(signalLayer.seal(states[from].layers.signal, plaintext, new Uint8Array(32)))
      most = Math.max(most, ciphertext.length - plaintext.length)
      const sealed = await seal(from, new Uint8Array(9))
      await open(peerOf(from), sealed.ciphertext)
    }
    // Two counters of the header and two of the braid may grow by four bytes each, its chunk number by two.
    const growth = 5 * 4
    assert.isBelow(MAX_OVERHEAD_BYTES + most + growth + KEM_OVERHEAD, INNER_OVERHEAD)
  })

  it("tells the steps of its statecharts, from the layer that made them", async () => {
    const { open, seal } = await conversation()
    const sealed = await seal("inviter", new Uint8Array(3))
    assert.includeMembers(
      sealed.transitions.map(({ id }) => id),
      ["doubleRatchet/signal", "kemRatchet/kem"],
    )
    const opened = await open("joiner", sealed.ciphertext)
    assert.deepInclude(opened?.transitions.at(0), { id: "kemRatchet/kem", event: "FrameArrived" })
  })

  it("refuses what any layer refuses, and then no layer has moved", async () => {
    const { open, seal, states } = await conversation()
    const { ciphertext } = await seal("inviter", new Uint8Array(3))
    const before = sottoCascade.encode(states.joiner)
    for (const name of LAYER_NAMES) {
      // A receiver with one layer of another session.
      const { joiner } = await run(agree)
      const mixed = { ...states.joiner, layers: { ...states.joiner.layers, [name]: joiner.layers[name] } }
      const exit = await run(Effect.exit(sottoCascade.open(mixed, ciphertext)))
      assert.isTrue(Exit.hasFails(exit), name)
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        assert.isUndefined(await open("joiner", bytes))
      }),
      { numRuns: runs(100) },
    )
    assert.deepEqual(sottoCascade.encode(states.joiner), before)
    assert.isDefined(await open("joiner", ciphertext))
    assert.isUndefined(await open("joiner", ciphertext))
  })

  it("is a defect for content over the largest bucket, and where a layer cannot seal; nothing leaves then", async () => {
    const { states } = await conversation()
    const defect = async (from: Role, bytes: number) =>
      assert.isTrue(Exit.hasDies(await run(Effect.exit(sottoCascade.seal(states[from], new Uint8Array(bytes))))))
    await defect("inviter", MAX_CASCADE_CONTENT + 1)
    await defect("joiner", 1)
  })

  it("comes back from its four records, and from nothing less", async () => {
    const { open, seal, states } = await conversation()
    const early = await seal("inviter", Uint8Array.of(1))
    await open("joiner", (await seal("inviter", Uint8Array.of(2))).ciphertext)
    const records = sottoCascade.encode(states.joiner)
    const back = sottoCascade.decode(states.joiner.transcript, "joiner", records)!
    assert.deepEqual(sottoCascade.encode(back), records)
    states.joiner = back
    assert.deepEqual((await open("joiner", early.ciphertext))?.content, Uint8Array.of(1))
    for (const name of LAYER_NAMES) {
      const broken = { ...records, [name]: records[name].slice(0, -1) }
      assert.isUndefined(sottoCascade.decode(back.transcript, "joiner", broken))
      const swapped = { ...records, [name]: records[name === "aes" ? "kem" : "aes"] }
      assert.isUndefined(sottoCascade.decode(back.transcript, "joiner", swapped))
    }
  })

  it("opens nothing under another transcript or as the other role", async () => {
    const { seal, states } = await conversation()
    const { ciphertext } = await seal("inviter", Uint8Array.of(1))
    const transcript = states.joiner.transcript.map((byte, i) => (i === 31 ? byte ^ 0x80 : byte))
    for (const other of [
      { ...states.joiner, transcript },
      { ...states.joiner, role: "inviter" as const },
    ]) {
      assert.isTrue(Exit.hasFails(await run(Effect.exit(sottoCascade.open(other, ciphertext)))))
    }
  })

  it("refuses a peer that pads otherwise, so that no two frames carry one content", async () => {
    const { states } = await conversation()
    const frameOf = (padded: Uint8Array, bucket: number) =>
      run(wrap(realSubject.layers, states.inviter, { ciphertext: padded, bucket }, LAYER_NAMES))
    const opens = async (padded: Uint8Array, bucket: number) =>
      Exit.isSuccess(await run(Effect.exit(sottoCascade.open(states.joiner, (await frameOf(padded, bucket))!))))
    const content = Uint8Array.of(1, 2, 3)
    assert.isTrue(await opens(pad(content), 256))
    assert.isFalse(await opens(pad(content), 512))
    assert.isFalse(await opens(padTo(content, 512), 512))
    assert.isFalse(await opens(padTo(content, 300), 300))
    assert.isFalse(await opens(padTo(content, 128), 128))
    assert.isFalse(await opens(new Uint8Array(256), 256))
  })

  it("expires the skipped keys of every layer", async () => {
    const { open, seal, states } = await conversation()
    for (let i = 0; i < 3; i++) await seal("inviter", Uint8Array.of(i))
    await open("joiner", (await seal("inviter", Uint8Array.of(3))).ciphertext)
    const skipped = (state: SottoState) => sottoCascade.view(state).map((view) => view.skipped)
    assert.deepEqual(skipped(states.joiner), [3, 3, 3, 3])
    // Past every lifetime, whatever the clock says that these frames were sealed by.
    assert.deepEqual(skipped(sottoCascade.expire(states.joiner, 2 ** 45)), [0, 0, 0, 0])
  })

  it("says when a counter nears its end, long before it ends", async () => {
    const { states } = await conversation()
    assert.isFalse(sottoCascade.isWornOut(states.inviter))
    const { aes } = states.inviter.layers
    const worn = (index: number) => ({
      ...states.inviter,
      layers: { ...states.inviter.layers, aes: { ...aes, sending: { ...aes.sending, index } } },
    })
    assert.isTrue(sottoCascade.isWornOut(worn(MAX_AES_INDEX - 2 ** 20)))
    assert.isFalse(sottoCascade.isWornOut(worn(MAX_AES_INDEX - 2 ** 21)))
  })

  it("takes no layer under another's name, and inner layers no larger than their room", async () => {
    assert.throws(() => makeCascade({ ...TOYS, kem: TOYS.signal }), TypeError)
    const large = makeCascade({
      ...TOYS,
      mls: {
        ...TOYS.mls,
        seal: (state, plaintext) =>
          Effect.succeed({ state, ciphertext: new Uint8Array(plaintext.length + INNER_OVERHEAD), transitions: [] }),
      },
    })
    const { inviter } = await run(toyPair)
    assert.isTrue(Exit.hasDies(await run(Effect.exit(large.seal(inviter, Uint8Array.of(1))))))
  })
})

describe("associated data", () => {
  it("is another for any other transcript, layer or direction", () => {
    const transcript = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const place = fc.tuple(
      transcript,
      fc.constantFrom(...LAYER_NAMES),
      fc.constantFrom("inviterToJoiner" as const, "joinerToInviter" as const),
    )
    fc.assert(
      fc.property(place, place, (one, other) => {
        const [a, b] = [associatedData(crypto, ...one), associatedData(crypto, ...other)]
        assert.lengthOf(a, 32)
        assert.equal(a.join() === b.join(), JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: runs(200) },
    )
    const reused = new Uint8Array(32)
    for (const byte of [1, 2, 1]) {
      reused.fill(byte)
      const fresh = associatedData(crypto, new Uint8Array(32).fill(byte), "mls", "joinerToInviter")
      assert.deepEqual(bindingsOf(crypto, reused).joinerToInviter.mls, fresh)
    }
    const all = LAYER_NAMES.flatMap((name) =>
      (["inviterToJoiner", "joinerToInviter"] as const).map((direction) =>
        associatedData(crypto, new Uint8Array(32), name, direction).join(),
      ),
    )
    assert.equal(new Set(all).size, 8)
  })
})
