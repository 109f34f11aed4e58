/**
 * Measures: `npm run bench`, or with `-- --only cascade,pairing` some rows. Each row runs in a process of its own, one after
 * the other. Prints quotients, keeps them in docs/performance/results.json and renders docs/performance.md and its plots from
 * them; rows that were not run keep what they had. The peers are installed beside these files where they are absent.
 */
import { fork, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg, totalmem } from "node:os"
import { performanceDocument } from "./render.ts"
import type { Kept, Result } from "./result.ts"
import { isReached } from "./result.ts"
import { ROWS } from "./rows/index.ts"
import { figureText } from "./words.ts"

const here = import.meta.dirname
const docs = new URL("../../docs/", import.meta.url)
const resultsFile = new URL("performance/results.json", docs)

/** Longer than any row takes on a busy machine. */
const ROW_MS = 300_000

const PEERS = ["@signalapp/libsignal-client", "@wireapp/core-crypto"]
if (!PEERS.every((name) => existsSync(`${here}/node_modules/${name}/package.json`))) {
  console.log("The peers are not installed here yet: installing them (once, some 200 MB).")
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: here, stdio: "inherit" })
  if (status !== 0) {
    console.error("They could not be installed, so nothing was measured. Is the npm registry in reach?")
    process.exit(1)
  }
}

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1]?.split(",") : undefined
const wanted = ROWS.filter(({ id }) => only === undefined || only.some((part) => id.startsWith(part)))
if (wanted.length === 0) {
  console.error(`No row is called so. There are: ${ROWS.map(({ id }) => id).join(", ")}.`)
  process.exit(1)
}

const measure = (id: string): Promise<Result | undefined> =>
  new Promise((resolve) => {
    let result: Result | undefined
    const child = fork(`${here}/row.ts`, [id], { execArgv: ["--expose-gc", "--no-warnings"] })
    const late = setTimeout(() => child.kill("SIGKILL"), ROW_MS)
    child.on("message", (message) => {
      result = message as Result
    })
    child.on("exit", () => {
      clearTimeout(late)
      resolve(result)
    })
  })

const machine = [
  `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? process.arch}`,
  `${Math.round(totalmem() / 2 ** 30)} GiB`,
  `${process.platform}, Node ${process.versions.node}`,
].join(", ")
console.log(`${machine}; load ${loadavg()[0]!.toFixed(1)} at the start\n`)

const kept = new Map<string, Kept>(
  existsSync(resultsFile)
    ? (JSON.parse(readFileSync(resultsFile, "utf8")) as ReadonlyArray<Kept>).map((result) => [result.id, result])
    : [],
)
/** After each row, so that a run that is cut short has not measured in vain. */
const keep = (): void => {
  mkdirSync(new URL("performance/", docs), { recursive: true })
  const all = ROWS.flatMap(({ id }) => kept.get(id) ?? [])
  writeFileSync(resultsFile, `${JSON.stringify(all, undefined, 2)}\n`)
  for (const [path, text] of performanceDocument(all)) writeFileSync(new URL(`../../${path}`, import.meta.url), text)
}

let failed = 0
for (const { how, id, title } of wanted) {
  console.log(`${title}`)
  const start = performance.now()
  const result = await measure(id)
  if (result === undefined) {
    failed += 1
    console.log("  it came to no result\n")
    continue
  }
  for (const { median, name, unit } of result.contenders) console.log(`  ${median.toPrecision(4)} ${unit}  ${name}`)
  for (const figure of result.figures)
    console.log(`  ${figure.goal === undefined ? "·" : isReached(figure) ? "✓" : "✗"} ${figureText(figure)}`)
  for (const note of result.notes ?? []) console.log(`  ${note}`)
  console.log(`  (${((performance.now() - start) / 1_000).toFixed(0)} s)\n`)
  kept.set(id, { id, title, how, ...result, day: new Date().toISOString().slice(0, 10), machine })
  keep()
}

if (failed > 0) process.exitCode = 1
