/** Schedules: what people do and what befalls them, drawn from a seed. Docs: simulator.md, "Schedules". */
import type { Choice } from "./choice.ts"
import { type Dice, makeDice } from "./dice.ts"
import type { SimulationFaults } from "./faults.ts"

/** What may go wrong. `lease`: tabs that race for one storage. `clock`: wall clocks that jump. */
export const FAULT_KINDS = [
  "loss",
  "duplicate",
  "reorder",
  "delay",
  "corrupt",
  "partition",
  "crash",
  "torn",
  "lease",
  "clock",
] as const
/** A kind of fault that a schedule may have. */
export type FaultKind = (typeof FAULT_KINDS)[number]

/** A whole run as data. */
export interface Schedule {
  /** Everything random follows from it. */
  readonly seed: number
  /** How many people. */
  readonly peers: number
  /** Primitives of production, or stand-ins that protect nothing. */
  readonly crypto: "real" | "fast"
  /** Chances of what befalls frames and processes. */
  readonly faults: SimulationFaults
  /** Whether the world is good until all have paired. */
  readonly calmPairing: boolean
  /** What people do, and what befalls them, in order. */
  readonly moves: ReadonlyArray<Choice>
}

/** What a schedule is drawn from. */
export interface ScheduleOptions {
  /** The same one draws the same schedule. */
  readonly seed: number
  /** Default: 2. */
  readonly peers?: number
  /** Which faults it may have. Default: all. */
  readonly kinds?: ReadonlyArray<FaultKind>
  /** Default: `fast`. */
  readonly crypto?: Schedule["crypto"]
  /** Messages in all, about. Default: 50. */
  readonly sends?: number
}

const NAMES = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]
export const nameOf = (i: number): string => NAMES[i] ?? `peer${i + 1}`

/** Over one link frame, so that it travels in fragments. */
const LONG = 20_000
const LONGEST_BURST = 16

/** The same for the same options. */
export const drawSchedule = ({
  crypto = "fast",
  kinds = FAULT_KINDS,
  peers = 2,
  seed,
  sends = 50,
}: ScheduleOptions): Schedule => {
  const dice = makeDice(seed ^ 0x5c4ed)
  const has = (kind: FaultKind) => kinds.includes(kind)
  /** Half of the schedules have a fault of a kind, each its own share. */
  const share = (kind: FaultKind, most: number) => (has(kind) && dice.chance(0.5) ? dice.next() * most : 0)
  const faults: SimulationFaults = {
    loss: share("loss", 0.3),
    duplicate: share("duplicate", 0.3),
    reorder: share("reorder", 0.4),
    corrupt: share("corrupt", 0.1),
    delay: has("delay") && dice.chance(0.4) ? dice.upTo(400) : 0,
    crash: share("crash", 0.004),
    torn: has("torn") ? 0.6 : 0,
    slowCommits: has("crash") && dice.chance(0.4) ? dice.upTo(10) : 0,
  }
  const moves: Array<Choice> = []
  for (let left = sends; left > 0; ) {
    const [one, count] = drawMove(dice, peers, has, left)
    moves.push(...one)
    left -= count
  }
  return { seed, peers, crypto, faults, calmPairing: dice.chance(0.7), moves }
}

const drawMove = (
  dice: Dice,
  peers: number,
  has: (kind: FaultKind) => boolean,
  left: number,
): readonly [ReadonlyArray<Choice>, sends: number] => {
  const a = dice.upTo(peers - 1)
  const b = (a + 1 + dice.upTo(peers - 2)) % peers
  const [from, to] = [nameOf(a), nameOf(b)]
  const wait: Choice = ["wait", [1, 20, 60, 900, 5_000, 60_000][dice.upTo(5)]!]
  const roll = dice.upTo(99)
  if (roll < 50) {
    const count = Math.min(1 + dice.upTo(LONGEST_BURST - 1), left)
    const long = dice.chance(0.02)
    const text = long ? "x".repeat(LONG) : `${from} says ${dice.upTo(999_999)}`
    return dice.chance(0.5)
      ? [[["event", from, { do: "send", to, text, times: long ? 1 : count }]], long ? 1 : count]
      : [Array.from({ length: long ? 1 : count }, () => ["event", from, { do: "send", to, text }]), long ? 1 : count]
  }
  if (roll < 60) return [[["event", from, { do: "read", from: to }]], 0]
  if (roll < 80) return [[wait], 0]
  if (roll < 83) return [[["event", from, { do: "lock" }], wait, ["event", from, { do: "unlock" }]], 0]
  if (roll < 86) return [[["cut"]], 0]
  if (roll < 91 && has("partition")) return [[["partition", from], wait, ["reconnect"]], 0]
  if (roll < 94 && has("crash")) return [[["crash", from], wait, ["restart", from]], 0]
  if (roll < 98 && has("lease")) return [[["tab", from, dice.chance(0.6)], wait], 0]
  if (roll < 99 && has("clock")) return [[["clock", from, (dice.upTo(4) - 2) * 3_600_000]], 0]
  return [[wait], 0]
}
