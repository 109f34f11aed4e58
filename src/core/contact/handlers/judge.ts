/**
 * What a tell comes to: both are where the other left them, or one of them is behind, be it an old state that was put back or a
 * second copy of one. Pure. Docs: protocol.md, "Standing".
 */
import type { HealingReason } from "../../../machines/standing.ts"
import { equal } from "../../crypto/bytes.ts"
import type { Tell } from "../../handshake/standing.ts"
import type { Role } from "../../ids.ts"
import type { Secrets } from "./standing-records.ts"

export interface Told extends Secrets {
  readonly role: Role
  readonly tell: Tell
  /** Why we need new keys ourselves. */
  readonly need: HealingReason | null
  /** Whether we, the joiner, have taken up new keys and wait to hear that the peer has. */
  readonly switched: boolean
  /** The peer's life that we heard last. */
  readonly heard: Uint8Array | undefined
  /** Our latest lives that spoke to the peer. */
  readonly spoken: ReadonlyArray<Uint8Array>
  /** How far we have sealed by now, and how far we had opened when we asked. */
  readonly sent: number
  readonly received: number
}

/** `underWay`: both know the keys that are being agreed, and only the last Confirm has not come. */
export type Standing = "agrees" | "underWay" | HealingReason

export const judge = ({
  heard,
  need,
  newest,
  pending,
  received,
  role,
  sent,
  spoken,
  switched,
  tell,
}: Told): Standing => {
  if (newest === undefined) return "lost"
  const isAmong = (life: Uint8Array, all: ReadonlyArray<Uint8Array>) => all.some((one) => equal(one, life))
  const isSame = equal(tell.newest, newest.id)
  if (!isSame && switched && tell.pending !== undefined && equal(tell.pending, newest.id)) return "underWay"
  if (!isSame && role === "inviter" && pending !== undefined && equal(tell.newest, pending.id)) return "underWay"
  if (tell.reason !== undefined) return tell.reason
  if (need !== null) return need
  if (!isSame) return "cloned"
  // They last heard a life that we never lived, or the other way round: there is another copy, or this is an old one.
  if (tell.known !== undefined && !isAmong(tell.known, spoken)) return "cloned"
  if (heard !== undefined && !isAmong(heard, tell.lives)) return "cloned"
  // Counters only grow: who has received what was never sent speaks to another copy.
  if (tell.received > sent || tell.sent < received) return "cloned"
  return "agrees"
}
