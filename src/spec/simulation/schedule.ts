/** Schedules: what people do and what befalls them, drawn from a seed. Docs: simulator.md, "Schedules". */
import type { Choice } from "./choice.ts"
import { type Dice, makeDice } from "./dice.ts"
import type { SimulationFaults } from "./faults.ts"

/**
 * What may go wrong. `lease`: tabs that race for one storage. `clock`: wall clocks that jump. `lose`: the keys of a disk are gone.
 * `restore`: a disk is put back from a backup. `renew`: somebody asks for new keys.
 */
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
  "lose",
  "restore",
  "renew",
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
  /**
   * `before`: everybody has paired already, and their disks say so; `calm`: the run begins with it, in a good world;
   * `disturbed`: with the faults.
   */
  readonly pairing: "before" | "calm" | "disturbed"
  /** What people do, and what befalls them, in order. */
  readonly moves: ReadonlyArray<Choice>
}

/** What a schedule is drawn from. */
export interface ScheduleOptions {
  /** The same one draws the same schedule. */
  readonly seed: number
  /** Default: 2. */
  readonly peers?: number
  /** Which faults it may have. Default: all of them. */
  readonly kinds?: ReadonlyArray<FaultKind>
  /** Default: `fast`. */
  readonly crypto?: Schedule["crypto"]
  /** Messages in all, about. Default: 50. */
  readonly sends?: number
  /** So many are written at once, at most, and always at once. Default: up to 16, and half of them one by one. */
  readonly burst?: number
  /** Drawn unless said. `anew`: drawn, but every run begins with it. */
  readonly pairing?: Schedule["pairing"] | "anew"
}

const NAMES = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]
export const nameOf = (i: number): string => NAMES[i] ?? `peer${i + 1}`

/** Over one link frame, so that it travels in fragments. */
const LONG = 20_000

const LONGEST_BURST = 16

/** The same for the same options. */
export const drawSchedule = ({
  burst,
  crypto = "fast",
  kinds = FAULT_KINDS,
  pairing,
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
    const [one, count] = drawMove(dice, peers, has, left, burst)
    moves.push(...one)
    left -= count
  }
  const anew = dice.chance(0.7) ? "calm" : "disturbed"
  const drawn = anew === "calm" && dice.chance(0.9) ? "before" : anew
  return { seed, peers, crypto, faults, pairing: pairing === "anew" ? anew : (pairing ?? drawn), moves }
}

/** Kinds that have keys agreed anew. */
export const HEALING = ["lose", "restore", "renew"] as const satisfies ReadonlyArray<FaultKind>

const drawMove = (
  dice: Dice,
  peers: number,
  has: (kind: FaultKind) => boolean,
  left: number,
  burst: number | undefined,
): readonly [ReadonlyArray<Choice>, sends: number] => {
  const a = dice.upTo(peers - 1)
  const b = (a + 1 + dice.upTo(peers - 2)) % peers
  const [from, to] = [nameOf(a), nameOf(b)]
  const wait: Choice = ["wait", [1, 20, 60, 900, 5_000, 60_000][dice.upTo(5)]!]
  const healing = HEALING.filter(has)
  if (healing.length > 0 && dice.chance(0.05)) {
    const kind = healing[dice.upTo(healing.length - 1)]!
    return [[kind === "renew" ? ["event", from, { do: "renewKeys", with: to }] : [kind, from], wait], 0]
  }
  const roll = dice.upTo(99)
  if (roll < 50) {
    const count = Math.min(1 + dice.upTo((burst ?? LONGEST_BURST) - 1), left)
    const long = dice.chance(0.02)
    const text = long ? "x".repeat(LONG) : `${from} says ${dice.upTo(999_999)}`
    return dice.chance(burst === undefined ? 0.5 : 1)
      ? [[["event", from, { do: "send", to, text, times: long ? 1 : count }]], long ? 1 : count]
      : [Array.from({ length: long ? 1 : count }, () => ["event", from, { do: "send", to, text }]), long ? 1 : count]
  }
  if (roll < 60) return [[["event", from, { do: "read", from: to }]], 0]
  if (roll < 80) return [[wait], 0]
  if (roll < 83) return [[["event", from, { do: "lock" }], wait, ["event", from, { do: "unlock" }]], 0]
  if (roll < 86) return [[["cut"]], 0]
  if (roll < 91 && has("partition")) return [[["partition", from], wait, ["reconnect"]], 0]
  if (roll < 94 && has("crash")) return [[["crash", from], wait, ["restart", from]], 0]
  if (roll < 98 && has("lease")) return [[drawTab(dice.next(), from), wait], 0]
  if (roll < 99 && has("clock")) return [[["clock", from, (dice.upTo(4) - 2) * 3_600_000]], 0]
  return [[wait], 0]
}

/** Another tab takes the place, or waits for it; or one that waits takes it back, with whatever it still remembers. */
const drawTab = (drawn: number, peer: string): Choice =>
  drawn < 0.4 ? ["tab", peer, true] : drawn < 0.6 ? ["tab", peer, false] : ["takeBack", peer]
