/** 50,000 schedules and a million sends, or the share of them that SIMULATOR says (1 is all): `node test/fuzz/simulator.ts [seed]`. */
import { runSimulation } from "../../src/spec/simulation/run.ts"
import { drawSchedule } from "../../src/spec/simulation/schedule.ts"
import { shrink } from "../../src/spec/simulation/shrink.ts"
import { showFailure } from "../../src/spec/simulation/timeline.ts"

const SCHEDULES = 50_000
/** A schedule that writes so many comes to a million and more: some find nobody to send to. */
const SENDS = 28

const share = Number(process.env["SIMULATOR"] ?? 1)
const first = Number(process.argv[2] ?? 1)
const count = Math.max(1, Math.round(SCHEDULES * share))
const total = { schedules: 0, sends: 0, encryptions: 0, injected: 0, crashes: 0, violations: 0 }
const began = performance.now()
for (let seed = first; seed < first + count; seed++) {
  const schedule = drawSchedule({ seed, sends: SENDS, peers: seed % 10 === 0 ? 3 : 2 })
  const { crashes, encryptions, injected, sends, violations } = await runSimulation(schedule)
  total.schedules += 1
  total.sends += sends
  total.encryptions += encryptions
  total.injected += injected
  total.crashes += crashes
  total.violations += violations.length
  if (violations.length > 0) {
    const short = await shrink(schedule)
    console.log(showFailure(short.schedule, short.outcome))
  }
}
const seconds = Math.round((performance.now() - began) / 1_000)
console.log(`${JSON.stringify(total)} from seed ${first} in ${seconds} s`)
if (total.violations > 0) process.exitCode = 1
