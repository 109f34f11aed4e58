/**
 * Message seeds kept for frames that have not come, as the KEM and AES layers keep them: capped, oldest out first, and
 * with a lifetime. Docs: protocol.md, "Limits".
 */
import { fixed, type Shape, uint } from "../codec/codec.ts"
import { list, struct } from "../codec/composite.ts"
import { MESSAGE_SEED_BYTES, type MessageSeed } from "./chain-key.ts"

/** As many as Signal keeps. Bounds what a peer can make us store: 2,000 seeds are 100 KB. */
export const MAX_STORED = 2_000

/** 30 days in milliseconds. A frame that is later than this is lost; its key must not wait for a thief. */
export const SKIPPED_LIFETIME = 30 * 24 * 60 * 60 * 1_000

/** Kept for the frame `index` of the chain `turn`; since `at`, in milliseconds of the wall clock. */
export interface SkippedKey extends MessageSeed {
  readonly turn: number
  readonly at: number
}

/** In the order in which they were kept. */
export type SkippedKeys = ReadonlyArray<SkippedKey>

export const NO_SKIPPED_KEYS: SkippedKeys = []

export const findSkipped = (keys: SkippedKeys, turn: number, index: number): SkippedKey | undefined =>
  keys.find((key) => key.turn === turn && key.index === index)

export const withoutSkipped = (keys: SkippedKeys, used: SkippedKey): SkippedKeys => keys.filter((key) => key !== used)

/** Adds the seeds of one chain; past the cap the oldest give way. */
export const keepSkipped = (
  keys: SkippedKeys,
  turn: number,
  seeds: ReadonlyArray<MessageSeed>,
  now: number,
): SkippedKeys => {
  if (seeds.length === 0) return keys
  const at = Math.max(0, Math.floor(now))
  const kept = [...keys, ...seeds.map(({ index, seed }) => ({ turn, index, seed, at }))]
  return kept.length > MAX_STORED ? kept.slice(kept.length - MAX_STORED) : kept
}

/**
 * Drops what is past its lifetime. A key from the future, as after a clock was set back, ages from `now` on: it would
 * otherwise outlive its time. The same array if nothing changed.
 */
export const expireSkipped = (keys: SkippedKeys, now: number): SkippedKeys => {
  const at = Math.max(0, Math.floor(now))
  if (keys.every((key) => key.at <= at && at - key.at < SKIPPED_LIFETIME)) return keys
  return keys.filter((key) => at - key.at < SKIPPED_LIFETIME).map((key) => (key.at > at ? { ...key, at } : key))
}

export const skippedKeysShape: Shape<SkippedKeys> = list(
  struct({ turn: [1, uint()], index: [2, uint()], seed: [3, fixed(MESSAGE_SEED_BYTES)], at: [4, uint()] }),
  MAX_STORED,
)
