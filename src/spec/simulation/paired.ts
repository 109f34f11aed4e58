/**
 * People who have paired, for runs that are about something else: pairing is a third of the work of a short run. Docs: simulator.md,
 * "Schedules".
 */
import type { Image } from "./image.ts"
import { isPaired, until } from "./rest.ts"
import { simulate } from "./simulate.ts"

/** Pairs of people that differ in their keys; which one a run begins with follows from its seed. */
const IMAGES = 16
/** Far from the seeds that people choose. */
const FIRST_SEED = 0x7a12_0000
const PATIENCE = 60_000
/** So long after they have paired nothing is left to say. */
const QUIET = 5_000

const taken = new Map<string, Promise<Image>>()

/** People who have all paired with each other, and are at rest. Taken once for each that differ. */
export const paired = (seed: number, peers: ReadonlyArray<string>, crypto: "real" | "fast"): Promise<Image> => {
  const which = seed % IMAGES
  const key = JSON.stringify([which, peers, crypto])
  const image = taken.get(key) ?? take(FIRST_SEED + which, peers, crypto)
  taken.set(key, image)
  return image
}

const take = async (seed: number, peers: ReadonlyArray<string>, crypto: "real" | "fast"): Promise<Image> => {
  const run = await simulate({ seed, peers, crypto, detail: false })
  for (const [i, inviter] of peers.entries()) {
    for (const joiner of peers.slice(i + 1)) await run.step(["event", inviter, { do: "pair", with: joiner }])
  }
  if (!(await until(run, () => isPaired(run), PATIENCE))) throw new Error(`seed ${seed} did not pair in a good world`)
  await run.step(["wait", QUIET])
  const image = run.image()
  run.close()
  return image
}
