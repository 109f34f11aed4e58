/**
 * Plays a game on a cascade: two parties speak, and an adversary who holds some layers whole tries to read, to forge, to
 * replay and to rearrange. Writes down what an all-seeing observer sees. Docs: invariants.md, CA.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { concat, equal, toBase64url, u32be } from "../../core/crypto/bytes.ts"
import { Crypto } from "../../core/crypto/crypto.ts"
import { type Direction, peerOf, type Role, receivedBy, sentBy } from "../../core/ids.ts"
import { LAYER_NAMES } from "../../core/layers/cascade.ts"
import type { LayerName } from "../../core/layers/layer.ts"
import { type Core, hollow, looksAlike, opensElsewhere, outside, peel, wrap } from "./adversary.ts"
import type { Attempt, Binding, CascadeObservation, Game } from "./cascade-observation.ts"
import { type AnyLayer, type AnyState, type CascadeSubject, withIdentity } from "./cascade-subject.ts"
import { corrupt } from "./corruption.ts"
import type { Move } from "./moves.ts"
import { watch } from "./watch.ts"

export type { Attempt, Binding, CascadeObservation, Game } from "./cascade-observation.ts"

/** Every game in which the adversary holds three layers, betrayed or broken, and the one in which it holds none. */
export const GAMES: ReadonlyArray<Game> = [
  { honest: "aes", given: [], broken: false },
  ...[false, true].flatMap((broken) =>
    LAYER_NAMES.map((honest) => ({ honest, given: LAYER_NAMES.filter((name) => name !== honest), broken })),
  ),
]

interface Sent {
  readonly content: Uint8Array
  readonly frame: Uint8Array
  readonly core: Core | undefined
  opened: boolean
}

const SIDES: ReadonlyArray<Role> = ["inviter", "joiner"]

/** Plays the moves. Never fails: faults are in the observation. */
export const playGame = Effect.fnUntraced(function* (
  whole: CascadeSubject,
  game: Game,
  moves: ReadonlyArray<Move>,
): Effect.fn.Return<CascadeObservation, never, Crypto> {
  const { given, honest } = game
  const subject = game.broken ? withIdentity(whole, given) : whole
  const { layers } = subject
  const crypto = yield* Crypto
  const keys: Array<CascadeObservation["keys"][number]> = []
  const bindings: Array<Binding> = []
  const speaking = { session: "", direction: "inviterToJoiner" as Direction }
  const overheard = (name: LayerName): AnyLayer => {
    const layer: AnyLayer = layers[name]
    const watching = watch(crypto)
    return {
      ...layer,
      seal: (state, plaintext, associated) =>
        Effect.suspend(() => {
          bindings.push({ ...speaking, layer: name, associated: toBase64url(associated) })
          return Effect.provideService(layer.seal(state, plaintext, associated), Crypto, watching.crypto)
        }).pipe(
          Effect.tap(() =>
            Effect.sync(() => {
              const { cipherKeys, derivationKeys } = watching.take()
              // A salt of zeros is no key.
              const used = [...cipherKeys, ...derivationKeys].filter((key) => key.some((byte) => byte !== 0))
              keys.push(...used.map((key) => ({ layer: name, key: toBase64url(key) })))
            }),
          ),
        ),
      open: (state, ciphertext, associated) =>
        Effect.suspend(() => {
          bindings.push({ ...speaking, layer: name, associated: toBase64url(associated) })
          return layer.open(state, ciphertext, associated)
        }),
    }
  }
  const cascade = subject.compose({
    mls: overheard("mls"),
    signal: overheard("signal"),
    kem: overheard("kem"),
    aes: overheard("aes"),
  })

  const states: Record<Role, AnyState> = { ...(yield* subject.establish) }
  const heard: Record<Role, boolean> = { inviter: true, joiner: false }
  const sent: Record<Role, Array<Sent>> = { inviter: [], joiner: [] }
  const attempts: Array<Attempt> = []
  const peeks: Array<{ readonly readable: boolean }> = []
  const wires: Array<CascadeObservation["wires"][number]> = []
  const refusals: Array<string> = []

  const encoded = (state: AnyState): Uint8Array => {
    const records = cascade.encode(state)
    return concat(...LAYER_NAMES.map((name) => records[name]))
  }
  const speak = (direction: Direction, state: AnyState): void => {
    speaking.direction = direction
    speaking.session = toBase64url(state.transcript)
  }

  const send = Effect.fnUntraced(function* (from: Role, length: number) {
    if (!heard[from]) return
    const content = concat(u32be(sent[from].length), crypto.random(MARK_BYTES), new Uint8Array(length))
    speak(sentBy(from), states[from])
    const exit = yield* Effect.exit(cascade.seal(states[from], content))
    if (Exit.isFailure(exit)) {
      attempts.push({ attack: "none", outcome: "defect", genuine: true, again: false, intact: true })
      return
    }
    states[from] = exit.value.state
    const frame = exit.value.ciphertext
    const core = yield* peel(layers, honest, states[peerOf(from)], frame)
    sent[from].push({ content, frame, core, opened: false })
    wires.push({ content: content.length, wire: frame.length })
    if (core === undefined) return
    const readable =
      indexOf(core.ciphertext, content.slice(0, 4 + MARK_BYTES)) >= 0 ||
      (yield* opensElsewhere(layers, given, [states.inviter, states.joiner], core))
    peeks.push({ readable })
  })

  const arrive = Effect.fnUntraced(function* (
    to: Role,
    frame: Uint8Array | undefined,
    attack: Attempt["attack"],
    state: AnyState = states[to],
  ) {
    if (frame === undefined) return
    const before = encoded(state)
    speak(receivedBy(to), state)
    const exit = yield* Effect.exit(cascade.open(state, frame))
    const intact = equal(before, encoded(state))
    if (Exit.isFailure(exit)) {
      refusals.push(textOf(exit))
      const outcome = Exit.hasDies(exit) ? "defect" : "refused"
      attempts.push({ attack, outcome, genuine: false, again: false, intact })
      return
    }
    const message = sent[peerOf(to)].find(({ content }) => equal(content, exit.value.content))
    const isHere = state === states[to]
    attempts.push({
      attack,
      outcome: "opened",
      genuine: message !== undefined && isHere,
      again: message?.opened === true,
      intact,
    })
    if (message === undefined || !isHere) return
    message.opened = true
    states[to] = exit.value.state
    heard[to] = true
  })

  const play = Effect.fnUntraced(function* (move: Move) {
    if (move.do === "send") return yield* send(move.from, move.bytes)
    const { to } = move
    const from = peerOf(to)
    const peer = states[from]
    const pick = (which: number, by = from): Sent | undefined => sent[by][which % sent[by].length]
    const outer = outside(honest)
    const rewrapped = (core: Core | undefined, names = outer) =>
      core === undefined || given.length === 0 ? Effect.succeed(undefined) : wrap(layers, peer, core, names)

    switch (move.do) {
      case "deliver":
        return yield* arrive(to, pick(move.which)?.frame, "none")
      case "repeat": {
        const frame = sent[from].filter(({ opened }) => opened)
        return yield* arrive(to, frame[move.which % frame.length]?.frame, "repeat")
      }
      case "tamper": {
        const message = pick(move.which)
        const bytes = move.deep ? message?.core?.ciphertext : message?.frame
        if (bytes === undefined || bytes.length === 0) return
        const [altered] = corrupt(bytes, NOTHING, move.how, move.at)
        const bucket = message?.core?.bucket ?? 0
        const frame = move.deep ? yield* rewrapped({ ciphertext: altered, bucket }) : altered
        return yield* arrive(to, frame, "tamper")
      }
      case "splice":
        return yield* arrive(to, yield* rewrapped(pick(move.which)?.core), "splice")
      case "reflect": {
        const own = pick(move.which, to)
        return yield* arrive(to, move.deep ? yield* rewrapped(own?.core) : own?.frame, "reflect")
      }
      case "remove": {
        if (given.length === 0) return
        const core = yield* hollow(layers, peer, honest, crypto.random(move.bytes))
        return yield* arrive(to, yield* rewrapped(core), "remove")
      }
      case "removeOuter": {
        const names = outer.filter((_, i) => i !== move.layer % outer.length)
        if (outer.length > 0) yield* arrive(to, yield* rewrapped(pick(move.which)?.core, names), "removeOuter")
        return
      }
      case "double": {
        const names = outer.flatMap((name, i) => (i === move.layer % outer.length ? [name, name] : [name]))
        if (outer.length > 0) yield* arrive(to, yield* rewrapped(pick(move.which)?.core, names), "double")
        return
      }
      case "reorder":
        if (outer.length > 1) {
          yield* arrive(to, yield* rewrapped(pick(move.which)?.core, outer.toReversed()), "reorder")
        }
        return
      case "otherSession": {
        const transcript = states[to].transcript.map((byte, i) => (i === move.which ? byte ^ 1 : byte))
        return yield* arrive(to, pick(move.which)?.frame, "otherSession", { ...states[to], transcript })
      }
      case "invent":
        return yield* arrive(to, crypto.random(move.bytes), "invent")
    }
  })

  for (const move of moves) yield* play(move)
  const views: Array<{ readonly differ: boolean }> = []
  for (const side of SIDES.filter((side) => heard[side])) {
    const alike = yield* looksAlike(layers, honest, states[side], [crypto.random(24), crypto.random(64)])
    views.push({ differ: !alike })
  }
  const records = SIDES.flatMap((side) => {
    const record = cascade.encode(states[side])
    return LAYER_NAMES.map((name) => {
      const back = layers[name].decode(record[name])
      return {
        layer: name,
        same: back !== undefined && equal(layers[name].encode(back), record[name]),
        trailing: layers[name].decode(concat(record[name], Uint8Array.of(0))) !== undefined,
      }
    })
  })
  return { game, attempts, peeks, views, wires, refusals, keys, bindings, records }
})

/** Enough that no ciphertext holds them by chance. */
const MARK_BYTES = 12

const NOTHING = new Uint8Array(0)

/** All that a caller could learn from a failure. */
const textOf = (exit: Exit.Failure<unknown, unknown>): string =>
  exit.cause.reasons.map((reason) => (reason._tag === "Fail" ? describe(reason.error) : reason._tag)).join()

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name} ${error.message} ${JSON.stringify(error)}` : String(error)

const indexOf = (bytes: Uint8Array, wanted: Uint8Array): number => {
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at
  }
  return -1
}
