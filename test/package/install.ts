/**
 * What a user gets: packs the package, installs the tarball in an empty project, and runs ten lines there that talk to
 * themselves. npm must have nothing to warn of.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const TEN_LINES = `import { createMessenger } from "sotto"
import { memoryNetwork } from "sotto/transport/memory"
const network = memoryNetwork()
const alice = await createMessenger({ name: "Alice", transports: [network.transport()] })
const bob = await createMessenger({ name: "Bob", transports: [network.transport()] })
const invite = await alice.invite()
const toAlice = await bob.accept(invite.url)
await (await invite.joined()).send("it works")
for await (const message of toAlice.messages()) { console.log(toAlice.name + ": " + message.text); break }
await Promise.all([alice.close(), bob.close()])
`

/** Every subpath loads in Node, without a side effect that needs a browser; what is a worker's own script lives until it is ended. */
const IMPORTS = `import { readFileSync } from "node:fs"
const { exports } = JSON.parse(readFileSync("node_modules/sotto/package.json", "utf8"))
for (const path of Object.keys(exports)) {
  if (path.endsWith(".json") || path.endsWith("worker") || path.startsWith("./spec")) continue
  await import("sotto" + path.slice(1))
}
console.log("all subpaths import")
`

const root = new URL("../..", import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), "sotto-package-"))
/** npm's own complaints about its configuration here, or about the Node of the host, are not about the package. */
const isOurs = (line: string) =>
  /^npm (warn|error)/i.test(line) &&
  !/Unknown (user|env|project) config|EBADENGINE|npm help npmrc|New (major|minor|patch) version/.test(line)

try {
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  })
  const [{ filename, files, size }] = JSON.parse(packed.slice(packed.indexOf("["))) as [
    { filename: string; files: ReadonlyArray<unknown>; size: number },
  ]
  console.log(`packed ${filename}: ${files.length} files, ${Math.round(size / 1024)} KiB`)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }))
  const installed = spawnSync("npm", ["install", "--no-audit", "--no-fund", join(folder, filename)], {
    cwd: folder,
    encoding: "utf8",
  })
  const complaints = `${installed.stdout}\n${installed.stderr}`.split("\n").filter(isOurs)
  if (installed.status !== 0 || complaints.length > 0)
    throw new Error(`npm install complained:\n${complaints.join("\n")}\n${installed.stderr}`)
  for (const [name, source] of [
    ["talk.mjs", TEN_LINES],
    ["imports.mjs", IMPORTS],
  ] as const) {
    writeFileSync(join(folder, name), source)
    const ran = spawnSync(process.execPath, [name], { cwd: folder, encoding: "utf8", timeout: 60_000 })
    process.stdout.write(ran.stdout)
    if (ran.status !== 0 || ran.stderr !== "") throw new Error(`${name} failed:\n${ran.stderr}`)
  }
  console.log("the package installs without a warning, and works")
} finally {
  rmSync(folder, { recursive: true, force: true })
}
