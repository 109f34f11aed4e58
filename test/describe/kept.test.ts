/** Everything that a real vault has on its disk is opened and explained to the field; and whatever else may lie there has an answer. */
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { AGAIN, outcome, pairingSecret, RECORD, resume } from "../../src/core/contact/records.ts"
import { AT_REST_FORMS, formOfRecord } from "../../src/spec/describe/at-rest-forms.ts"
import {
  type AtRest,
  describeAttempts,
  describeCatalogue,
  describeHeader,
  describeRecord,
  describeSealed,
} from "../../src/spec/describe/describe.ts"
import { type Opener, type Span, tilingProblems } from "../../src/spec/describe/span.ts"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { play } from "../../src/spec/scenarios/play.ts"
import { type OpenedSlot, openedVault, runAtRest } from "../docs/at-rest-run.ts"
import { flat } from "./tiles.ts"

const vault = openedVault(await runAtRest())
const slots = vault.hosts.flatMap((host) => host.slots)
const withKey =
  (plain: Uint8Array): Opener =>
  () =>
    plain
const whatIs = ({ id, kind }: OpenedSlot): AtRest => (kind === "record" ? { kind, id } : { kind })

/** Nothing is left out, nothing is without a note, and nothing is what it should not be. */
const explained = (spans: ReadonlyArray<Span>, length: number, what: string): ReadonlyArray<Span> => {
  assert.deepStrictEqual(tilingProblems(spans, length), [], what)
  const all = flat(spans)
  for (const { name, note } of all) {
    assert.isNotEmpty(note, `${what}: ${name}`)
    assert.notInclude(["unreadable", "unknown"], name, what)
  }
  return all
}

const tiled = (spans: ReadonlyArray<Span>, length: number) => assert.deepStrictEqual(tilingProblems(spans, length), [])

describe("what a vault leaves on a disk", () => {
  it("is explained to the field, for who has the key", () => {
    const { attempts, catalogue, cataloguePlain, header } = vault
    explained(describeHeader(header), header.length, "header")
    explained(describeAttempts(attempts), attempts.length, "attempts")
    explained(describeCatalogue(catalogue, withKey(cataloguePlain)), catalogue.length, "catalogue")
    const kinds = new Map<string, ReadonlyArray<Span>>()
    for (const slot of slots) {
      const { id, kind, plain, sealed } = slot
      const all = explained(describeSealed(sealed, withKey(plain), whatIs(slot)), sealed.length, `${kind} ${id}`)
      kinds.set(`${kind} ${id}`, all)
    }
    // The whole of what an index is made of, and a message down to its text.
    assert.includeMembers([...new Set(slots.map(({ kind }) => kind))], ["manifest", "page", "record"])
    const said = kinds
      .get("record rhistory/0000000000")!
      .find(({ name, value }) => name === "text" && value !== undefined)
    assert.strictEqual(said?.value, '"Hello, Bob"')
    const session = kinds.get("record isession/main")!
    assert.includeMembers(
      session.map(({ name }) => name),
      ["context", "timers"],
    )
  })

  it("stays closed for who has not", () => {
    for (const slot of slots) {
      const all = explained(
        describeSealed(slot.sealed, () => undefined, whatIs(slot)),
        slot.sealed.length,
        slot.id,
      )
      assert.deepStrictEqual(
        all.map(({ name }) => name),
        ["nonce", "ciphertext", "tag"],
      )
    }
  })

  it("has an answer where it was damaged, opened or not", () => {
    const anySlot = fc.constantFrom(...slots)
    fc.assert(
      fc.property(anySlot, anySlot, fc.nat(), fc.nat({ max: 255 }), fc.boolean(), (slot, other, at, to, cut) => {
        const { plain, sealed } = slot
        const damaged = cut ? plain.slice(0, at % (plain.length + 1)) : plain.with(at % plain.length, to)
        tiled(describeSealed(sealed, withKey(damaged), whatIs(slot)), sealed.length)
        // As something that it is not.
        tiled(describeSealed(sealed, withKey(plain), whatIs(other)), sealed.length)
        tiled(describeSealed(sealed, withKey(damaged)), sealed.length)
        const inner = damaged.subarray(0, damaged.lastIndexOf(0x80))
        tiled(describeRecord(whatIs(other).kind === "record" ? other.id : "i", inner), inner.length)
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 300 }), (at, to, junk) => {
        const { catalogue, cataloguePlain, header } = vault
        tiled(describeCatalogue(junk), junk.length)
        tiled(describeAttempts(junk), junk.length)
        tiled(describeHeader(header.with(at % header.length, to)), header.length)
        tiled(
          describeCatalogue(catalogue, withKey(cataloguePlain.with(at % cataloguePlain.length, to))),
          catalogue.length,
        )
      }),
      { numRuns: 60 },
    )
  })

  it("has an answer for any bytes under any name, and for any JSON", () => {
    const names = [...new Set(slots.map(({ id }) => id))]
    const json = fc.json().map((text) => new TextEncoder().encode(JSON.stringify(JSON.parse(text))))
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(fc.uint8Array({ maxLength: 200 }), json), (id, bytes) =>
        tiled(describeRecord(id, bytes), bytes.length),
      ),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(json, (bytes) => {
        const all = flat(describeRecord("isession/main", bytes))
        assert.notInclude(
          all.map(({ name }) => name),
          "unreadable",
        )
      }),
      { numRuns: 100 },
    )
  })

  it("is explained also while keys are agreed anew, while an invite waits, and when messages disappear", async () => {
    const seen = new Map<string, Uint8Array>()
    const forms = new Set<string>()
    for (const id of ["pairing", "healing", "disappearing"]) {
      const scenario = scenarios.find((one) => one.id === id)!
      const played = await play(scenario, undefined, ({ peers, records }) => {
        for (const [peer, other] of peers.flatMap((one) => peers.map((two) => [one, two] as const)))
          for (const [record, bytes] of records(peer, other) ?? []) {
            const name = `${id} ${peer} ${record}`
            if (seen.get(name) === bytes || bytes.length === 0) continue
            seen.set(name, bytes)
            forms.add(formOfRecord(record) ?? "")
            explained(describeRecord(`r${record}`, bytes), bytes.length, name)
          }
      })
      played.simulation.close()
    }
    // What is in no contact's record, or inside of one that is there.
    const elsewhere = ["Header", "Attempts", "Catalogue", "Manifest", "Page", "Profile", "PreKeySecrets", "MlsPrivate"]
    // Gone again before the moment at which this run was looked at.
    const [named, where] = [new Uint8Array(16).fill(1), { written: 3, ahead: 4, repeats: 1 }]
    for (const [record, bytes] of [
      [RECORD.outcome(1), outcome.encode("expired")],
      [AGAIN.secret, pairingSecret.encode({ id: named, secret: new Uint8Array(32) })],
      [AGAIN.resume, resume.encode({ reason: "cloned", life: named, ...where })],
    ] as const) {
      forms.add(formOfRecord(record) ?? "")
      explained(describeRecord(`r${record}`, bytes), bytes.length, record)
    }
    const missing = Object.keys(AT_REST_FORMS).filter((form) => !forms.has(form) && !elsewhere.includes(form))
    assert.deepStrictEqual(missing, [])
  })
})
