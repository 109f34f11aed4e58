/** What a list shows of a conversation: its last entry, how messages disappear, and which of ours will not arrive. */
import * as Effect from "effect/Effect"
import { standingTimer } from "../contact/changes.ts"
import { entry, outcome, RECORD, settings } from "../contact/records.ts"
import type { Role } from "../ids.ts"
import type { HostId, RecordId, StoreService, Unavailable } from "../store.ts"
import type { DisappearingTimer } from "./values.ts"

export type Outcomes = Map<number, "failed" | "expired">

export interface Summary {
  /** The last entry as it is kept. */
  readonly last: readonly [RecordId, Uint8Array] | undefined
  readonly timer: DisappearingTimer | undefined
  /** Left out: none. */
  readonly outcomes: Outcomes | undefined
}

export const HISTORY = "history/"
const OUTCOME = "outcome/"

export const readTimer = (store: StoreService, id: HostId, role: Role) =>
  Effect.map(store.read(id, RECORD.timer), (bytes) =>
    standingTimer(settings.decode(bytes ?? new Uint8Array()) ?? {}, role),
  )

export const readLast = (store: StoreService, id: HostId) =>
  Effect.map(store.list(id, { prefix: HISTORY, limit: 1, fromEnd: true }), ([last]) => last)

export const readSummary = Effect.fnUntraced(function* (
  store: StoreService,
  id: HostId,
  role: Role,
): Effect.fn.Return<Summary, Unavailable> {
  const outcomes: Outcomes = new Map()
  for (const [record, bytes] of yield* store.list(id, { prefix: OUTCOME, limit: Number.MAX_SAFE_INTEGER })) {
    const came = outcome.decode(bytes)
    if (came !== undefined) outcomes.set(Number(record.slice(OUTCOME.length)), came)
  }
  return {
    last: yield* readLast(store, id),
    timer: yield* readTimer(store, id, role),
    outcomes: outcomes.size === 0 ? undefined : outcomes,
  }
})

/** When the last entry was written, in milliseconds of its writer's clock. */
export const timeOf = (last: Summary["last"]): number | undefined => last && entry.decode(last[1])?.at
