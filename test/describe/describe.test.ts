/** Every byte of a frame is explained, once; whatever the bytes are, there is an answer. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { assert, describe as group, it } from "vitest"
import { about, RECORD } from "../../src/core/contact/records.ts"
import { type Content, content } from "../../src/core/content.ts"
import { Crypto } from "../../src/core/crypto/crypto.ts"
import { encodeFrame } from "../../src/core/frame.ts"
import { makeAccept, makeBundle, makeHello } from "../../src/core/handshake/messages.ts"
import { askMessage, tellMessage } from "../../src/core/handshake/standing.ts"
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
import { describe, FORMS } from "../../src/spec/describe/describe.ts"
import { noteOn } from "../../src/spec/describe/notes.ts"
import { LAYER_RULES, RULED } from "../../src/spec/describe/rules.ts"
import { describeBraid } from "../../src/spec/describe/signal.ts"
import { type OpenedBy, type Opener, type Span, tilingProblems } from "../../src/spec/describe/span.ts"
import { seededCrypto } from "../../src/spec/games/seeded.ts"
import { agreeTwo } from "../../src/spec/layer-decoders.ts"
import { LAYERS, openFrame } from "../../src/spec/simulation/opening.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import { invariantIds } from "../docs/invariants.ts"

const crypto = seededCrypto(1)

/** All spans, from the outside in. */
const flat = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> =>
  spans.flatMap((span) => [span, ...flat(span.parts ?? []), ...flat(span.opens?.spans ?? [])])

const tiles = (bytes: Uint8Array, open?: Opener): ReadonlyArray<Span> => {
  const spans = describe(bytes, open)
  assert.deepStrictEqual(tilingProblems(spans, bytes.length), [])
  return spans
}

/** Of somebody who kept the plaintexts; `stop`: but for this one. */
const openerOf =
  (plaintexts: Partial<Record<OpenedBy, Uint8Array>>, stop?: OpenedBy): Opener =>
  (by) =>
    by === stop ? undefined : plaintexts[by]

/** Handshake messages whose bodies are what they say, so that the description goes all the way in. */
const genuine = fc
  .tuple(wire.pairingSecret, wire.bytesOf(32), wire.bundle, wire.accept)
  .chain(([pairing, nonce, bundle, accept]) => {
    const hello = makeHello(crypto, pairing, nonce, nonce)
    const offered = makeBundle(crypto, pairing, hello, { ...bundle, keyPackage: bundle.keyPackage.slice(0, 3_000) })
    return fc.constantFrom(
      encodeFrame({ kind: "hello", message: hello }),
      encodeFrame({ kind: "bundle", message: offered }),
      encodeFrame({ kind: "accept", message: makeAccept(crypto, pairing, offered, accept) }),
      encodeFrame({
        kind: "ask",
        message: askMessage.encode({ id: nonce.slice(16), challenge: nonce.slice(16), wants: true, mac: nonce }),
      }),
      encodeFrame({
        kind: "tell",
        message: tellMessage.encode({
          id: nonce.slice(16),
          nonce: nonce.slice(8),
          sealed: new Uint8Array(528).fill(nonce[0]!),
        }),
      }),
    )
  })

group("what a frame consists of", () => {
  it("is told to the last byte, for any frame", () => {
    const frames = fc.oneof(wire.frame.map(encodeFrame), wire.longFrame.map(encodeFrame), genuine)
    fc.assert(
      fc.property(frames, (bytes) => {
        for (const { name, note } of flat(tiles(bytes))) {
          assert.isNotEmpty(name)
          assert.isNotEmpty(note, name)
        }
      }),
      { numRuns: 150 },
    )
  })

  it("is told of whatever bytes there are", () => {
    const damaged = fc
      .tuple(fc.oneof(wire.frame.map(encodeFrame), genuine), fc.nat(), fc.nat({ max: 255 }), fc.boolean())
      .map(([bytes, at, to, cut]) =>
        cut ? bytes.slice(0, at % (bytes.length + 1)) : bytes.with(at % bytes.length, to),
      )
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => void tiles(bytes)),
      { numRuns: 300 },
    )
  })

  it("names rules that there are, on fields that there are", async () => {
    const known = await invariantIds()
    const paths = new Set<string>()
    const visit = (form: (typeof FORMS)[string], path: string): void => {
      paths.add(path)
      if (form?.is === "struct") for (const field of form.fields) visit(field.form, `${path}.${field.name}`)
      if (form?.is === "union") for (const arm of form.arms) visit(arm.form, `${path}.${arm.name}`)
      if (form?.is === "list") visit(form.of, path)
    }
    for (const [name, form] of Object.entries(FORMS)) visit(form, name)
    for (const [path, ids] of Object.entries(RULED)) {
      assert.isTrue(paths.has(path), path)
      assert.includeMembers([...known], [...ids], path)
    }
    for (const ids of Object.values(LAYER_RULES)) assert.includeMembers([...known], [...ids])
  })

  it("goes into every message that a frame can hold", () => {
    const inner = new Map<string, Set<string>>()
    fc.assert(
      fc.property(genuine, (bytes) => {
        const all = flat(describe(bytes))
        const kind = all.find(({ name }) => name === "kind")?.value ?? ""
        for (const { name } of all) inner.set(kind, (inner.get(kind) ?? new Set()).add(name))
      }),
      { numRuns: 60, seed: 1 },
    )
    const expected = {
      "hello (1)": "inviteId",
      "bundle (2)": "signedPreKey",
      "accept (3)": "to the one-time key",
      "ask (9)": "challenge",
      "tell (10)": "sealed",
    }
    for (const [kind, name] of Object.entries(expected)) assert.include([...(inner.get(kind) ?? [])], name, kind)
  })

  it("has a note on every field of every format", () => {
    const missing: Array<string> = []
    const visit = (form: (typeof FORMS)[string], path: string): void => {
      if (noteOn(path) === "") missing.push(path)
      if (form?.is === "struct") for (const field of form.fields) visit(field.form, `${path}.${field.name}`)
      if (form?.is === "union") for (const arm of form.arms) visit(arm.form, `${path}.${arm.name}`)
      if (form?.is === "list") visit(form.of, path)
    }
    for (const [name, form] of Object.entries(FORMS)) {
      assert.isDefined(form, name)
      visit(form, name)
    }
    assert.deepStrictEqual(missing, [])
  })

  it("is not told where spans leave a gap, overlap or go beyond", () => {
    const span = (at: number, length: number, parts?: ReadonlyArray<Span>): Span => ({
      ...{ at, length, name: "x", note: "x" },
      ...(parts !== undefined && { parts }),
    })
    const faulty = [
      [span(0, 3)],
      [span(0, 2), span(3, 1)],
      [span(0, 3), span(2, 2)],
      [span(0, 5)],
      [span(0, 4, [span(0, 3)])],
    ]
    for (const spans of faulty) assert.isNotEmpty(tilingProblems(spans, 4))
    assert.isEmpty(tilingProblems([span(0, 1), span(1, 3, [span(1, 2), span(3, 1)])], 4))
  })
})

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
