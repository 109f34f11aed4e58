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

export interface EngineBundle {
  /** What is loaded with the engine. */
  readonly engine: ReadonlyArray<string>
  /** What it loads when asked for it: restoring a backup, workers. */
  readonly onDemand: ReadonlyArray<string>
}

/** The code of every chunk. Throws for anything that is not code. */
export const engineBundle = async (): Promise<EngineBundle> => {
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
  const code = new Map(
    output.map((part) => {
      if (part.type === "chunk") return [part.fileName, part.code]
      // A worker is code as well, though the bundler carries it as an asset.
      if (part.fileName.endsWith(".js")) return [part.fileName, part.source.toString()]
      throw new Error(`${part.fileName} is not code`)
    }),
  )
  const loaded = new Set<string>()
  const load = (name: string): void => {
    if (loaded.has(name)) return
    loaded.add(name)
    for (const part of output) if (part.type === "chunk" && part.fileName === name) part.imports.forEach(load)
  }
  load(output[0].fileName)
  const those = (isLoaded: boolean) =>
    [...code].filter(([name]) => loaded.has(name) === isLoaded).map(([, text]) => text)
  return { engine: those(true), onDemand: those(false) }
}

if (process.argv[1] === import.meta.filename) {
  const folder = `${root}artifacts/size`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { engine, onDemand } = await engineBundle()
  for (const [i, text] of engine.entries()) writeFileSync(`${folder}/engine-${i}.js`, text)
  for (const [i, text] of onDemand.entries()) writeFileSync(`${folder}/on-demand-${i}.js`, text)
}
