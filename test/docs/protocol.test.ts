/**
 * docs/protocol.md says what the code does: its formats accept exactly the bytes that the code accepts, at every bound and on damaged
 * input; its labels are the code's; the limits in it are the code's; and every section that the code cites is there.
 * `FUZZ=20` tries twenty times as many damaged inputs.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { RECORD } from "../../src/core/contact/records.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { SUITES } from "../../src/core/handshake/suites.ts"
import { confirmMac, transcriptHash } from "../../src/core/handshake/transcript.ts"
import { associatedData } from "../../src/core/layers/associated.ts"
import { LAYER_NAMES } from "../../src/core/layers/cascade.ts"
import { LAYER_NUMBERS } from "../../src/core/layers/layer.ts"
import { decoders } from "../../src/spec/decoders.ts"
import { arbitraryInput, inputGenerator } from "../fuzz/mutate.ts"
import { boundaries, encodeAs } from "./format-values.ts"
import { decodeAs, type Formats, formatsIn } from "./formats.ts"
import { rootUrl, sourceFiles } from "./repository.ts"

import { subjects } from "./subjects.ts"

const text = readFileSync(new URL("docs/protocol.md", rootUrl), "utf8")
const flat = text.replaceAll(/\s+/g, " ")
const formats: Formats = formatsIn(text)
const FUZZ = Number(process.env["FUZZ"] ?? 1)
const INPUTS = 1_500

describe("the formats of docs/protocol.md", () => {
  for (const { accepts, also = [], format, from = 0, hints = {}, seeds, upTo, values = [] } of subjects) {
    const says = (bytes: Uint8Array): boolean => {
      if (bytes.length < from || bytes.length > upTo) return false
      const value = decodeAs(formats, format, bytes)
      return value !== undefined && also.every(([, holds]) => holds(value))
    }
    const agree = (bytes: Uint8Array, where: string) => {
      if (says(bytes) === accepts(bytes)) return
      const hex = Buffer.from(bytes.subarray(0, 400)).toString("hex")
      assert.fail(`${where}: the document ${says(bytes) ? "accepts" : "refuses"} what the code does not: ${hex}`)
    }
    const known = decoders.find(({ name }) => name === seeds)?.seeds ?? []
    const edges = [...boundaries(formats, format, hints), ...values.map((value) => encodeAs(formats, format, value))]
    const valid = [...known, ...edges.filter(says)]

    it(`${format} up to ${upTo} bytes is what the code reads, bound by bound and damaged`, () => {
      for (const [sentence] of also) assert.include(flat, sentence)
      assert.isAbove(valid.length, 0)
      for (const bytes of known) assert.isTrue(says(bytes), "the document refuses a valid encoding")
      edges.forEach((bytes, i) => {
        agree(bytes, `bound ${i}`)
      })
      for (let i = 0; i < INPUTS * FUZZ; i++) agree(arbitraryInput(inputGenerator(7, i), valid), `input ${i}`)
    })
  }

  it("have no other than these and those that are hashed", () => {
    const hashed = ["Transcript", "Confirmed", "Associated", "SafetyPayload", "AskProof", "TellContext"]
    const inside = ["Address", "Suites", "Timer", "Resume"]
    const tested = new Set([...subjects.map(({ format }) => format), ...hashed, ...inside])
    assert.sameMembers([...formats.keys()], [...tested])
  })

  it("that are hashed come to the code's hashes", () => {
    const crypto = nobleCrypto((length) => new Uint8Array(length))
    const fill = (byte: number) => new Uint8Array(32).fill(byte)
    const suites = SUITES.map((suite) => ({ ...suite }))
    const [hello, bundle, accept] = [Uint8Array.of(1), new Uint8Array(300).fill(2), new Uint8Array(9_000).fill(3)]
    for (const binding of [undefined, fill(9)]) {
      const said = [
        { by: "joiner", message: hello },
        { by: "inviter", message: bundle },
        { by: "joiner", message: accept },
      ]
      const encoded = encodeAs(formats, "Transcript", { profile: "sotto/1", suites, said, binding })
      const ours = transcriptHash(crypto, { hello, bundle, accept, binding })
      assert.deepStrictEqual(crypto.sha256(encoded), ours)
    }
    for (const role of ["inviter", "joiner"] as const) {
      const info = new TextEncoder().encode(`sotto/1 confirm ${role}`)
      const key = crypto.hkdfSha256(fill(1), fill(2), info, 32)
      const encoded = encodeAs(formats, "Confirmed", { role, transcript: fill(2) })
      assert.deepStrictEqual(crypto.hmacSha256(key, encoded), confirmMac(crypto, fill(1), fill(2), role))
    }
    for (const { layer, suite } of SUITES) {
      const name = (Object.keys(LAYER_NUMBERS) as Array<keyof typeof LAYER_NUMBERS>).find(
        (each) => LAYER_NUMBERS[each] === layer,
      )!
      for (const direction of ["inviterToJoiner", "joinerToInviter"] as const) {
        const encoded = encodeAs(formats, "Associated", {
          profile: "sotto/1",
          transcript: fill(4),
          layer,
          suite,
          direction,
        })
        assert.deepStrictEqual(crypto.sha256(encoded), associatedData(crypto, fill(4), name, direction))
      }
    }
  })
})

describe("the words of docs/protocol.md", () => {
  it("name every suite, and every label that separates keys, as the code does", () => {
    for (const { layer, suite } of SUITES) assert.match(text, new RegExp(`\\| ${layer} \\| \`${suite}\` \\|`))
    const labels = new Set<string>()
    for (const { source } of sourceFiles("src")) {
      for (const [, label] of source.matchAll(/\$\{PROFILE\} ([\w ]+)(?=[`$])/g)) labels.add(label!.trim())
    }
    assert.isAbove(labels.size, 5)
    // What never goes over the wire has documents of its own.
    const atRest = ["backup.md", "storage.md"].map((name) => readFileSync(new URL(`docs/${name}`, rootUrl), "utf8"))
    const words = [text, ...atRest].join("\n")
    for (const label of labels) assert.include(words, `"sotto/1 ${label}`)
    // Quoted ones are in the code, but for those that end with a role, a direction or a message's name.
    const made =
      /^(hello|bundle|accept|(confirm|ask|tell) (inviter|joiner)|recovery( id)?|aes (inviterToJoiner|joinerToInviter))$/
    for (const [, label] of text.matchAll(/"sotto\/1 ([\w ]+)"/g)) {
      if (!made.test(label!)) assert.include([...labels], label!)
    }
  })

  it("list every record that a contact keeps", () => {
    const names = Object.values(RECORD).map((record) =>
      typeof record === "string" ? record : (record as (key: number) => string)(7).replace(/\/.*$/, "/N"),
    )
    assert.isAbove(names.length, 15)
    const listed = text.slice(text.indexOf("\n## At rest\n"), text.indexOf("\n## Limits\n"))
    for (const name of [...names, ...LAYER_NAMES.map((layer) => `layer/${layer}`)])
      assert.include(listed, `\`${name}\``)
  })
})
