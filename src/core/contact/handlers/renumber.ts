/**
 * New numbers for what the peer may not have, under the ids that it has: after one of the two was put back to an earlier state,
 * numbers say nothing about what the other received. Docs: protocol.md, "Healing".
 */
import * as Effect from "effect/Effect"
import { content, isNumbered } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import type { At } from "../../host/handlers.ts"
import type { RecordId } from "../../store.ts"
import { entry, outgoing, RECORD } from "../records.ts"

interface Renumbered {
  readonly write: ReadonlyArray<readonly [RecordId, Uint8Array]>
  readonly erase: ReadonlyArray<RecordId>
  readonly count: number
  /** What they count for in the queue. */
  readonly bytes: number
}

/** Gives our unacknowledged contents the numbers from `base`, in their order. */
export const renumbered = Effect.fnUntraced(function* (at: At, base: number): Effect.fn.Return<Renumbered> {
  const write: Array<readonly [RecordId, Uint8Array]> = []
  const erase: Array<RecordId> = []
  let count = 0
  let bytes = 0
  for (const [record, kept] of yield* at.list({ prefix: "outgoing/", limit: Number.MAX_SAFE_INTEGER })) {
    erase.push(record)
    const waiting = outgoing.decode(kept)
    const what = waiting && content.decode(waiting.content)
    if (waiting === undefined || what === undefined || !isNumbered(what)) continue
    const number = base + count
    count += 1
    bytes += waiting.weight ?? 0
    // A commit of keys that are gone is none. Its number stays, as that of what was taken back does: the peer was told how many
    // come again, and may have what stood there.
    const said = what.kind === "rekey" ? ({ kind: "void", id: what.id, number } as const) : { ...what, number }
    write.push([RECORD.outgoing(number), outgoing.encode({ ...waiting, content: content.encode(said) })])
    if (what.kind !== "text" || waiting.index === undefined) continue
    const place = RECORD.history(waiting.index)
    const shown = entry.decode((yield* at.read(place)) ?? new Uint8Array())
    if (shown !== undefined && equal(shown.id, what.id)) write.push([place, entry.encode({ ...shown, number })])
  }
  return { write, erase, count, bytes }
})
