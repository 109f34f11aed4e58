/**
 * Where the time of a message goes, out of a profile: `node --cpu-prof --cpu-prof-dir=D …`, then `node test/bench/profile.ts D`.
 * Prints self time by function, and by file, in percent of the time that was not idle.
 */
import { readdirSync, readFileSync } from "node:fs"

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}
interface Profile {
  readonly nodes: ReadonlyArray<ProfileNode>
  readonly samples: ReadonlyArray<number>
  readonly timeDeltas: ReadonlyArray<number>
}

const folder = process.argv[2]!
const newest = readdirSync(folder)
  .filter((name) => name.endsWith(".cpuprofile"))
  .sort()
  .at(-1)!
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(`${folder}/${newest}`, "utf8")) as Profile
const byId = new Map(nodes.map((node) => [node.id, node.callFrame]))
const sums = { function: new Map<string, number>(), file: new Map<string, number>() }
let total = 0
samples.forEach((id, i) => {
  const { functionName, lineNumber, url } = byId.get(id)!
  if (functionName === "(idle)" || functionName === "(program)") return
  const time = timeDeltas[i]!
  total += time
  const file = url.replace(/.*\/(src|node_modules|test)\//, "$1/") || "(native)"
  const name = `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`
  sums.function.set(name, (sums.function.get(name) ?? 0) + time)
  sums.file.set(file, (sums.file.get(file) ?? 0) + time)
})
for (const [what, count] of [
  ["file", 25],
  ["function", 45],
] as const) {
  console.log(`\nself time by ${what}`)
  const sorted = [...sums[what]].sort(([, a], [, b]) => b - a).slice(0, count)
  for (const [name, time] of sorted) console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`)
}
