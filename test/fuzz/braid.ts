/**
 * The braid in seeded chaos for as long as wanted: `FUZZ=1000000 node test/fuzz/braid.ts`. FUZZ is the number of ticks, FUZZ_SEED
 * the first seed (the time of day if left out, and printed). Ends with 1 where an invariant breaks, and says from which seed.
 */
import { braidInvariants } from "../../src/spec/invariants/braid.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { braidChaos } from "../core/layers/signal/braid-chaos.ts"

const ticks = Number(process.env["FUZZ"] ?? 1_000_000)
const first = Number(process.env["FUZZ_SEED"] ?? Date.now() % 0x1_0000_0000)

let epochs = 0
let leaks = 0
for (const observation of braidChaos(first, ticks)) {
  const broken = violations(braidInvariants, observation)
  if (broken.length > 0) {
    console.error(`braid, seed ${observation.seed}:\n${broken.join("\n")}`)
    process.exitCode = 1
    break
  }
  epochs += observation.sights.filter(({ saw }) => saw === "agreed").length
  leaks += observation.sights.filter(({ saw }) => saw === "leak").length
}
if (process.exitCode !== 1)
  console.log(
    `braid: ${ticks} ticks from seed ${first}, ${epochs} epochs agreed, ${leaks} messages looked at by thieves: all held`,
  )
