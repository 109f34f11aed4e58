/**
 * Runs a schedule between two parties that speak through one layer, and writes down what an all-seeing observer sees. Knows
 * nothing of the layer but its interface and its promises; a user's layer runs here as ours do. Docs: invariants.md, RT.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { concat, equal, u32be } from "../../core/crypto/bytes.ts"
import { Crypto, type Refused } from "../../core/crypto/crypto.ts"
import { peerOf, type Role } from "../../core/ids.ts"
import { corrupt } from "./corruption.ts"
import type { Outcome, RatchetObservation, RatchetSubject, Sight } from "./ratchet-observation.ts"
import { hears, isHealed, type Thief, thiefOf } from "./ratchet-thief.ts"
import type { Step } from "./schedule.ts"
import { type Encryption, type Watched, watch } from "./watch.ts"

interface Frame {
  readonly number: number
  readonly from: Role
  readonly bytes: Uint8Array
  readonly plaintext: Uint8Array
  readonly sentAt: number
  readonly turn: number
  opened: boolean
}

interface Party<State> {
  state: State
  /** What has come; a joiner is silent until something has. */
  heard: boolean
  /** Whether something came since the last seal. */
  answers: boolean
  turn: number
  sent: number
  readonly used: Array<Uint8Array>
}

export type { Outcome, Promises, RatchetObservation, RatchetSubject, Sight } from "./ratchet-observation.ts"

const DAY = 24 * 60 * 60 * 1_000
/** Any session's associated data; frames of both ways have their own. */
const ASSOCIATED: Readonly<Record<Role, Uint8Array>> = {
  inviter: new Uint8Array(32).fill(0x1a),
  joiner: new Uint8Array(32).fill(0x2b),
}

/** Runs the steps on a fresh pair and answers what was seen. Never fails: faults are in the observation. */
export const runSchedule = Effect.fnUntraced(function* <State>(
  subject: RatchetSubject<State>,
  steps: ReadonlyArray<Step>,
): Effect.fn.Return<RatchetObservation, never, Crypto> {
  const { layer, promises } = subject
  const plain = yield* Crypto
  const watching = watch(plain)
  const clock = { now: 0 }
  const service = yield* Clock.Clock
  const ownClock: Clock.Clock = {
    ...service,
    sleep: (duration) => service.sleep(duration),
    currentTimeMillisUnsafe: () => clock.now,
    currentTimeMillis: Effect.sync(() => clock.now),
  }
  const seen = <A, E>(effect: Effect.Effect<A, E, Crypto>): Effect.Effect<Exit.Exit<A, E>> =>
    Effect.exit(effect).pipe(
      Effect.provideService(Crypto, watching.crypto),
      Effect.provideService(Clock.Clock, ownClock),
    )
  const unseen = <A, E>(effect: Effect.Effect<A, E, Crypto>): Effect.Effect<Exit.Exit<A, E>> =>
    Effect.exit(effect).pipe(Effect.provideService(Crypto, plain), Effect.provideService(Clock.Clock, ownClock))

  const pair = yield* subject.establish
  const partyOf = (state: State): Party<State> => ({ state, heard: false, answers: true, turn: 0, sent: 0, used: [] })
  const parties: Record<Role, Party<State>> = { inviter: partyOf(pair.inviter), joiner: partyOf(pair.joiner) }
  parties.inviter.heard = true
  const frames: Array<Frame> = []
  const underWay: Record<Role, Array<Frame>> = { inviter: [], joiner: [] }
  const delivered: Record<Role, Array<Frame>> = { inviter: [], joiner: [] }
  const thieves: Array<Thief<State>> = []
  const sights: Array<Sight> = []
  const encryptions: Array<Encryption> = []
  let expiredAt = 0

  const isPromised = (frame: Frame): boolean => {
    const sender = parties[frame.from]
    const mayBeOld = promises.lifetime !== undefined && expiredAt - frame.sentAt >= promises.lifetime
    return (
      !mayBeOld && sender.sent <= Math.min(promises.skip, promises.stored) && sender.turn - frame.turn < promises.turns
    )
  }
  const note = (by: Role, watched: Watched): void => {
    const party = parties[by]
    party.used.push(...watched.cipherKeys, ...(promises.forgetsDerivations ? watched.derivationKeys : []))
    sights.push({ saw: "kept", by, skipped: layer.view(party.state).skipped })
  }
  const usedKeysIn = (of: Role): number => {
    const dump = textOf(layer.encode(parties[of].state))
    return parties[of].used.filter((key) => key.length >= 16 && dump.includes(textOf(key))).length
  }

  const send = Effect.fnUntraced(function* (from: Role, bytes: number) {
    const party = parties[from]
    if (!party.heard) return
    const number = frames.length
    const plaintext = concat(u32be(number), new Uint8Array(bytes).fill(number))
    const before = layer.encode(party.state)
    const given = party.state
    const exit = yield* seen(layer.seal(given, plaintext, ASSOCIATED[from].slice()))
    const watched = watching.take()
    encryptions.push(...watched.encryptions)
    sights.push({
      saw: "sealed",
      by: from,
      failed: Exit.isFailure(exit),
      intact: equal(before, layer.encode(given)),
    })
    if (Exit.isFailure(exit)) return
    party.state = exit.value.state
    party.sent += 1
    if (party.answers) party.turn += 1
    party.answers = false
    note(from, watched)
    const frame: Frame = {
      number,
      from,
      bytes: exit.value.ciphertext,
      plaintext,
      sentAt: clock.now,
      turn: party.turn,
      opened: false,
    }
    frames.push(frame)
    underWay[peerOf(from)].push(frame)
    for (const thief of thieves) {
      thief.carried.set(number, thief.word[from])
      if (thief.of === from) {
        // Whoever can foresee the frame knows what went into it.
        const foreseen = yield* unseen(layer.seal(thief.state, plaintext, ASSOCIATED[from].slice()))
        if (Exit.isSuccess(foreseen) && equal(foreseen.value.ciphertext, frame.bytes))
          thief.state = foreseen.value.state
        continue
      }
      const stolen = yield* unseen(layer.open(thief.state, frame.bytes, ASSOCIATED[from].slice()))
      sights.push({ saw: "theft", healed: isHealed(thief, from), opened: Exit.isSuccess(stolen) })
      if (Exit.isSuccess(stolen)) thief.state = stolen.value.state
    }
  })

  const arrive = Effect.fnUntraced(function* (
    to: Role,
    bytes: Uint8Array,
    associated: Uint8Array,
    frame: Frame | undefined,
  ) {
    const party = parties[to]
    const given = party.state
    const before = layer.encode(given)
    const exit = yield* seen(layer.open(given, bytes, associated))
    const watched = watching.take()
    const outcome = outcomeOf(exit, frame?.plaintext)
    sights.push({
      saw: "arrival",
      to,
      frame: frame === undefined ? "forged" : frame.opened ? "repeated" : "fresh",
      promised: frame !== undefined && !frame.opened && isPromised(frame),
      outcome,
      intact: equal(before, layer.encode(given)),
      work: watched.work,
    })
    if (Exit.isFailure(exit)) return
    party.state = exit.value.state
    note(to, watched)
    if (frame === undefined) return
    frame.opened = true
    party.heard = true
    party.answers = true
    for (const thief of thieves) hears(thief, to, frame.number)
  })

  const take = Effect.fnUntraced(function* (step: Step) {
    switch (step.do) {
      case "send":
        for (let i = 0; i < step.count; i++) yield* send(step.from, step.bytes)
        return
      case "deliver": {
        const [frame] = removeAt(underWay[step.to], step.which)
        if (frame === undefined) return
        delivered[step.to].push(frame)
        return yield* arrive(step.to, frame.bytes, ASSOCIATED[frame.from].slice(), frame)
      }
      case "drop":
        removeAt(underWay[step.to], step.which)
        return
      case "repeat": {
        const frame = pick(delivered[step.to], step.which)
        if (frame !== undefined) yield* arrive(step.to, frame.bytes, ASSOCIATED[frame.from].slice(), frame)
        return
      }
      case "corrupt": {
        const frame = pick([...underWay[step.to], ...delivered[step.to]], step.which)
        if (frame === undefined) return
        const [bytes, associated] = corrupt(frame.bytes, ASSOCIATED[frame.from], step.how, step.at)
        return yield* arrive(step.to, bytes, associated, undefined)
      }
      case "reflect": {
        const frame = pick([...underWay[peerOf(step.to)], ...delivered[peerOf(step.to)]], step.which)
        if (frame === undefined) return
        // Under the receiver's own associated data, as a cascade would compute it for what comes in.
        return yield* arrive(step.to, frame.bytes, ASSOCIATED[peerOf(step.to)].slice(), undefined)
      }
      case "leak": {
        const { state } = parties[step.of]
        let openedEarlier = 0
        for (const frame of frames.filter(({ from, opened }) => opened || from === step.of)) {
          const exit = yield* unseen(layer.open(state, frame.bytes, ASSOCIATED[frame.from].slice()))
          if (Exit.isSuccess(exit)) openedEarlier += 1
        }
        sights.push({ saw: "dump", of: step.of, usedKeys: usedKeysIn(step.of), openedEarlier })
        thieves.push(thiefOf(step.of, state))
        return
      }
      case "restore": {
        const party = parties[step.of]
        const encoded = layer.encode(party.state)
        const back = layer.decode(encoded)
        sights.push({ saw: "restored", same: back !== undefined && equal(encoded, layer.encode(back)) })
        if (back !== undefined) party.state = back
        return
      }
      case "wait": {
        clock.now += step.days * DAY
        expiredAt = clock.now
        for (const who of ["inviter", "joiner"] as const) {
          const party = parties[who]
          const before = layer.encode(party.state)
          const kept = layer.view(party.state).skipped
          party.state = layer.expire(party.state, clock.now)
          sights.push({
            saw: "expiry",
            dropped: kept - layer.view(party.state).skipped,
            allOld: promises.lifetime !== undefined && step.days * DAY >= promises.lifetime,
            skipped: layer.view(party.state).skipped,
            grew: layer.encode(party.state).length - before.length,
          })
        }
        return
      }
      case "wearOut": {
        const party = parties[step.of]
        const worn = party.heard ? subject.nearEnd?.(party.state) : undefined
        if (worn === undefined) return
        const last = yield* unseen(layer.seal(worn, Uint8Array.of(1), ASSOCIATED[step.of].slice()))
        const past = Exit.isSuccess(last)
          ? yield* unseen(layer.seal(last.value.state, Uint8Array.of(2), ASSOCIATED[step.of].slice()))
          : last
        sights.push({
          saw: "wornOut",
          last: Exit.isSuccess(last) ? "opened" : "defect",
          past: Exit.isSuccess(past) ? "sealed" : "defect",
        })
      }
    }
  })

  for (const step of steps) yield* take(step)
  for (const who of ["inviter", "joiner"] as const)
    sights.push({ saw: "dump", of: who, usedKeys: usedKeysIn(who), openedEarlier: 0 })
  return { promises, sights, encryptions }
})

const outcomeOf = (exit: Exit.Exit<{ readonly plaintext: Uint8Array }, Refused>, expected?: Uint8Array): Outcome => {
  if (Exit.isSuccess(exit)) {
    return expected !== undefined && equal(exit.value.plaintext, expected) ? "opened" : "otherPlaintext"
  }
  return Exit.hasDies(exit) ? "defect" : "refused"
}

const pick = <A>(from: ReadonlyArray<A>, which: number): A | undefined => from[which % from.length]

const removeAt = <A>(from: Array<A>, which: number): ReadonlyArray<A> =>
  from.length === 0 ? [] : from.splice(which % from.length, 1)

/** One character a byte, so that a search for bytes is a search in text. */
const textOf = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
