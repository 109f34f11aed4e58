/** What a frame holds under its layers, told to whoever can open them. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { assert, describe as group, it } from "vitest"
import { about, RECORD } from "../../src/core/contact/records.ts"
import { type Content, content } from "../../src/core/content.ts"
import { Crypto } from "../../src/core/crypto/crypto.ts"
import { encodeFrame } from "../../src/core/frame.ts"
import { fromHex } from "../../src/core/hex.ts"
import { aesLayer } from "../../src/core/layers/aes/layer.ts"
import { associatedData } from "../../src/core/layers/associated.ts"
import { kemLayer } from "../../src/core/layers/kem/layer.ts"
import type { Layer, LayerName } from "../../src/core/layers/layer.ts"
import { mlsCommit } from "../../src/core/layers/mls/healing.ts"
import { mlsLayer } from "../../src/core/layers/mls/layer.ts"
import { sottoCascade } from "../../src/core/layers/profile.ts"
import { type BraidMessage, encodeBraidMessage } from "../../src/core/layers/signal/braid-message.ts"
import { signalLayer } from "../../src/core/layers/signal/layer.ts"
import * as wire from "../../src/spec/arbitraries/wire.ts"
import { describeBraid } from "../../src/spec/describe/signal.ts"
import { tilingProblems } from "../../src/spec/describe/span.ts"
import { agreeTwo } from "../../src/spec/layer-decoders.ts"
import { LAYERS, openFrame } from "../../src/spec/simulation/opening.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import { crypto, flat, openerOf, tiles } from "./tiles.ts"

group("what the layers of a frame hold", () => {
  const said: Content = { kind: "text", id: new Uint8Array(16).fill(7), number: 3, at: 1_000, text: "Hello, Bob" }

  /** The opener of a receiver that has not opened anything yet: each layer with its own state. */
  const run = Effect.gen(function* () {
    const { inviter, joiner } = yield* agreeTwo
    const first = yield* sottoCascade.seal(inviter, content.encode(said))
    const states = joiner.layers
    const bind = (layer: LayerName) => associatedData(crypto, joiner.transcript, layer, "inviterToJoiner")
    const aes = yield* aesLayer.open(states.aes, first.ciphertext, bind("aes"))
    const inner = aes.plaintext.slice(0, aes.plaintext.lastIndexOf(0x80))
    const kem = yield* kemLayer.open(states.kem, inner, bind("kem"))
    const signal = yield* signalLayer.open(states.signal, kem.plaintext, bind("signal"))
    const mls = yield* mlsLayer.open(states.mls, signal.plaintext, bind("mls"))
    const plaintexts = { aes: aes.plaintext, kem: kem.plaintext, signal: signal.plaintext, mls: mls.plaintext }
    return { bytes: encodeFrame({ kind: "sealed", ciphertext: first.ciphertext }), plaintexts }
  }).pipe(Effect.provideService(Crypto, crypto))

  it("is told down to what was said, for who can open them, and not for who cannot", async () => {
    const { bytes, plaintexts } = await Effect.runPromise(run)
    const all = flat(tiles(bytes, openerOf(plaintexts)))
    assert.deepStrictEqual(
      all.flatMap(({ opens }) => (opens === undefined ? [] : [opens.by])),
      ["aes", "kem", "signal", "mls"],
    )
    assert.strictEqual(all.find(({ name, value }) => name === "text" && value !== undefined)?.value, '"Hello, Bob"')
    assert.isEmpty(all.filter(({ name }) => name === "unreadable"))
    // What rides in the Signal layer's messages is told as well.
    for (const name of ["braid", "type"])
      assert.include(
        all.map((span) => span.name),
        name,
      )
    // Whatever opens says under which key, in the words of the protocol.
    const protocol = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8")
    for (const { keyed, name, opens } of all) {
      if (opens !== undefined) assert.isDefined(keyed, `${opens.by} ${name}`)
      for (const line of keyed?.from ?? []) {
        for (const [, label] of line.matchAll(/"([^"‹]+)(?:‹[^"]*)?"/g)) assert.include(protocol, label!.trim(), line)
      }
    }
    for (const stop of ["aes", "kem", "signal", "mls"] as const) {
      const some = flat(tiles(bytes, openerOf(plaintexts, stop)))
      assert.notInclude(JSON.stringify(some.map(({ value }) => value)), "Hello, Bob", stop)
    }
  })

  it("is told of a commit, as its receiver opens it", async () => {
    const sealed = Effect.gen(function* () {
      const { inviter, joiner } = yield* agreeTwo
      const made = yield* mlsCommit(inviter.layers.mls)
      const rekey: Content = { kind: "rekey", id: new Uint8Array(16).fill(7), number: 3, commit: made.commit }
      const { ciphertext } = yield* sottoCascade.seal(inviter, content.encode(rekey))
      const role = about.encode({ role: "joiner", createdAt: 0, name: "", own: [], peer: [] })
      const layers = Object.entries(LAYERS).map(([name, layer]) => {
        const state = joiner.layers[name as LayerName]
        return [`layer/${name}`, (layer as Layer<unknown>).encode(state)] as const
      })
      const records = new Map([[RECORD.about, role], [RECORD.transcript, joiner.transcript], ...layers])
      return { bytes: encodeFrame({ kind: "sealed", ciphertext }), records }
    }).pipe(Effect.provideService(Crypto, crypto))
    const { bytes, records } = await Effect.runPromise(sealed)
    const plaintexts = await openFrame(crypto, bytes, records)
    const all = flat(tiles(bytes, openerOf(plaintexts)))
    assert.deepStrictEqual(
      all.flatMap(({ opens }) => opens?.by ?? []),
      ["aes", "kem", "signal", "mls", "commit"],
    )
    const names = all.map(({ name }) => name)
    assert.includeMembers(names, ["update path", "path secret", "parent hash", "confirmation tag"])
    assert.notInclude(names, "unreadable")
  })

  it("is told of where somebody stands, in a run of the simulator", async () => {
    const simulation = await simulate({ seed: 1, peers: ["alice", "bob"], crypto: "real" })
    const told = new Map<string, Set<string>>()
    const look = async () => {
      for (const { bytes, from, kind, to } of simulation.view().frames) {
        const frame = fromHex(bytes)!
        const plaintexts = await openFrame(crypto, frame, simulation.records(to, from))
        const names = told.get(kind) ?? new Set()
        for (const { name, opens } of flat(tiles(frame, openerOf(plaintexts)))) {
          names.add(name)
          if (opens !== undefined) names.add(`by ${opens.by}`)
        }
        told.set(kind, names)
      }
    }
    await simulation.step(["event", "alice", { do: "pair", with: "bob" }])
    for (let i = 0; i < 60; i++) {
      await simulation.step(["."])
      await look()
    }
    simulation.close()
    assert.includeMembers([...told.get("tell")!], ["by recovery", "newest", "lives", "zeros"])
    assert.includeMembers([...told.get("bundle")!], ["leaf node"])
    assert.includeMembers([...told.get("accept")!], ["encrypted group secrets"])
  })

  it("is told of every message of the braid, and of nothing else", () => {
    const number = fc.integer({ min: 1, max: 0xffff_ffff })
    const chunk = fc.record({ number: fc.nat({ max: 0xffff }), bytes: wire.bytesOf(32) })
    const payload = fc.oneof(
      fc.record({ type: fc.constantFrom("nothing", "acknowledgement") }),
      fc.record({ type: fc.constantFrom("header", "vector", "acknowledgingVector", "first", "second"), chunk }),
    ) as fc.Arbitrary<BraidMessage["payload"]>
    fc.assert(
      fc.property(fc.record({ epoch: number, index: number, payload }), (message) => {
        const bytes = encodeBraidMessage(message)
        const spans = describeBraid(bytes) ?? []
        assert.deepStrictEqual(tilingProblems(spans, bytes.length), [])
        const valueOf = (name: string) => spans.find((span) => span.name === name)?.value
        assert.strictEqual(valueOf("epoch"), String(message.epoch))
        assert.strictEqual(valueOf("index"), String(message.index))
        if ("chunk" in message.payload)
          assert.strictEqual(valueOf("chunk number"), String(message.payload.chunk.number))
        assert.isUndefined(describeBraid(bytes.subarray(0, -1)))
      }),
    )
  })

  it("is told of plaintexts that are none", async () => {
    const { bytes, plaintexts } = await Effect.runPromise(run)
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.constantFrom("aes", "kem", "signal", "mls"),
        (junk, layer) => {
          tiles(bytes, openerOf({ ...plaintexts, [layer]: junk }))
        },
      ),
      { numRuns: 100 },
    )
  })
})
