/**
 * What a tell comes to: both are where the other left them, or one of them is behind, be it an old state that was put back or a
 * second copy of one. Pure. Docs: protocol.md, "Standing".
 */
import type { HealingReason } from "../../../machines/standing.ts"
import { REASONS } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import type { PairingSecret } from "../../handshake/envelope.ts"
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
  /** Whether that was so when we asked. */
  readonly early: boolean
  /** The peer's life that we vouched for last, after those that it named before it. */
  readonly heard: ReadonlyArray<Uint8Array>
  /** Our own, of this process. */
  readonly life: Uint8Array
  /** Whether it came over a link that is older than that we vouched for the peer's latest life. */
  readonly isLate: boolean
  /** How far we have sealed by now, and how far we had opened when we asked. */
  readonly sent: number
  readonly received: number
}

/**
 * `underWay`: both know the keys that are being agreed, and only the last Confirm has not come. `behind`: the peer's state was left
 * behind by keys that we agreed with another copy of it. `replaced`: that has happened to ours. `late`: a life of the peer told it
 * that is over by now. `overtaken`: it may be from before the peer took up the newest keys, as it has since.
 */
export type Standing = "agrees" | "underWay" | "behind" | "replaced" | "late" | "overtaken" | HealingReason

/**
 * For these a state agrees new keys though it was left behind: it lost what it had, is out of a backup, or is wanted back. Any
 * other would take turns with the copy that replaced it.
 */
const insists = (reason: HealingReason | null | undefined): reason is HealingReason =>
  reason === "lost" || reason === "restored" || reason === "reclaimed"

/** A state that was put back or copied may have numbers, or lack messages, that the peer knows otherwise: both number anew. */
export const isGrave = (reason: HealingReason | undefined): reason is HealingReason =>
  reason !== undefined && reason !== "lost" && reason !== "renewed"

export const judge = ({
  early,
  heard,
  isLate,
  life,
  need,
  newest,
  offered,
  older,
  pending,
  received,
  role,
  sent,
  switched,
  tell,
}: Told): Standing => {
  if (newest === undefined) return "lost"
  const gravest = REASONS.find((reason) => reason === tell.reason || reason === need)
  const isAmong = (one: Uint8Array, all: ReadonlyArray<Uint8Array>) => all.some((other) => equal(one, other))
  const isOf = (secrets: ReadonlyArray<PairingSecret>) => secrets.some(({ id }) => equal(id, tell.newest))
  if (!equal(tell.newest, newest.id)) {
    if (switched && tell.pending !== undefined && equal(tell.pending, newest.id)) return "underWay"
    if (role === "inviter" && pending !== undefined && equal(tell.newest, pending.id)) return "underWay"
    // On the way a frame of the new keys went past it. Who says so when asked again has gone back to an older state.
    if (early && !switched && isAmong(newest.id, tell.offered ?? [])) return "overtaken"
    // A handshake of the two came to its end on one side only, and was given up on the other: numbers may differ.
    if (isOf(offered) || isAmong(newest.id, tell.offered ?? [])) return isGrave(gravest) ? gravest : "cloned"
    if (isOf(older)) return insists(tell.reason) ? tell.reason : "behind"
    return insists(need) ? need : "replaced"
  }
  if (isGrave(gravest)) return gravest
  // They vouch for another life than ours: there is another copy, or this is an old one. A wish for new keys does not hide that.
  if (!equal(tell.known, life)) return "cloned"
  const latest = heard.at(-1)
  if (latest !== undefined && !isAmong(latest, tell.lives)) {
    const speaks = tell.lives.at(-1)
    return isLate && speaks !== undefined && isAmong(speaks, heard) ? "late" : "cloned"
  }
  // Who lost their keys lost their counters too.
  if (gravest === "lost") return "lost"
  // Counters only grow: who has received what was never sent speaks to another copy.
  if (tell.received > sent || tell.sent < received) return "cloned"
  return gravest ?? "agrees"
}
