/** Runs a schedule to its end and judges it. Docs: simulator.md, "Schedules". */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ContactHandle } from "../../core/messenger/contact-handle.ts"
import type { Message } from "../../core/messenger/values.ts"
import { deliveryInvariants } from "../invariants/delivery.ts"
import { healingInvariants } from "../invariants/healing.ts"
import { broken, byId } from "../invariants/invariant.ts"
import { simulationInvariants } from "../invariants/simulation.ts"
import type { CrashAt, SimulationFaults } from "./faults.ts"
import { observedHealing, observedRun, observedTalk, type Talk, type Told } from "./judge.ts"
import { paired } from "./paired.ts"
import type { Line } from "./record.ts"
import { isPaired, rest, until } from "./rest.ts"
import { nameOf, type Schedule } from "./schedule.ts"
import { simulate } from "./simulate.ts"
import type { Simulation, SimulationAdapters } from "./simulation.ts"

/** What a schedule came to. */
export interface SimulationOutcome {
  /** Empty, or what did not hold: `DL-1 alice and bob: A message reaches …`. */
  readonly violations: ReadonlyArray<string>
  /** A hash of everything that happened: the same for the same seed. */
  readonly trace: string
  /** For a timeline, if `detail` was asked for. */
  readonly lines: ReadonlyArray<Line>
  /** Messages that were accepted. */
  readonly sends: number
  /** Encryptions that became durable. */
  readonly encryptions: number
  /** What was done to frames and processes, all of it. */
  readonly injected: number
  /** Processes that died. */
  readonly crashes: number
}

const PAIRING_PATIENCE = 30 * 60_000
/** People who have paired before are connected after so long, in milliseconds: a fault falls on a conversation that runs. */
const CONNECTED = 2_000

/** How a schedule is run. */
export interface RunOptions {
  /** Adapters to be tried in the place of the simulated ones. */
  readonly adapters?: SimulationAdapters
  /** Whether the outcome has lines for a timeline. Default: false. */
  readonly detail?: boolean
  /** Crashes at chosen boundaries, counted from after the pairing. */
  readonly crashes?: ReadonlyArray<CrashAt>
  /** Contacts without a link that a peer keeps open; the others sleep. */
  readonly maxAwake?: number
  /** Whether it is run a second time, to see that it is the same run again (SM-5). Nothing for adapters that remember. */
  readonly twice?: boolean
}

/** Pairs everybody, plays the schedule, lets the world heal, and judges. */
export const runSimulation = async (schedule: Schedule, options: RunOptions = {}): Promise<SimulationOutcome> => {
  const outcome = await once(schedule, options)
  if (options.twice !== true) return outcome
  const same = outcome.trace === (await once(schedule, options)).trace
  const { holds, id, says } = byId(simulationInvariants, "SM-5")
  const isBroken = !holds({ reused: 0, departed: [], stale: 0, reopened: undefined, same })
  return isBroken ? { ...outcome, violations: [...outcome.violations, `${id} ${says}`] } : outcome
}

const once = async (schedule: Schedule, options: RunOptions): Promise<SimulationOutcome> => {
  const { adapters } = options
  const { crypto, faults, pairing, seed } = schedule
  const names = Array.from({ length: schedule.peers }, (_, i) => nameOf(i))
  // What adapters under trial hold begins empty.
  const from = pairing === "before" && adapters === undefined ? await paired(seed, names, crypto) : undefined
  const run = await simulate({
    seed,
    peers: names,
    crypto,
    reborn: true,
    detail: options.detail ?? false,
    ...(adapters && { adapters }),
    ...(from && { from }),
    ...(options.maxAwake !== undefined && { maxAwake: options.maxAwake }),
  })
  try {
    if (from === undefined) await pair(run, names, pairing === "disturbed" ? faults : undefined)
    else await run.step(["wait", CONNECTED])
    run.set(faults)
    if (options.crashes !== undefined) run.crashAt(options.crashes)
    for (const move of schedule.moves) await run.step(move)
    const reopened = await rest(run)
    return await judged(run, reopened)
  } finally {
    run.close()
  }
}

/** In a good world until all are paired, or for a while with faults from the start. */
const pair = async (run: Simulation, names: ReadonlyArray<string>, faults: SimulationFaults | undefined) => {
  if (faults !== undefined) run.set(faults)
  for (const [i, inviter] of names.entries()) {
    for (const joiner of names.slice(i + 1)) await run.step(["event", inviter, { do: "pair", with: joiner }])
  }
  if (faults === undefined) await until(run, () => isPaired(run), PAIRING_PATIENCE)
  else await run.step(["wait", 10_000])
}

/** What the invariants say of a run that has come to its end. */
export const judged = async (run: Simulation, reopened: boolean): Promise<SimulationOutcome> => {
  const violations: Array<string> = []
  for (const { inviter, joiner } of run.intents.pairings) {
    const talk: Talk = {
      sides: [inviter, joiner],
      hosts: [run.intents.host(inviter, joiner), run.intents.host(joiner, inviter)],
      conversations: [await told(run, inviter, joiner), await told(run, joiner, inviter)],
    }
    const observation = observedTalk(talk, run.record, run.intents.accepted, true)
    const healing = observedHealing(
      talk,
      run.record,
      (peer, other) => run.intents.contact(peer, other)?.session.get().state,
    )
    for (const { id, says } of [...broken(deliveryInvariants, observation), ...broken(healingInvariants, healing)]) {
      violations.push(`${id} ${inviter} and ${joiner}: ${says}`)
    }
  }
  return outcomeOf(run, violations, reopened)
}

/** With what the invariants of whole systems say. `reopened`: whether it came to rest, if that was tried. */
export const outcomeOf = (
  run: Simulation,
  violations: ReadonlyArray<string>,
  reopened: boolean | undefined,
): SimulationOutcome => {
  const observation = observedRun(run.record, { reopened, same: undefined })
  const broke = broken(simulationInvariants, observation).map(({ id, says }) => `${id} ${says}`)
  const { corrupted, delayed, duplicated, lost, parted, reordered } = run.network
  const crashes = run.record.crashes()
  return {
    violations: [...violations, ...broke],
    trace: run.record.trace(),
    lines: run.record.lines,
    sends: run.intents.accepted.length,
    encryptions: run.record.encryptions.count(),
    injected: lost + duplicated + reordered + corrupted + delayed + parted + crashes,
    crashes,
  }
}

const told = (run: Simulation, peer: string, other: string): Promise<ReadonlyArray<Told>> =>
  toldIn(run, peer, run.intents.contact(peer, other))

/** A conversation, as the engine of a peer gives it out. Empty where there is none. */
export const toldIn = async (
  run: Simulation,
  peer: string,
  contact: ContactHandle | undefined,
): Promise<ReadonlyArray<Told>> => {
  if (contact === undefined) return []
  const all: Array<Message> = []
  for (let after = ""; ; ) {
    let page: ReadonlyArray<Message> | undefined
    run.life(peer)!.process.fork(Effect.exit(contact.conversation.page({ after, limit: 500 })), (exit) => {
      page = Exit.isSuccess(exit) && Exit.isSuccess(exit.value) ? exit.value.value : []
    })
    await run.step(["wait", 0])
    if (page === undefined) return []
    all.push(...page)
    if (page.length < 500) break
    after = page.at(-1)!.cursor
  }
  return all.map(({ from, gap, id, kind, notice, state }) => ({
    ...{ id, mine: from === "me", gap, state: state?.get() },
    ...(kind === "notice" && { notice }),
  }))
}
