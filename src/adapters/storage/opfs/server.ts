/**
 * Answers calls over a log, in their order. Batches that came together share one flush: each is answered when it is on the disk,
 * and no read sees one that is not. Docs: docs/storage.md, "The log".
 */
import { boundsOf } from "../../../core/host/listing.ts"
import { Conflict, Elsewhere, type HostId, type Range, type Saved, Unavailable } from "../../../core/store.ts"
import { placeOf } from "./hosts.ts"
import type { Log } from "./log.ts"
import type { Answers, Call, Failure, Reply, Request } from "./messages.ts"

type StoreCall = Exclude<Call, { readonly do: "open" | "close" }>

export interface Server {
  /** Takes all that has come so far. */
  readonly take: (requests: ReadonlyArray<Request & { readonly call: StoreCall }>) => void
}

export const serve = (log: Log, reply: (reply: Reply) => void): Server => {
  /** Written and not flushed yet. */
  let written: Array<number> = []
  const settle = () => {
    const ids = written
    written = []
    if (ids.length === 0) return
    const failure = failureIn(log.flush)
    for (const id of ids) reply(failure === undefined ? { id, value: undefined } : { id, failure })
  }
  return {
    take: (requests) => {
      for (const { call, id } of requests) {
        if (call.do === "commit" || call.do === "erase") {
          const failure = failureIn(() => (call.do === "commit" ? log.write(call.batch) : log.erase(call.host)))
          if (failure === undefined) written.push(id)
          else reply({ id, failure })
          continue
        }
        settle()
        let value: Answers[keyof Answers]
        const failure = failureIn(() => {
          value = answer(log, call)
        })
        reply(failure === undefined ? { id, value } : { id, failure })
      }
      settle()
      log.tidy()
    },
  }
}

const answer = (log: Log, call: Exclude<StoreCall, { readonly do: "commit" | "erase" }>): Answers[keyof Answers] => {
  if (call.do === "hosts") return [...log.hosts.keys()].sort()
  if (call.do === "load") return saved(log, call.host)
  if (call.do === "list") return listed(log, call.host, call.range)
  if (call.do === "scrub") return log.scrub() as undefined
  const place = log.hosts.get(call.host)?.records.get(call.record)
  return place && log.read(place)
}

const saved = (log: Log, id: HostId): Saved => {
  const host = log.hosts.get(id)
  return {
    version: host?.version ?? 0,
    rows: structuredClone(host?.rows ?? new Map()),
    outward: structuredClone([...(host?.outward.values() ?? [])]),
  }
}

const listed = (log: Log, id: HostId, range: Range): Answers["list"] => {
  const host = log.hosts.get(id)
  if (host === undefined || range.limit <= 0) return []
  const { lower, open, upper } = boundsOf(range)
  const first = placeOf(host.ids, lower)
  const from = open && host.ids[first] === lower ? first + 1 : first
  const to = Math.max(from, upper === undefined ? host.ids.length : placeOf(host.ids, upper))
  const chosen =
    range.fromEnd === true
      ? host.ids.slice(Math.max(from, to - range.limit), to)
      : host.ids.slice(from, Math.min(to, from + range.limit))
  return chosen.map((record) => [record, log.read(host.records.get(record)!)])
}

/** What a call failed with, as a message may carry it. */
export const failureIn = (work: () => void): Failure | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return failureOf(error)
  }
}

export const failureOf = (error: unknown): Failure => {
  if (error instanceof Conflict) return { tag: "Conflict", expected: error.expected, found: error.found }
  if (error instanceof Elsewhere) return { tag: "Elsewhere" }
  if (error instanceof Unavailable) return { tag: "Unavailable", reason: error.reason, why: String(error.cause ?? "") }
  return { tag: "Unavailable", reason: "broken", why: String(error) }
}
