/** The readable export: what contacts write is text in it, whatever they write. */
import { assert, describe, it } from "vitest"
import type { Messenger } from "../../src/index.ts"
import { pair, person } from "./people.ts"
import { inWorld } from "./world.ts"

const ATTACKS = [
  "<script>alert(1)</script>",
  "</p></li></ol><img src=x onerror=alert(1)>",
  '" onmouseover="alert(1)" \' x',
  "&lt;b&gt; &amp;amp; &#x3c;script&#x3e;",
  "<!-- --><svg/onload=alert(1)><a href='javascript:alert(1)'>x</a>",
  "]}\u2028</script>\u0000\u001b[31m",
  "\u202eevil\u202c <bdo dir=rtl>",
] as const

const textOf = async (me: Messenger, format: "html" | "json"): Promise<string> => {
  let text = ""
  for await (const portion of await me.export({ format })) text += portion
  return text
}

describe("a readable export", () => {
  it("has everything that was said, and runs nothing of it", () =>
    inWorld(async (world) => {
      const mallory = await person(world, { name: "<img src=x onerror=alert(2)>" })
      const { alice, toAlice } = await pair(world, await person(world, { name: "Alice & Co" }), mallory)
      for (const text of ATTACKS) await world.hear((await world.hear(toAlice.send(text))).until("delivered"))

      const html = await world.hear(textOf(alice.me, "html"))
      const tags = new Set([...html.matchAll(/<\/?([a-zA-Z!][a-z0-9]*)/g)].map(([, name]) => name!.toLowerCase()))
      const ours = "!doctype html head meta title style body h1 bdi p section h2 ol li small time".split(" ")
      assert.deepEqual(
        [...tags].filter((tag) => !ours.includes(tag)),
        [],
      )
      assert.notMatch(html, /<[^>]*\son\w+\s*=/i)
      assert.include(html, "default-src 'none'")
      assert.include(html, "Alice &amp; Co")
      assert.include(html, "&lt;script&gt;alert(1)&lt;/script&gt;")
      assert.include(html, "&amp;lt;b&amp;gt;")
      assert.notInclude(html, "\u0000")
      assert.equal(html.match(/<li>/g)!.length, ATTACKS.length)

      const said = JSON.parse(await world.hear(textOf(alice.me, "json")))
      assert.deepEqual(
        said.contacts[0].messages.map(({ text }: { readonly text: string }) => text),
        ATTACKS,
      )
      assert.include(said.what, "Not encrypted")
      assert.equal(said.contacts[0].name, "<img src=x onerror=alert(2)>")
    }))
})
