/** What a peer writes must not drive the terminal that shows it. */
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { plain } from "../../src/cli/terminal.ts"

describe("text for a terminal", () => {
  it("has no control characters but line breaks, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        assert.notMatch(plain(text), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      }),
    )
  })

  it("keeps what people write", () => {
    for (const text of ["hello", "two\nlines", "größer, 日本語, שלום, 👩‍👩‍👧"]) assert.strictEqual(plain(text), text)
  })

  it("disarms an escape sequence", () => {
    assert.strictEqual(plain("\u001b]0;owned\u0007"), "\ufffd]0;owned\ufffd")
  })
})
