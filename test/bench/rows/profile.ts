/** Where the time of a message goes, by V8's own profiler: self time of every function, summed by whose code it is. */
import { Session } from "node:inspector/promises"
import { carryingOnly } from "../carrying.ts"
import { acquainted, MESSAGE_BYTES, repeat, run, throughCascade } from "../ours.ts"
import { pair, stream, textOf } from "../people.ts"
import { type Result, type Row, spreadOf } from "../result.ts"

/** Whose code it is, by the first that its file's address has in it. */
const OWNERS: ReadonlyArray<readonly [part: string, owner: string]> = [
  ["node:internal/crypto", "Node's crypto module around OpenSSL"],
  ["/xstate/", "XState"],
  ["/effect/", "Effect"],
  ["/ts-mls/", "ts-mls"],
  ["/@noble/", "noble"],
  ["/src/core/layers/", "Sotto: layers"],
  ["/src/core/codec/", "Sotto: codecs"],
  ["/src/core/host/", "Sotto: host"],
  ["/src/core/", "Sotto: the rest of core"],
  ["/src/adapters/", "Sotto: adapters"],
  ["node:", "the rest of Node"],
]
const NATIVE = "native code: OpenSSL, V8's own"
const COLLECTING = "collecting garbage"
const SMALL = "all that is less than 1 %"

const ownerOf = (name: string, url: string): string => {
  if (name === "(garbage collector)") return COLLECTING
  return OWNERS.find(([part]) => url.includes(part))?.[1] ?? NATIVE
}

/** Percent of the time that was not idle, in parts of a run. */
const profiled = async (work: () => Promise<void>, parts: number): Promise<Result> => {
  const session = new Session()
  session.connect()
  await session.post("Profiler.enable")
  const shares = new Map<string, Array<number>>()
  await work()
  for (let part = 0; part < parts; part++) {
    await session.post("Profiler.start")
    await work()
    const { profile } = await session.post("Profiler.stop")
    const nodes = new Map(profile.nodes.map(({ callFrame, id }) => [id, callFrame]))
    const sums = new Map<string, number>()
    let total = 0
    profile.samples?.forEach((id, i) => {
      const { functionName, url } = nodes.get(id)!
      // The profiler's own work is no part of a message's.
      if (functionName === "(idle)" || functionName === "(program)" || url.startsWith("node:inspector")) return
      const time = profile.timeDeltas?.[i] ?? 0
      total += time
      const owner = ownerOf(functionName, url)
      sums.set(owner, (sums.get(owner) ?? 0) + time)
    })
    for (const [owner, time] of sums) {
      const known = shares.get(owner) ?? []
      known.push((100 * time) / total)
      shares.set(owner, known)
    }
  }
  session.disconnect()
  const all = [...shares].map(([name, values]) => ({ name, unit: "%", ...spreadOf(values) }))
  const small = all.filter(({ median }) => median < 1).reduce((sum, { median }) => sum + median, 0)
  const shown = all.filter(({ median }) => median >= 1).sort((a, b) => b.median - a.median)
  return { contenders: [...shown, { name: SMALL, unit: "%", ...spreadOf([small]) }], figures: [] }
}

export const profileCascade: Row = {
  id: "profile-cascade",
  title: "Where the time of a message goes: the four layers",
  how: "1 KiB sealed and opened, both ends, under V8's profiler: self time by whose code it is.",
  run: async () => {
    const message = throughCascade(await run(acquainted()), new Uint8Array(MESSAGE_BYTES))
    return profiled(() => run(repeat(message, 1_500)), 7)
  },
}

export const profileEngine: Row = {
  id: "profile-engine",
  title: "Where the time of a message goes: API to API",
  how: "1 KiB from one engine to another in one process, storages and network in memory, 64 in flight, under V8's profiler: self time by whose code it is.",
  run: async () => {
    const { bob, close, toBob } = await pair()
    const result = await profiled(() => stream(toBob, bob, textOf(MESSAGE_BYTES), 192, 64), 7)
    await close()
    return result
  },
}

export const profileCarrying: Row = {
  id: "profile-carrying",
  title: "Where the time of a message goes: the engine alone",
  how: "The same with layers that only carry what they are given, as in the row of the engine.",
  run: async () => {
    const { bob, close, toBob } = await pair()
    carryingOnly()
    const text = textOf(MESSAGE_BYTES)
    await stream(toBob, bob, text, 1_024, 64)
    const result = await profiled(() => stream(toBob, bob, text, 512, 64), 7)
    await close()
    return result
  },
}
