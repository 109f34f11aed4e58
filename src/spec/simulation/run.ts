/** Runs a schedule to its end and judges it. Docs: simulator.md, "Schedules". */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Message } from "../../core/messenger/values.ts"
import { deliveryInvariants } from "../invariants/delivery.ts"
import { broken } from "../invariants/invariant.ts"
import { simulationInvariants } from "../invariants/simulation.ts"
import type { CrashAt } from "./faults.ts"
import { observedRun, observedTalk, type Talk, type Told } from "./judge.ts"
import { statusOf } from "./peer.ts"
import type { Line } from "./record.ts"
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

/** What has not come to rest after this long, in milliseconds of virtual time, never will. */
const PATIENCE = 6 * 3_600_000
const PAIRING_PATIENCE = 30 * 60_000

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
}

/** Pairs everybody, plays the schedule, lets the world heal, and judges. */
export const runSimulation = async (schedule: Schedule, options: RunOptions = {}): Promise<SimulationOutcome> => {
  const names = Array.from({ length: schedule.peers }, (_, i) => nameOf(i))
  const run = await simulate({
    seed: schedule.seed,
    peers: names,
    crypto: schedule.crypto,
    reborn: true,
    detail: options.detail ?? false,
    ...(options.adapters && { adapters: options.adapters }),
    ...(options.maxAwake !== undefined && { maxAwake: options.maxAwake }),
  })
  try {
    if (!schedule.calmPairing) run.set(schedule.faults)
    for (const [i, inviter] of names.entries()) {
      for (const joiner of names.slice(i + 1)) await run.step(["event", inviter, { do: "pair", with: joiner }])
    }
    if (schedule.calmPairing) await until(run, () => isPaired(run), PAIRING_PATIENCE)
    else await run.step(["wait", 10_000])
    run.set(schedule.faults)
    if (options.crashes !== undefined) run.crashAt(options.crashes)
    for (const move of schedule.moves) await run.step(move)
    const reopened = await rest(run)
    return await judged(run, reopened)
  } finally {
    run.close()
  }
}

/** Ends all faults, brings everybody back, and lets time pass until nothing is left to do. False if it never came to that. */
export const rest = async (run: Simulation): Promise<boolean> => {
  run.set({})
  run.crashAt([])
  await run.step(["reconnect"])
  await wake(run)
  const done = await until(
    run,
    () => isPaired(run) && isSettled(run),
    PATIENCE,
    () => wake(run),
  )
  await run.step(["wait", 10_000])
  return done
}

/** Whoever is gone starts again, whoever locked unlocks, and everybody looks for the others at once. */
const wake = async (run: Simulation): Promise<void> => {
  for (const peer of run.peers) {
    const status = statusOf(run.life(peer))
    if (status === "failed") run.life(peer)!.process.kill()
    if (status === "dead" || status === "failed") await run.step(["restart", peer])
    if (status === "locked") await run.step(["event", peer, { do: "unlock" }])
    if (status === "closed") await run.step(["crash", peer])
    for (const other of run.peers) {
      const contact = run.intents.contact(peer, other)
      if (contact !== undefined && contact.connection.get().state === "offline") {
        run.life(peer)!.process.fork(contact.connect)
      }
    }
    run.intents.pursue(peer)
  }
}

/** Lets time pass until it holds; false where it never did. */
export const until = async (
  run: Simulation,
  holds: () => boolean,
  patience: number,
  again: () => Promise<void> = async () => {},
): Promise<boolean> => {
  const end = run.now() + patience
  for (let ms = 250; run.now() < end; ms = Math.min(2 * ms, 120_000)) {
    if (holds()) return true
    await run.step(["wait", ms])
    if (ms >= 16_000) await again()
  }
  return holds()
}

const sidesOf = (run: Simulation) =>
  run.intents.pairings.flatMap(({ inviter, joiner }) => [[inviter, joiner] as const, [joiner, inviter] as const])

/** Whether everybody who wanted to pair has. */
export const isPaired = (run: Simulation): boolean =>
  sidesOf(run).every(([peer, other]) => run.intents.contact(peer, other)?.session.get().state === "established")

/** Nothing of a handshake is left, and nothing that was written is under way. */
const isSettled = (run: Simulation): boolean =>
  sidesOf(run).every(([peer, other]) => {
    const contact = run.intents.contact(peer, other)
    return (
      contact !== undefined &&
      contact.session.get().waiting === 0 &&
      [...contact.live.host.instances].every(
        ([id, { snapshot }]) =>
          !/^(inviter|joiner)\//.test(id) && (!id.startsWith("delivery/") || snapshot.value === "delivered"),
      )
    )
  })

/** What the invariants say of a run that has come to its end. */
export const judged = async (run: Simulation, reopened: boolean): Promise<SimulationOutcome> => {
  const violations: Array<string> = []
  for (const { inviter, joiner } of run.intents.pairings) {
    const talk: Talk = {
      sides: [inviter, joiner],
      hosts: [run.intents.host(inviter, joiner), run.intents.host(joiner, inviter)],
      conversations: [await told(run, inviter, joiner), await told(run, joiner, inviter)],
    }
    const observation = observedTalk(talk, run.record, run.intents.accepted, run.acknowledged, true)
    for (const { id, says } of broken(deliveryInvariants, observation)) {
      violations.push(`${id} ${inviter} and ${joiner}: ${says}`)
    }
  }
  const observation = observedRun(run.record, { reopened, same: undefined })
  for (const { id, says } of broken(simulationInvariants, observation)) violations.push(`${id} ${says}`)
  const { corrupted, delayed, duplicated, lost, parted, reordered } = run.network
  const crashes = run.record.crashes()
  return {
    violations,
    trace: run.record.trace(),
    lines: run.record.lines,
    sends: run.intents.accepted.length,
    encryptions: run.record.encryptions.count(),
    injected: lost + duplicated + reordered + corrupted + delayed + parted + crashes,
    crashes,
  }
}

/** A conversation, as the engine of a peer gives it out. Empty where there is none. */
const told = async (run: Simulation, peer: string, other: string): Promise<ReadonlyArray<Told>> => {
  const contact = run.intents.contact(peer, other)
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
  const written = all.filter(({ kind }) => kind !== "notice")
  return written.map(({ from, gap, id, state }) => ({ id, mine: from === "me", gap, state: state?.get() }))
}
