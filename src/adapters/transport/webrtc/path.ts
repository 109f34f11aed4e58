/** Which way a connection's packets take, from its statistics. W3C webrtc-stats. */
import * as Effect from "effect/Effect"
import type { Path } from "../../../core/transport.ts"
import type { PeerConnection } from "./ice.ts"

interface Entry {
  readonly id: string
  readonly type: string
  readonly [name: string]: unknown
}

/**
 * `roundTripKnown`: browsers count the round trip in seconds, as they should; other implementations disagree, so that
 * theirs is left out.
 */
export const pathOf = (pc: PeerConnection, roundTripKnown: boolean): Effect.Effect<Path> =>
  Effect.tryPromise(() => pc.getStats()).pipe(
    Effect.map((stats) => {
      const entries = new Map<string, Entry>()
      stats.forEach((entry: Entry) => {
        entries.set(entry.id, entry)
      })
      return describe(entries, roundTripKnown)
    }),
    Effect.orElseSucceed((): Path => ({ kind: "unknown" })),
  )

const describe = (entries: ReadonlyMap<string, Entry>, roundTripKnown: boolean): Path => {
  const pair = selectedPair(entries)
  const types = [pair?.["localCandidateId"], pair?.["remoteCandidateId"]].map(
    (id) => entries.get(String(id))?.["candidateType"],
  )
  if (pair === undefined || types.some((type) => typeof type !== "string")) return { kind: "unknown" }
  const kind = types.some((type) => String(type).startsWith("relay")) ? "relayed" : "direct"
  const seconds = pair["currentRoundTripTime"]
  return roundTripKnown && typeof seconds === "number" ? { kind, roundTrip: seconds * 1_000 } : { kind }
}

const selectedPair = (entries: ReadonlyMap<string, Entry>): Entry | undefined => {
  const all = [...entries.values()]
  const transport = all.find(({ type }) => type === "transport")
  const selected = entries.get(String(transport?.["selectedCandidatePairId"]))
  // Firefox has no transport entry, and marks the pair itself.
  return selected ?? all.find((entry) => entry.type === "candidate-pair" && entry["selected"] === true)
}
