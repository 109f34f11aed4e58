/** The two sides together: who says what to whom, and what must come of it. */
import { mkdirSync, writeFileSync } from "node:fs"
import { expect } from "vitest"
import { newPeer, type Peer } from "./peer.ts"
import { hex, newUs, type Us } from "./us.ts"

/** `INTEROP_SEED=7` runs our side from another seed; a failure names the one it had. */
export const SEED = Number(process.env["INTEROP_SEED"] ?? 20_251_123)

export interface Couple {
  readonly us: Us
  readonly peer: Peer
}

export type Side = "us" | "peer"
export const other = (side: Side): Side => (side === "us" ? "peer" : "us")

export const text = (words: string): Uint8Array => new TextEncoder().encode(words)

export const strangers = (salt: number): Couple => {
  const couple = { us: newUs(SEED + salt), peer: newPeer() }
  couple.us.trust(couple.peer.identity)
  return couple
}

/** Two strangers of whom `initiator` has a session with the other. */
export const introduced = async (salt: number, initiator: Side, oneTime = true): Promise<Couple> => {
  const couple = strangers(salt)
  if (initiator === "us") expect(couple.us.begin(await couple.peer.publish(7, oneTime))).toBe(true)
  else await couple.peer.initiate(couple.us.identity, couple.us.publish(7, oneTime))
  return couple
}

/** Both have spoken. */
export const acquainted = async (salt: number, initiator: Side = "us"): Promise<Couple> => {
  const couple = await introduced(salt, initiator)
  for (const side of [initiator, other(initiator), initiator] as const) await exchange(couple, side, "hello")
  return couple
}

export const write = async ({ peer, us }: Couple, from: Side, words: string): Promise<Uint8Array> =>
  from === "us" ? us.say(text(words)) : peer.encrypt(text(words))

/** What the other side reads, or undefined where it refuses; then its record is the same, byte for byte. */
export const read = async ({ peer, us }: Couple, to: Side, message: Uint8Array): Promise<string | undefined> => {
  const recordOf = () => hex((to === "us" ? us.record() : peer.record()) ?? new Uint8Array())
  const before = recordOf()
  const plaintext =
    to === "us"
      ? us.hear(message)
      : await peer.decrypt(message).catch(() => {
          return undefined
        })
  if (plaintext === undefined) expect(recordOf()).toBe(before)
  return plaintext && new TextDecoder().decode(plaintext)
}

/** Writes and delivers, which must succeed. */
export const exchange = async (couple: Couple, from: Side, words: string): Promise<Uint8Array> => {
  const message = await write(couple, from, words)
  expect(await read(couple, other(from), message)).toBe(words)
  return message
}

/**
 * Runs a scenario; where it fails, writes down our side of it. The peer's randomness has no seed, so this log is what replays:
 * `node test/interop/replay.ts <file>`.
 */
export const logged = async (name: string, couple: Couple, scenario: () => Promise<void>): Promise<void> => {
  try {
    await scenario()
  } catch (failure) {
    const folder = new URL("../../artifacts/", import.meta.url)
    mkdirSync(folder, { recursive: true })
    const file = new URL(`interop-${name}-${couple.us.seed}.json`, folder)
    writeFileSync(file, JSON.stringify({ seed: couple.us.seed, log: couple.us.log }))
    console.error(`our side of this: seed ${couple.us.seed}, log ${file.pathname}`)
    throw failure
  }
}
