/** The built site, file by file: every link leads somewhere, nothing is asked of anybody else, every page carries a policy. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import { BASE } from "../site/markdown.ts"
import { policyOf } from "../site/policy.ts"

const built = new URL("../../dist/docs/", import.meta.url)
const names = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"))
const pages = names.map((name) => ({ name, html: readFileSync(new URL(name, built), "utf8") }))

const attributes = (html: string, name: string): ReadonlyArray<string> =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value]) => value!.replaceAll("&#38;", "&"))

describe("the documentation site", () => {
  it("has its pages", () => {
    assert.isAbove(pages.length, 15)
    for (const slug of ["index.html", "reference/protocol/index.html", "machines/session/index.html"])
      assert.include(names, slug)
  })

  it("leads somewhere with every link", () => {
    const problems: Array<string> = []
    for (const { html, name } of pages) {
      for (const target of [...attributes(html, "href"), ...attributes(html, "src")]) {
        const at = new URL(target, `https://site.invalid${BASE}/${name.replace(/index\.html$/, "")}`)
        if (at.hostname !== "site.invalid") continue
        if (!at.pathname.startsWith(`${BASE}/`)) {
          problems.push(`${name}: ${target} is outside the site`)
          continue
        }
        const path = decodeURIComponent(at.pathname.slice(BASE.length + 1))
        const file = path === "" || path.endsWith("/") ? `${path}index.html` : path
        if (!existsSync(new URL(file, built))) problems.push(`${name}: ${target}`)
        else if (at.hash.length > 1 && !at.hash.includes("=")) {
          const ids = attributes(readFileSync(new URL(file, built), "utf8"), "id")
          if (!ids.includes(decodeURIComponent(at.hash.slice(1)))) problems.push(`${name}: ${target} has no such place`)
        }
      }
    }
    assert.deepStrictEqual(problems, [])
  })

  it("loads nothing from elsewhere", () => {
    for (const { html, name } of pages) {
      const loaded = [
        ...html.matchAll(
          /<(?:script|img|source|iframe)\b[^>]*\ssrc="([^"]*)"|<link\b(?![^>]*rel="canonical")[^>]*\shref="([^"]*)"/g,
        ),
      ]
      for (const [, src, href] of loaded) assert.notMatch(src ?? href ?? "", /^(https?:)?\/\//, name)
    }
    for (const name of readdirSync(built, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".css")) continue
      const css = readFileSync(new URL(name, built), "utf8")
      assert.notMatch(css, /url\(["']?(https?:)?\/\/|@import/, name)
    }
  })

  it("carries a policy that knows each page's own scripts", () => {
    for (const { html, name } of pages) {
      const [whole = "", policy = ""] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html) ?? []
      assert.strictEqual(policy, policyOf(html.replace(whole, "")), name)
      assert.notMatch(policy, /script-src[^;]*unsafe-inline|https?:/, name)
    }
  })

  it("keeps the stepper small: all but the engine, which it loads by itself", () => {
    const scripts = readdirSync(new URL("assets/", built)).filter((name) => /^Stepper.*\.js$/.test(name))
    assert.lengthOf(scripts, 1)
    const size = gzipSync(readFileSync(new URL(`assets/${scripts[0]}`, built))).length
    assert.isAtMost(size, 60 * 1_024)
  })
})
