/**
 * Who may import whom, over the real tree; and each rule seen to notice a fault. Docs: architecture.md, "Who may import
 * whom".
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { circles } from "./circles.ts"
import {
  defaultExports,
  dependencyFaults,
  forbiddenGlobals,
  forbiddenImports,
  importsOf,
  installScripts,
  type Lock,
  type Package,
  type Source,
  tooLong,
} from "./rules.ts"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))

const read = (path: string) => readFileSync(join(ROOT, path), "utf8")
const sources: ReadonlyArray<Source> = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => `src/${path.replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith(".ts") && !path.includes("/."))
  .map((path) => ({ path, text: read(path) }))

const manifest = JSON.parse(read("package.json")) as Package & { readonly exports: Record<string, { types?: string }> }
const lock = JSON.parse(read("package-lock.json")) as Lock

/** Files over 300 lines, and why they stay whole. */
const LONG: Readonly<Record<string, string>> = {
  "src/spec/games/cascade-run.ts": "one game: its moves read the same state",
  "src/spec/games/ratchet-run.ts": "one game: its moves read the same state",
}

const at = (path: string, text: string): Source => ({ path, text })

describe("who may import whom", () => {
  it("holds over the tree", () => {
    assert.isAbove(sources.length, 150)
    assert.deepStrictEqual(sources.flatMap(forbiddenImports), [])
  })

  it("sees all forms of an import", () => {
    const all = `import "a"; import b from "b"; import * as c from "c"; import type { D } from "d"
      import { type E } from "e"; export * from "f"; export type { G } from "g"; const h = await import("h")
      type I = import("i").I; export { j } from "./j.ts"`
    assert.deepStrictEqual(
      importsOf(at("src/x/y.ts", all)).map(({ from, path, typeOnly }) => `${from} ${path} ${typeOnly}`),
      [
        "a undefined false",
        "b undefined false",
        "c undefined false",
        "d undefined true",
        "e undefined true",
        "f undefined false",
        "g undefined true",
        "h undefined false",
        "i undefined true",
        "./j.ts src/x/j.ts false",
      ],
    )
  })

  for (const [path, from, why] of [
    ["src/machines/link.ts", "effect/Effect", "a machine that runs effects"],
    ["src/machines/link.ts", "../adapters/storage/memory.ts", "a machine that knows an adapter"],
    ["src/machines/link.ts", "../core/frame.ts", "a machine that runs core code"],
    ["src/machines/link.ts", "node:fs", "a machine that reads files"],
    ["src/machines/link.ts", "../spec/index.ts", "a machine that knows its tests"],
    ["src/core/engine.ts", "../adapters/storage/memory.ts", "core that knows an adapter"],
    ["src/core/engine.ts", "node:crypto", "core that needs Node"],
    ["src/core/engine.ts", "../index.ts", "core that knows the face"],
    ["src/core/engine.ts", "../spec/invariants/ratchet.ts", "core that knows its tests"],
    ["src/core/engine.ts", "idb", "core that needs a browser's database"],
    ["src/core/engine.ts", "effect", "the root of Effect"],
    ["src/core/engine.ts", "effect/Schema", "Schema in core"],
    ["src/cli/main.ts", "effect", "the root of Effect in the command"],
    ["src/cli/main.ts", "../../test/engine/world.ts", "a source that needs a test"],
    ["src/adapters/storage/memory.ts", "../../core/contact/records.ts", "an adapter that knows the protocol"],
    ["src/adapters/storage/memory.ts", "../../machines/link.ts", "an adapter that knows a machine"],
    ["src/adapters/storage/memory.ts", "./sqlite.ts", "an adapter that uses another"],
    ["src/adapters/transport/faulty.ts", "./peerjs/message.ts", "an adapter that uses another's insides"],
    ["src/adapters/transport/webrtc/link.ts", "../peerjs/message.ts", "a shared room that knows one of its users"],
    ["src/spec/games/seeded.ts", "vitest", "a property that needs a test runner"],
    ["src/spec/games/seeded.ts", "../../adapters/storage/memory.ts", "a property that knows an adapter"],
    ["src/spec/games/seeded.ts", "node:fs", "a property that needs Node"],
  ] as const) {
    it(`notices ${why}`, () => {
      assert.lengthOf(forbiddenImports(at(path, `import * as x from "${from}"\n`)), 1)
    })
  }

  it("allows a machine types of core", () => {
    assert.lengthOf(forbiddenImports(at("src/machines/link.ts", `import type { Frame } from "../core/frame.ts"\n`)), 0)
  })
})

describe("files that import each other in a loop", () => {
  it("are not in the tree", () => {
    assert.deepStrictEqual(circles(sources), [])
  })

  it("are noticed, types included, each loop once", () => {
    const a = at("src/a.ts", `import { b } from "./b.ts"\n`)
    const b = at("src/b.ts", `import { c } from "./c.ts"\n`)
    assert.deepStrictEqual(
      circles([a, b, at("src/c.ts", `import type { A } from "./a.ts"\n`), at("src/d.ts", `import "./a.ts"\n`)]),
      [["src/a.ts", "src/b.ts", "src/c.ts"]],
    )
    assert.deepStrictEqual(circles([a, b, at("src/c.ts", "")]), [])
  })
})

describe("what core and machines use without importing it", () => {
  it("is ECMAScript, without time and chance", () => {
    assert.deepStrictEqual(forbiddenGlobals(sources), [])
  })

  for (const text of [
    "process.env",
    "window.open()",
    "Buffer.from([])",
    "localStorage.clear()",
    "Date.now()",
    "new Date()",
    "Math.random()",
    "setTimeout(() => {}, 1)",
    "setInterval(() => {}, 1)",
    "globalThis.location",
    "crypto.getRandomValues(new Uint8Array(1))",
    "console.log(1)",
    "performance.now()",
    "fetch('')",
    "new RTCPeerConnection()",
    "require('x')",
    "navigator.onLine",
    "const f = { crypto }",
    "class A extends EventTarget {}",
    "export const g = (x = indexedDB) => x",
  ]) {
    it(`notices ${text}`, () => {
      assert.isNotEmpty(forbiddenGlobals([at("src/core/x.ts", `${text}\n`)]))
      assert.isNotEmpty(forbiddenGlobals([at("src/machines/x.ts", `${text}\n`)]))
    })
  }

  it("lets a name be declared, and any property be called as it likes", () => {
    const text = `import { crypto as c } from "./y.ts"
      import type { Date } from "./z.ts"
      export const f = (crypto: Uint8Array, { process, ...window }: { process: Date }) => {
        const at = { fetch: process, setTimeout() {}, crypto }
        return [at.fetch, c, window, crypto, at]
      }
      export class A<Buffer> { readonly performance: Buffer | undefined; now(localStorage: Date) { return localStorage } }`
    assert.deepStrictEqual(forbiddenGlobals([at("src/core/x.ts", text)]), [])
  })
})

describe("house rules", () => {
  it("has no default exports", () => {
    assert.deepStrictEqual(sources.flatMap(defaultExports), [])
    for (const text of ["export default 1", "export default function f() {}", "const a = 1\nexport { a as default }"]) {
      assert.lengthOf(defaultExports(at("src/x.ts", `${text}\n`)), 1)
    }
  })

  it("has an index only where the package has a face", () => {
    const faces = Object.values(manifest.exports).map(({ types = "" }) =>
      types.replace("./dist/", "src/").replace(".d.ts", ".ts"),
    )
    const indexes = sources.map(({ path }) => path).filter((path) => path.endsWith("/index.ts"))
    assert.deepStrictEqual(
      indexes.filter((path) => !faces.includes(path)),
      [],
    )
  })

  it("has no file in which a second thing hides", () => {
    assert.deepStrictEqual(sources.filter(({ path }) => LONG[path] === undefined).flatMap(tooLong), [])
    assert.lengthOf(tooLong(at("src/x.ts", "\n".repeat(301))), 1)
  })

  it("rests on few packages, of exactly known versions", () => {
    assert.deepStrictEqual(dependencyFaults(manifest), [])
    for (const version of ["^1.0.0", "~1.0.0", "1.x", "latest", ">=1.0.0", "git+https://example.org/x.git"]) {
      assert.lengthOf(dependencyFaults({ dependencies: { x: version } }), 1)
    }
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`p${i}`, "1.0.0"]))
    assert.lengthOf(dependencyFaults({ dependencies: eleven }), 1)
    assert.lengthOf(dependencyFaults({ peerDependencies: eleven }), 1)
  })

  it("runs nothing on the machine of whoever installs it", () => {
    assert.deepStrictEqual(installScripts(manifest, lock), [])
    assert.lengthOf(installScripts({ scripts: { postinstall: "x" } }, { packages: {} }), 1)
    assert.lengthOf(installScripts({}, { packages: { "node_modules/x": { hasInstallScript: true } } }), 1)
    assert.lengthOf(installScripts({}, { packages: { "node_modules/x": { hasInstallScript: true, dev: true } } }), 0)
  })
})
