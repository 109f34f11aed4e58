/** Every byte of a frame is explained, once; whatever the bytes are, there is an answer. */
import * as fc from "fast-check"
import { assert, describe as group, it } from "vitest"
import { encodeFrame } from "../../src/core/frame.ts"
import { makeAccept, makeBundle, makeHello } from "../../src/core/handshake/messages.ts"
import { askMessage, tellMessage } from "../../src/core/handshake/standing.ts"
import * as wire from "../../src/spec/arbitraries/wire.ts"
import { describe, FORMS } from "../../src/spec/describe/describe.ts"
import { noteOn } from "../../src/spec/describe/notes.ts"
import { noteAtRest } from "../../src/spec/describe/notes-at-rest.ts"
import { LAYER_RULES, RULED } from "../../src/spec/describe/rules.ts"
import { type Span, tilingProblems } from "../../src/spec/describe/span.ts"
import { invariantIds } from "../docs/invariants.ts"
import { crypto, flat, tiles } from "./tiles.ts"

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
        message: askMessage.encode({
          id: nonce.slice(16),
          challenge: nonce.slice(16),
          wants: true,
          newest: nonce.slice(16),
          lives: [nonce.slice(16)],
          mac: nonce,
        }),
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
      if (noteOn(path) === "" && noteAtRest(path) === "") missing.push(path)
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
