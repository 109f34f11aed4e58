/** Files that import each other in a loop, types included: none can be understood, or moved, without the others. */
import { importsOf, type Source } from "./rules.ts"

/** Each loop once, as its files in order. Tarjan's strongly connected components. */
export const circles = (sources: ReadonlyArray<Source>): ReadonlyArray<ReadonlyArray<string>> => {
  const ties = new Map(sources.map((source) => [source.path, importsOf(source).flatMap(({ path }) => path ?? [])]))
  const found: Array<ReadonlyArray<string>> = []
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: Array<string> = []

  const visit = (path: string): void => {
    const place = order.size
    order.set(path, place)
    lowest.set(path, place)
    open.push(path)
    for (const next of ties.get(path) ?? []) {
      if (!ties.has(next)) continue
      if (!order.has(next)) visit(next)
      if (open.includes(next)) lowest.set(path, Math.min(lowest.get(path)!, lowest.get(next)!))
    }
    if (lowest.get(path) !== place) return
    const group = open.splice(open.indexOf(path))
    if (group.length > 1 || ties.get(path)!.includes(path)) found.push(group.sort())
  }

  for (const path of ties.keys()) if (!order.has(path)) visit(path)
  return found
}
