/** Every claim of the documents is in them, and has tests that are there; every section has a claim, or a reason for none. */
import { assert, describe, it } from "vitest"
import { claimed, problemsOf, sectionsOf } from "./audit.ts"
import type { Claimed } from "./claims/claim.ts"

describe("the in-house audit", () => {
  it.each(claimed)("backs what $document says", (document) => {
    assert.deepStrictEqual(problemsOf(document), [])
  })

  const fair: Claimed = {
    document: "docs/a.md",
    claims: [{ section: "One", says: "nothing is ever lost", tests: [["a/b", "loses nothing"]] }],
    without: { "": "what it is", Two: "a list" },
  }
  const files: Readonly<Record<string, string>> = {
    "docs/a.md": "# A\n\nAbout.\n\n## One\n\nSo nothing\nis ever lost.\n\n## Two\n\n- x\n",
    "test/a/b.test.ts": 'it("loses nothing", () => {})',
  }
  const problems = (change: Partial<Claimed>, more: Readonly<Record<string, string | undefined>> = {}) =>
    problemsOf({ ...fair, ...change }, { read: (path) => ({ ...files, ...more })[path] })
  const [claim] = fair.claims

  it("is content with what is as it says", () => {
    assert.deepStrictEqual(problems({}), [])
    assert.deepStrictEqual([...sectionsOf(files["docs/a.md"]!).keys()], ["", "One", "Two"])
  })

  it.each([
    ["a document that is gone", problems({}, { "docs/a.md": undefined })],
    ["words that it does not say", problems({ claims: [{ ...claim!, says: "nothing is ever late" }] })],
    ["words that are in every text", problems({ claims: [{ ...claim!, says: "is" }] })],
    ["a section that it does not have", problems({ claims: [{ ...claim!, section: "Three" }] })],
    ["a section without a claim", problems({ claims: [] })],
    ["a reason for a section that is gone", problems({ without: { ...fair.without, Three: "a list" } })],
    ["a claim without a test", problems({ claims: [{ ...claim!, tests: [] }] })],
    ["a test that is gone", problems({}, { "test/a/b.test.ts": undefined })],
    ["a title that is gone", problems({}, { "test/a/b.test.ts": 'it("loses little", () => {})' })],
  ])("notices %s", (_, found) => {
    assert.isNotEmpty(found)
  })
})
