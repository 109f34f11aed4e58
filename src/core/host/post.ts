/**
 * A post: what lies in a host's mailbox. An event from outside with its bytes, what a command learnt, the ring of the alarm,
 * or the wish to commit confirmations. Docs: architecture.md, "One pipeline".
 */
import * as Data from "effect/Data"
import type * as Deferred from "effect/Deferred"
import type { RecordId } from "../store.ts"
import type { Happening } from "./turn.ts"
import type { Verdict } from "./verdict.ts"

/** The host ended first. Whether the event became durable is unknown until the host is opened again. */
export class Ended extends Data.TaggedError("Ended")<Record<never, never>> {}

/** Bytes that travel with an event, under the name the event gives them. */
export type Attached = ReadonlyArray<readonly [RecordId, Uint8Array]>

export interface Post {
  readonly happenings: ReadonlyArray<Happening>
  readonly bytes: number
  readonly attached?: ReadonlyMap<RecordId, Uint8Array>
  readonly confirms?: string
  readonly flush?: true
  readonly answer?: Deferred.Deferred<Verdict, Ended>
}

/** The alarm rang: what is due is found by the turn. */
export const RING: Post = { happenings: [], bytes: 0 }
/** Confirmations alone are reason enough for a commit. */
export const FLUSH: Post = { happenings: [], bytes: 0, flush: true }
export const NOTHING: ReadonlyMap<RecordId, Uint8Array> = new Map()

/** The caller's arrays are copied: they may change before the turn comes. */
export const postOf = (happening: Happening, attached: Attached = []): Post => {
  const copies = new Map(attached.map(([record, bytes]) => [record, bytes.slice()]))
  let bytes = 0
  for (const copy of copies.values()) bytes += copy.length
  return { happenings: [happening], bytes, attached: copies }
}
