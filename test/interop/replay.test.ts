/** A log of our side replays: with its seed and what the peer sent, it comes to the same messages again. */
import { expect, it } from "vitest"
import { acquainted, exchange, write } from "./couple.ts"
import { firstDifference } from "./replay.ts"

it("a logged conversation comes out the same without the peer, and a changed log does not", async () => {
  const couple = await acquainted(700, "peer")
  for (let i = 0; i < 120; i++) await exchange(couple, i % 2 === 0 ? "us" : "peer", `${i}`)
  await write(couple, "us", "lost")
  const { log, seed } = couple.us
  expect(firstDifference({ seed, log })).toBeUndefined()
  expect(firstDifference({ seed: seed + 1, log })).toBeDefined()
  const heard = log.findIndex(({ did }) => did === "heard")
  expect(firstDifference({ seed, log: log.toSpliced(heard, 1) })).toBeDefined()
})
