/** The built site, file by file: every link leads somewhere, nothing is asked of anybody else, every page carries a policy. */
import { readdirSync, readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import { slugOf, subpaths } from "../site/api-paths.ts"
import { BASE } from "../site/markdown.ts"
import { policyOf } from "../site/policy.ts"

const built = new URL("../../dist/docs/", import.meta.url)
const names = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"))
const pages = names.map((name) => ({ name, html: readFileSync(new URL(name, built), "utf8") }))

const attributes = (html: string, name: string): ReadonlyArray<string> =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value]) => value!.replaceAll("&#38;", "&"))

const known = new Set(
  readdirSync(built, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/")),
)
const idsOf = new Map<string, ReadonlySet<string>>()
/** The places within a page that a link may name. */
const placesIn = (file: string): ReadonlySet<string> => {
  const places = idsOf.get(file) ?? new Set(attributes(readFileSync(new URL(file, built), "utf8"), "id"))
  idsOf.set(file, places)
  return places
}

/** Where a page's link does not lead; undefined where it does. */
const problemWith = (name: string, target: string): string | undefined => {
  const at = new URL(target, `https://site.invalid${BASE}/${name.replace(/index\.html$/, "")}`)
  if (at.hostname !== "site.invalid") return undefined
  if (!at.pathname.startsWith(`${BASE}/`)) return `${name}: ${target} is outside the site`
  const path = decodeURIComponent(at.pathname.slice(BASE.length + 1))
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path
  if (!known.has(file)) return `${name}: ${target}`
  if (at.hash.length <= 1 || at.hash.includes("=")) return undefined
  return placesIn(file).has(decodeURIComponent(at.hash.slice(1))) ? undefined : `${name}: ${target} has no such place`
}

describe("the documentation site", () => {
  it("has its pages", () => {
    assert.isAbove(pages.length, 60)
    const some = ["index", "reference/protocol/index", "reference/audit/index", "reference/comparison/index"]
    for (const slug of [...some, "machines/session/index", "guides/layer/index", "guides/fuzzing/index"].map(
      (name) => `${name}.html`,
    ))
      assert.include(names, slug)
  })

  it("leads somewhere with every link", () => {
    const problems = pages.flatMap(({ html, name }) =>
      [...new Set([...attributes(html, "href"), ...attributes(html, "src")])].flatMap(
        (target) => problemWith(name, target) ?? [],
      ),
    )
    assert.deepStrictEqual(problems, [])
  })

  it("notices a link that leads nowhere", () => {
    for (const target of ["../nowhere/", "/docs/reference/protocol/#nothing", "/elsewhere/"])
      assert.isDefined(problemWith("guides/start/index.html", target), target)
    assert.isUndefined(problemWith("guides/start/index.html", "/docs/reference/protocol/#handshake"))
  })

  it("has the reference of every subpath", () => {
    const overview = readFileSync(new URL("api/index.html", built), "utf8")
    for (const { name } of subpaths()) {
      assert.include(names, `${slugOf(name)}/index.html`)
      assert.include(overview, `href="${BASE}/${slugOf(name)}/"`)
      const html = readFileSync(new URL(`${slugOf(name)}/index.html`, built), "utf8")
      const [, first = ""] = /class="sl-markdown-content">\s*<(\w+)/.exec(html) ?? []
      assert.strictEqual(first, "p", `${name} begins with what it is`)
    }
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

  it("keeps the stepper small: all of it but the engine, which it loads by itself", () => {
    const own = /^(Stepper\.astro|bytes-pane|comparison|recorded)[^/]*\.js$/
    const scripts = readdirSync(new URL("assets/", built)).filter((name) => own.test(name))
    assert.lengthOf(scripts, 4)
    const sizes = scripts.map((name) => gzipSync(readFileSync(new URL(`assets/${name}`, built))).length)
    assert.isAtMost(
      sizes.reduce((sum, size) => sum + size, 0),
      60 * 1_024,
    )
  })
})
