/**
 * Two sides of a braid in a world that loses, delays, repeats and reorders, forgets and restores, and lets thieves in: seeded
 * chaos, and what an all-seeing observer writes down of it. Docs: invariants.md, "Braid".
 */
import * as Effect from "effect/Effect"
import { codec } from "../../core/codec/codec.ts"
import { equal, toBase64url } from "../../core/crypto/bytes.ts"
import type { CryptoService } from "../../core/crypto/crypto.ts"
import { braidKey, braidReceive, braidSend } from "../../core/layers/signal/braid.ts"
import type { BraidKey } from "../../core/layers/signal/braid-chains.ts"
import { type BraidMessage, decodeBraidMessage } from "../../core/layers/signal/braid-message.ts"
import {
  BRAID_STATES,
  type Braid,
  type BraidStateName,
  braidShape,
  startBraid,
} from "../../core/layers/signal/braid-state.ts"
import { type Dice, makeDice } from "../simulation/dice.ts"
import { makeThief, makeWire, type Thief } from "./braid-thief.ts"

/** The two sides of a braid. */
export type Party = "initiator" | "responder"
const PARTIES: ReadonlyArray<Party> = ["initiator", "responder"]
const peerOf = (party: Party): Party => (party === "initiator" ? "responder" : "initiator")

/** Something that happened between two braids. */
export type BraidSight =
  /** A side came to know an epoch's secret. `witness`: a hash of all secrets up to it. */
  | { readonly saw: "agreed"; readonly by: Party; readonly epoch: number; readonly witness: string }
  /** `knows`: the newest epoch whose secret the sender has. The message's key is of the epoch before the one it names. */
  | { readonly saw: "sent"; readonly by: Party; readonly epoch: number; readonly index: number; readonly knows: number }
  | {
      readonly saw: "arrival"
      readonly to: Party
      readonly frame: "fresh" | "repeated"
      /** Whether it is of an epoch that the receiver has long left. */
      readonly isLate: boolean
      readonly outcome: "same key" | "other key" | "refused"
    }
  | {
      readonly saw: "leak"
      readonly of: Party
      readonly state: BraidStateName
      readonly epoch: number
      /** Of a message sent since, or before and not yet come, or before and come. */
      readonly message: "later" | "underWay" | "come"
      /** The epoch of the message's key, and the oldest one whose chains the victim has a right to. */
      readonly keyEpoch: number
      readonly oldest: number
      readonly byVictim: boolean
      readonly exposed: boolean
    }
  | { readonly saw: "restored"; readonly same: boolean }
  /** After all of it: whether both came an epoch further in so many undisturbed messages each. */
  | { readonly saw: "calm"; readonly messages: number; readonly from: number; readonly to: number }

/** What an observer of a braid's chaos wrote down. */
export interface BraidObservation {
  /** Everything follows from it. */
  readonly seed: number
  /** In order. */
  readonly sights: ReadonlyArray<BraidSight>
}

interface Sent {
  readonly from: Party
  readonly message: BraidMessage
  readonly key: BraidKey
  come: boolean
}

interface Side {
  braid: Braid
  /** The newest epoch that it has sent in. */
  sentIn: number
}

interface Theft {
  readonly of: Party
  readonly stolen: Braid
  readonly oldest: number
  readonly thief: Thief
  /** Stops looking once both are so far past the theft. */
  readonly until: number
}

/** How the world behaves for a while. */
interface Weather {
  readonly loss: number
  readonly repeat: number
  readonly underWay: number
  readonly initiatorSpeaks: number
}

const WEATHER_TICKS = 400
/** More of them would only look at the same; so do they if they look at each message. */
const MAX_THIEVES = 5
const THIEF_LOOKS = 0.3
/** Some states are never reached in some weather. */
const COVETED_TICKS = 150
const HELD_BACK = 0.02
/** How far in epochs a thief follows. */
const THIEF_FOLLOWS = 2
/** Far more than an epoch takes in turns, which is some 89 of both together. */
const CALM_MESSAGES = 150

const record = codec(braidShape, 1024 * 1024)

const weatherOf = (dice: Dice): Weather => ({
  loss: dice.chance(0.3) ? 0 : dice.next() * 0.7,
  repeat: dice.next() * 0.1,
  underWay: dice.upTo(12),
  initiatorSpeaks: dice.chance(0.3) ? 0.5 : dice.next(),
})

const covetedOf = (dice: Dice): BraidStateName => BRAID_STATES[dice.upTo(BRAID_STATES.length - 1)]!

/** `ticks` of chaos, each a message sent or an arrival. Never fails: faults are in the observation. */
export const runBraid = (crypto: CryptoService, seed: number, ticks: number): BraidObservation => {
  const dice = makeDice(seed)
  const sights: Array<BraidSight> = []
  const shared = crypto.random(32)
  const sides: Record<Party, Side> = {
    initiator: { braid: startBraid(crypto, "initiator", shared), sentIn: 0 },
    responder: { braid: startBraid(crypto, "responder", shared), sentIn: 0 },
  }
  const queues: Record<Party, Array<Sent>> = { initiator: [], responder: [] }
  const come: Record<Party, Array<Sent>> = { initiator: [], responder: [] }
  /** Held back for long: what comes of these is of former epochs. */
  const drawer: Array<Sent> = []
  const wire = makeWire()
  let thefts: Array<Theft> = []
  let weather = weatherOf(dice)
  /** States are not equally long: the next theft waits a while for one that was drawn. */
  let coveted = covetedOf(dice)

  const newest = (of: Party): number => sides[of].braid.chains.epochs.at(-1)!.epoch
  const learn = (by: Party, braid: Braid): void => {
    const before = newest(by)
    sides[by].braid = braid
    const { chains } = braid
    const after = newest(by)
    if (after === before) return
    sights.push({ saw: "agreed", by, epoch: after, witness: toBase64url(crypto.sha256(chains.root)) })
  }

  /** What each thief makes of a message that was sent after its theft. */
  const overhear = (sent: Sent): void => {
    thefts = thefts.filter(({ until }) => sent.message.epoch <= until)
    for (const theft of thefts) if (dice.chance(THIEF_LOOKS)) look(theft, sent, "later")
  }
  const look = ({ of, oldest, stolen, thief }: Theft, sent: Sent, message: "later" | "underWay" | "come"): void => {
    const { epoch, index } = sent.message
    const byVictim = sent.from === of
    const { context, value } = stolen.machine
    sights.push({
      saw: "leak",
      of,
      state: value,
      epoch: context.epoch,
      message,
      keyEpoch: epoch - 1,
      oldest,
      byVictim,
      exposed: thief.has(byVictim, epoch - 1, index, sent.key),
    })
  }

  const send = (from: Party): void => {
    const side = sides[from]
    const made = Effect.runSync(braidSend(crypto, side.braid))
    const message = decodeBraidMessage(made.message)!
    learn(from, made.braid)
    side.sentIn = Math.max(side.sentIn, message.epoch - 1)
    sights.push({ saw: "sent", by: from, epoch: message.epoch, index: message.index, knows: newest(from) })
    const sent: Sent = { from, message, key: made.key, come: false }
    wire.read(message)
    overhear(sent)
    if (dice.chance(weather.loss)) return
    if (dice.chance(HELD_BACK)) drawer.push(sent)
    else queues[peerOf(from)].push(sent)
  }

  const arrive = (to: Party, sent: Sent): void => {
    const side = sides[to]
    const frame = sent.come ? "repeated" : "fresh"
    const isLate = sent.message.epoch - 1 < side.sentIn - 1
    const found = braidKey(crypto, side.braid, sent.message, 0)
    const received =
      found &&
      Effect.runSync(
        Effect.catchTag(braidReceive(crypto, found.braid, sent.message), "Refused", () => Effect.succeed(undefined)),
      )
    if (found === undefined || received === undefined) {
      sights.push({ saw: "arrival", to, frame, isLate, outcome: "refused" })
      return
    }
    sights.push({ saw: "arrival", to, frame, isLate, outcome: equal(found.key, sent.key) ? "same key" : "other key" })
    learn(to, received.braid)
    if (!sent.come) come[to].push(sent)
    sent.come = true
  }

  const deliver = (to: Party): void => {
    const [sent] = queues[to].splice(dice.upTo(queues[to].length - 1), 1)
    if (sent !== undefined) arrive(to, sent)
  }

  const steal = (of: Party): void => {
    const { braid, sentIn } = sides[of]
    const { epoch } = braid.machine.context
    const oldest = Math.max(0, sentIn - 1)
    const theft: Theft = {
      of,
      stolen: braid,
      oldest,
      thief: makeThief(crypto, braid, wire),
      until: epoch + THIEF_FOLLOWS,
    }
    // What has come already is looked at by a twin, so that looking back does not move the thief's chains.
    const probe: Theft = { ...theft, thief: makeThief(crypto, braid, wire) }
    for (const sent of queues[of].slice(-4)) look(probe, sent, "underWay")
    for (const party of PARTIES) for (const sent of come[party].slice(-4)) look(probe, sent, "come")
    thefts.push(theft)
  }

  const restore = (of: Party): void => {
    const encoded = record.encode(sides[of].braid)
    const back = record.decode(encoded)
    sights.push({ saw: "restored", same: back !== undefined && equal(encoded, record.encode(back)) })
    if (back !== undefined) sides[of].braid = back
  }

  const partyAt = (chance: number): Party => (dice.chance(chance) ? "initiator" : "responder")

  for (let tick = 0; tick < ticks; tick++) {
    if (tick % WEATHER_TICKS === WEATHER_TICKS - 1) weather = weatherOf(dice)
    const to = partyAt(0.5)
    if (queues[to].length > weather.underWay) deliver(to)
    else if (dice.chance(weather.repeat) && come[to].length > 0)
      arrive(to, come[to][Math.max(0, come[to].length - 1 - dice.upTo(20))]!)
    else if (dice.chance(HELD_BACK / 4) && drawer.length > 0) {
      const [sent] = drawer.splice(dice.upTo(drawer.length - 1), 1)
      arrive(peerOf(sent!.from), sent!)
    } else send(partyAt(weather.initiatorSpeaks))
    if (dice.chance(0.02)) restore(partyAt(0.5))
    if (tick % COVETED_TICKS === 0) coveted = covetedOf(dice)
    const victim = PARTIES.find((party) => sides[party].braid.machine.value === coveted)
    if (thefts.length < MAX_THIEVES && victim !== undefined) {
      steal(victim)
      coveted = covetedOf(dice)
    }
  }

  const from = Math.min(...PARTIES.map(newest))
  weather = { loss: 0, repeat: 0, underWay: 0, initiatorSpeaks: 0.5 }
  for (let i = 0; i < CALM_MESSAGES; i++)
    for (const party of PARTIES) {
      send(party)
      while (queues[peerOf(party)].length > 0) deliver(peerOf(party))
    }
  sights.push({ saw: "calm", messages: CALM_MESSAGES, from, to: Math.min(...PARTIES.map(newest)) })
  return { seed, sights }
}
