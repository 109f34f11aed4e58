/** A storage of one's own in the simulator: whole schedules, one crash at a chosen place, and a run by hand. Run it with `node`. */
import { makeShelves, memory } from "../../src/adapters/storage/memory.ts"
import { drawSchedule, runSimulation, showFailure, shrink, simulate } from "../../src/spec/index.ts"

// Each peer of a run has a storage of its own that outlives its processes. Put yours in memory's place.
const adapters = () => {
  const shelves = new Map<string, ReturnType<typeof makeShelves>>()
  const storage = (peer: string) => {
    const own = shelves.get(peer) ?? makeShelves()
    shelves.set(peer, own)
    return memory(own)
  }
  return { storage }
}

// Three seeds: who writes what and when, and what befalls them, follows from the seed.
for (let seed = 1; seed <= 3; seed++) {
  const schedule = drawSchedule({ seed, sends: 10, kinds: ["loss", "reorder", "duplicate", "crash"] })
  const outcome = await runSimulation(schedule, { adapters: adapters() })
  if (outcome.violations.length === 0) continue
  const shorter = await shrink(schedule, { adapters: adapters() })
  console.log(showFailure(shorter.schedule, shorter.outcome))
  process.exitCode = 1
}
console.log("three schedules: nothing lost, nothing twice")

// One run by hand, on disks of the simulator: Bob's process dies at the next thing that it does to the world.
const run = await simulate({ seed: 7, peers: ["alice", "bob"] })
const history = () => run.view().peers[1]?.contacts[0]?.history.map(({ text }) => text) ?? []
await run.step(["event", "alice", { do: "pair", with: "bob" }])
await run.step(["wait", 10_000])
run.crashAt([{ peer: "bob", at: 0, fate: "lost" }])
await run.step(["event", "alice", { do: "send", to: "bob", text: "hello" }])
await run.step(["wait", 1_000])
console.log("bob is", run.view().peers[1]?.status)
await run.step(["restart", "bob"])
await run.step(["wait", 60_000])
console.log("restarted, he has:", history().join(", "))
console.log("invariants that broke:", run.view().invariants.filter(({ holds }) => !holds).length)
run.close()
