/**
 * A run that can be stepped, wound back and branched: the simulator's driver with everything that it showed on the way. Going back
 * shows what was; choosing something else there plays the run again from its seed up to that point.
 */
import type { CryptoService } from "../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { fromHex } from "../../src/core/hex.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { fastCrypto } from "../../src/spec/simulation/fast-crypto.ts"
import { openFrame } from "../../src/spec/simulation/opening.ts"
import type { Line } from "../../src/spec/simulation/record.ts"
import { randomFrom } from "../../src/spec/simulation/seeded.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { traceHash } from "../../src/spec/simulation/trace-hash.ts"
import { AtRest } from "./at-rest.ts"
import { type Looks, lookedAt, NO_LOOKS } from "./expiring.ts"
import { askedElsewhere, judgedSeen } from "./seen.ts"
import type { Moment, SeenFrame, Setup, Shown } from "./shown.ts"
import { Sightings } from "./sightings.ts"
import { watched } from "./watch.ts"
import { movedIn } from "./words.ts"

export class Player implements Shown {
  readonly setup: Setup
  choices: Array<Choice> = []
  moments: Array<Moment> = []
  frames: Array<SeenFrame> = []
  lines: ReadonlyArray<Line> = []
  readonly elsewhere: NonNullable<Shown["elsewhere"]>
  private simulation: Simulation | undefined
  private looks: Looks = NO_LOOKS
  private seen: Sightings
  private atRest = new AtRest()
  private readonly crypto: CryptoService

  constructor(setup: Setup) {
    this.setup = setup
    this.elsewhere = askedElsewhere((setup.vaults ?? []).length > 0)
    const random = randomFrom(makeDice(setup.seed))
    this.crypto = setup.crypto === "real" ? nobleCrypto(random) : fastCrypto(random)
    this.seen = new Sightings(this.crypto)
  }

  async begin(): Promise<void> {
    this.simulation?.close()
    this.simulation = await simulate(this.setup)
    this.choices = []
    this.frames = []
    this.moments = []
    this.looks = NO_LOOKS
    this.seen = new Sightings(this.crypto)
    this.atRest = new AtRest()
    this.lines = this.simulation.record.lines
    await this.note()
  }

  /** Does it after the last step. A wait is as many steps as things happen in it. False: it was not possible. */
  async do(choice: Choice): Promise<boolean> {
    if (choice[0] === "wait") return this.wait(choice[1])
    if (!(await this.simulation!.step(choice))) return false
    this.choices.push(choice)
    await this.note()
    return true
  }

  /** Forgets everything after so many steps. */
  async backTo(steps: number): Promise<void> {
    if (steps >= this.choices.length) return
    const kept = this.choices.slice(0, steps)
    await this.begin()
    for (const choice of kept) if (!(await this.raw(choice))) break
  }

  private readonly hashes = new WeakMap<Moment, string>()

  hash(at: number): string {
    const moment = this.moments[at]!
    const known = this.hashes.get(moment) ?? traceHash(this.lines.slice(0, moment.lines), moment.view)
    this.hashes.set(moment, known)
    return known
  }

  close(): void {
    this.simulation?.close()
  }

  private async wait(ms: number): Promise<boolean> {
    const simulation = this.simulation!
    const end = simulation.now() + ms
    while ((simulation.nextDue() ?? Number.POSITIVE_INFINITY) <= end) await this.raw(["."])
    if (simulation.now() < end) await this.raw(["wait", end - simulation.now()])
    return true
  }

  private async raw(choice: Choice): Promise<boolean> {
    if (!(await this.simulation!.step(choice))) return false
    this.choices.push(choice)
    await this.note()
    return true
  }

  /** Writes down how things are now, and which frames came and went. */
  private async note(): Promise<void> {
    const simulation = this.simulation!
    const view = simulation.view()
    const from = this.moments.at(-1)?.lines ?? 0
    const news = this.lines.slice(from).map((line, i) => ({ ...line, index: from + i }))
    const flying = new Set(view.frames.map(({ id }) => id))
    const known = new Set(this.frames.map(({ id }) => id))
    const step = this.moments.length

    const sent = news.flatMap(({ index, peer, what }) => {
      const [, to, kind, length] = /^⇢ (\S+): (\S+), (\d+) bytes/.exec(what) ?? []
      return to === undefined ? [] : [{ index, peer, to, kind: kind!, length: Number(length), taken: false }]
    })
    const fresh: Array<SeenFrame> = []
    for (const frame of view.frames) {
      if (known.has(frame.id)) continue
      const line = sent.find(
        (one) => !one.taken && one.peer === frame.from && one.to === frame.to && one.length === frame.length,
      )
      if (line !== undefined) line.taken = true
      const bytes = fromHex(frame.bytes) ?? new Uint8Array()
      const { id, kind, to } = frame
      const seen: SeenFrame = {
        ...{ id, kind, to, bytes, from: frame.from, endLine: undefined, lostAt: undefined, plaintexts: {} },
        sentLine: line?.index ?? Math.max(0, this.lines.length - 1),
      }
      this.frames.push(seen)
      fresh.push(seen)
      seen.plaintexts = await openFrame(this.crypto, bytes, simulation.records(to, frame.from))
    }
    // A frame that left into nothing was never under way.
    for (const { index, kind, peer, taken, to } of sent) {
      if (taken) continue
      const id = -1 - index
      const bytes = new Uint8Array()
      this.frames.push({
        id,
        from: peer,
        to,
        kind,
        bytes,
        sentLine: index,
        endLine: undefined,
        lostAt: step,
        plaintexts: {},
      })
    }
    const arrived = news.flatMap(({ index, peer, what }) => {
      const [, by] = /^⇠ (\S+): /.exec(what) ?? []
      return by === undefined ? [] : [{ index, peer, by }]
    })
    const came: Array<SeenFrame> = []
    for (const frame of this.frames) {
      if (frame.endLine !== undefined || frame.lostAt !== undefined || flying.has(frame.id)) continue
      const at = arrived.findIndex(({ by, peer }) => peer === frame.to && by === frame.from)
      if (at < 0) frame.lostAt = step
      else {
        frame.endLine = arrived.splice(at, 1)[0]!.index
        came.push(frame)
      }
    }
    const enabled = simulation.enabled()
    this.looks = lookedAt(this.looks, simulation, view, this.choices)
    const { choices, frames, looks, seen } = this
    await seen.look({
      ...{ simulation, view, frames, fresh, before: this.moments.at(-1)?.view, choice: choices.at(-1) },
      arrived: came,
      sentBy: (peer) => sent.filter((one) => one.peer === peer).length,
      movesOf: (peer) => news.filter((line) => line.peer === peer && movedIn(line) !== undefined).length,
    })
    const judged = [
      ...watched(simulation, view, choices, looks),
      ...judgedSeen(simulation, view, choices, seen),
      ...this.atRest.judged(simulation, view),
    ]
    this.moments.push({ view, lines: this.lines.length, enabled, watched: judged })
  }
}
