/** The illustrated session: every byte of every frame is on the page, and what a reader is told to compute comes out so. */
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "vitest"
import { describe as explain } from "../../src/spec/describe/describe.ts"
import { atRestFacts, atRestPage, shownAtRest } from "../site/at-rest-page.ts"
import { bytesHtml } from "../site/bytes.ts"
import type { Page } from "../site/markdown.ts"
import { framesOf, sessionFacts, sessionPage } from "../site/session-page.ts"

/** The frame's own bytes as the page has them: without what its ciphertexts open to, and long values as a whole. */
const bytesOn = (html: string): string => {
  let own = html.replace(/<summary>.*?<\/summary>/g, "")
  for (let before = ""; before !== own; ) {
    before = own
    own = own.replace(/<div class="opens(?:(?!<div )[\s\S])*?<\/div>/, "")
  }
  return [...own.matchAll(/<code[^>]*>([0-9a-f ]*)<\/code>/g)].map(([, hex]) => hex!.replaceAll(" ", "")).join("")
}

/** What the code of a page prints, and what the page says that it does. */
const printedBy = ({ text }: Page) => {
  const [, code = ""] = /```js\n([\s\S]*?)```/.exec(text) ?? []
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" })
  return { stdout, said: /```js[\s\S]*?```text\n([\s\S]*?)```/.exec(text)?.[1] }
}

const [facts, page] = await Promise.all([sessionFacts(), sessionPage()])

describe("the illustrated session", () => {
  it("has every byte of every frame, in order", () => {
    for (const [name, { bytes, open }] of Object.entries(framesOf(facts))) {
      const html = bytesHtml(name, explain(bytes, open), bytes)
      assert.strictEqual(bytesOn(html), Buffer.from(bytes).toString("hex"), name)
    }
  })

  it("prints what it says when its code is run", () => {
    const { said, stdout } = printedBy(page)
    assert.strictEqual(stdout, said)
  })

  it("shows the message, opened through all four layers", () => {
    const { text } = page
    for (const layer of ["aes", "kem", "signal", "mls"]) assert.include(text, `class="opens layer-${layer}"`)
    assert.include(text, '<span class="value">&#34;Hello, Bob&#34;</span>')
  })
})

describe("the page of bytes at rest", () => {
  it("has every byte of what it shows, in order, and all of it opened", async () => {
    for (const [name, { bytes, spans }] of Object.entries(shownAtRest(await atRestFacts()))) {
      const html = bytesHtml(name, spans, bytes)
      assert.strictEqual(bytesOn(html), Buffer.from(bytes).toString("hex"), name)
      assert.notInclude(html, "unreadable", name)
    }
  })

  it("prints what it says when its code is run", async () => {
    const { said, stdout } = printedBy(await atRestPage())
    assert.strictEqual(stdout, said)
  })
})
