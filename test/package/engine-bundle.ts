/**
 * What an application ships of the SDK: the engine with all layers, the PeerJS transport and the IndexedDB storage, as one
 * minified bundle. `npm run size` measures it against the limits in .size-limit.json; wasm would be a failure.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build, type Rolldown } from "vite"

const root = fileURLToPath(new URL("../../", import.meta.url))

const ENTRY = ["index", "adapters/transport/peerjs", "adapters/storage/indexeddb"]
  .map((name) => `export * from "${root}src/${name}.ts"`)
  .join("\n")

/** The code of every chunk. Throws for anything that is not code. */
export const engineBundle = async (): Promise<ReadonlyArray<string>> => {
  const result = await build({
    configFile: false,
    logLevel: "error",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "virtual:engine" ? "\0engine" : undefined),
        load: (id) => (id === "\0engine" ? ENTRY : undefined),
      },
    ],
    build: {
      write: false,
      target: "esnext",
      rolldownOptions: { input: "virtual:engine", preserveEntrySignatures: "strict", platform: "browser" },
    },
  })
  const { output } = result as Rolldown.RolldownOutput
  return output.map((part) => {
    if (part.type === "chunk") return part.code
    // A worker is code as well, though the bundler carries it as an asset.
    if (part.fileName.endsWith(".js")) return part.source.toString()
    throw new Error(`${part.fileName} is not code`)
  })
}

if (process.argv[1] === import.meta.filename) {
  const folder = `${root}artifacts/size`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [i, code] of (await engineBundle()).entries()) writeFileSync(`${folder}/engine-${i}.js`, code)
}
