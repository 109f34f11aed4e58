/** `sotto fuzz`: whole systems in the simulator, with faults drawn from seeds. Docs: docs/simulator.md. */
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { Storage } from "../core/store.ts"
import type { Transport } from "../core/transport.ts"
import { runSimulation } from "../spec/simulation/run.ts"
import { drawSchedule, FAULT_KINDS, type FaultKind } from "../spec/simulation/schedule.ts"
import { shrink } from "../spec/simulation/shrink.ts"
import type { SimulationAdapters } from "../spec/simulation/simulation.ts"
import { showFailure } from "../spec/simulation/timeline.ts"
import { CliError, optionsOf } from "./cli-error.ts"

const HELP = `sotto fuzz: people, networks and storages that fail, on virtual time

  --seed N          the first seed (default 1); each run has the next one
  --runs N          how many (default 100)
  --peers N         how many people, who all talk to each other (default 2, at most 8)
  --sends N         messages a run, about (default 50)
  --faults LIST     of ${FAULT_KINDS.join(", ")}
                    (default: all of them; "none": a good world)
  --pairing WHEN    before: all have paired before the run; calm: it begins with it in a good world; disturbed: with the faults;
                    anew: calm or disturbed (default: drawn from the seed)
  --crypto KIND     fast: stand-ins that protect nothing; real: the primitives of production (default fast)
  --storage FILE    a module that exports \`storage\`: a function from a peer's name to a Storage that outlives its processes
  --transport FILE  a module that exports \`transport\`: the same for a Transport; virtual time does not wait for it

A run that fails is shown with its seed, a shortened schedule and a timeline. Exit status 1 if anything failed.`

/** The first of so many runs is run again, to see that it is the same: that costs as much as the run. */
const TWICE_EVERY = 50

const PAIRING = ["before", "calm", "disturbed", "anew"] as const

export const fuzzCommand = async (words: ReadonlyArray<string>): Promise<void> => {
  const parsed = optionsOf(
    words,
    {
      seed: { type: "string" },
      runs: { type: "string" },
      peers: { type: "string" },
      sends: { type: "string" },
      faults: { type: "string" },
      pairing: { type: "string" },
      crypto: { type: "string" },
      storage: { type: "string" },
      transport: { type: "string" },
    },
    HELP,
  )
  if (parsed === undefined) return
  const { values } = parsed
  const seed = numberOf("seed", values.seed, 1, 0, 2 ** 32 - 1)
  const runs = numberOf("runs", values.runs, 100, 1, 10_000_000)
  const peers = numberOf("peers", values.peers, 2, 2, 8)
  const sends = numberOf("sends", values.sends, 50, 1, 100_000)
  const kinds = kindsOf(values.faults)
  const pairing = PAIRING.find((one) => one === values.pairing)
  if (values.pairing !== undefined && pairing === undefined) {
    throw new CliError(`--pairing is one of ${PAIRING.join(", ")}, not "${values.pairing}".`, 2)
  }
  const { crypto = "fast" } = values
  if (crypto !== "fast" && crypto !== "real") throw new CliError(`--crypto is fast or real, not "${crypto}".`, 2)
  const storage = await moduleOf<(peer: string) => Storage>(values.storage, "storage")
  const transport = await moduleOf<(peer: string) => Transport>(values.transport, "transport")
  const adapters: SimulationAdapters = { ...(storage && { storage }), ...(transport && { transport }) }
  // With none of yours the run is that of the same seed anywhere else: it may begin with people who have paired before.
  const isOurs = storage === undefined && transport === undefined

  const say = (text: string) => void process.stdout.write(`${text}\n`)
  const total = { sends: 0, injected: 0, violations: 0 }
  for (let run = 0; run < runs; run++) {
    const schedule = drawSchedule({ seed: seed + run, peers, sends, kinds, crypto, ...(pairing && { pairing }) })
    const tried = isOurs ? { twice: run % TWICE_EVERY === 0 } : { adapters }
    const outcome = await runSimulation(schedule, tried)
    total.sends += outcome.sends
    total.injected += outcome.injected
    total.violations += outcome.violations.length
    if (outcome.violations.length === 0) continue
    const short = await shrink(schedule, tried)
    say(showFailure(short.schedule, short.outcome))
    say(`\nthe whole run again: sotto fuzz ${again(values, seed + run)}\n`)
  }
  say(
    `${runs} runs, ${total.sends} sends, ${total.injected} faults injected, ${total.violations} violations (seeds ${seed} to ${seed + runs - 1})`,
  )
  if (total.violations > 0) process.exitCode = 1
}

const numberOf = (name: string, text: string | undefined, otherwise: number, least: number, most: number): number => {
  if (text === undefined) return otherwise
  const number = Number(text)
  if (!/^\d{1,10}$/.test(text) || number < least || number > most) {
    throw new CliError(`--${name} is a whole number from ${least} to ${most}, not "${text}".`, 2)
  }
  return number
}

const kindsOf = (text: string | undefined): ReadonlyArray<FaultKind> => {
  if (text === undefined) return FAULT_KINDS
  if (text === "none") return []
  return text.split(",").map((name) => {
    const kind = FAULT_KINDS.find((one) => one === name)
    if (kind === undefined) throw new CliError(`"${name}" is no fault: choose of ${FAULT_KINDS.join(", ")}.`, 2)
    return kind
  })
}

const moduleOf = async <A>(path: string | undefined, name: string): Promise<A | undefined> => {
  if (path === undefined) return undefined
  const module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>
  if (typeof module[name] !== "function") throw new CliError(`${path} does not export a function called ${name}.`, 2)
  return module[name] as A
}

const again = (values: Readonly<Record<string, unknown>>, seed: number): string =>
  Object.entries({ ...values, seed: `${seed}`, runs: "1" })
    .flatMap(([name, value]) => (typeof value === "string" ? [`--${name} ${value}`] : []))
    .join(" ")
