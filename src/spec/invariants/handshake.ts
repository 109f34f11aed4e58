/**
 * HS: what pairing upholds against whoever stands between the two, or instead of one of them. Checked on the machines of
 * both sides over arbitrary events, and on whole handshakes. Docs: invariants.md, "Handshake".
 */
import type { Role } from "../../core/ids.ts"
import type { Invariant } from "./invariant.ts"

/** A frame of the handshake. */
export type HandshakeFrame = "hello" | "bundle" | "accept" | "confirm"

/** What an attacker puts in the place of, or beside, a genuine frame. */
export type HandshakeAttack =
  /** Bytes changed, cut or added. */
  | "altered"
  /** Everything genuine but a key that is none. */
  | "invalidKey"
  /** Another version, or other layers than agreed. */
  | "stripped"
  /** A genuine frame once more. */
  | "replayed"
  /** One's own frame back. */
  | "reflected"
  /** Made by who has stolen our own keys, to pass for another. */
  | "impostor"

/** One try of an attacker. */
export interface HandshakeAttempt {
  /** What was done. */
  readonly attack: HandshakeAttack
  /** To which frame, or in place of which. */
  readonly frame: HandshakeFrame
  /** Whether it was taken for the genuine one. */
  readonly taken: boolean
  /** Whether anything durable is different after it, but how often and which way something is repeated. */
  readonly changed: boolean
}

/** What one side came to. */
export interface HandshakeEnd {
  /** Which side it is. */
  readonly role: Role
  /** Whether it has come to its end. */
  readonly established: boolean
  /**
   * Digest, taken by the observer, of all that its keys have to be bound to: the messages as it knows them, who said them, the
   * suites, and its channel binding. Undefined before it has agreed to any keys.
   */
  readonly heard: string | undefined
  /** Sessions that it has told its user of. */
  readonly sessions: number
}

/** What became of the one-time keys of one handshake. */
export interface OneTimeKeys {
  /** Names them for ever: digest of the public halves with their ids. */
  readonly id: string
  /** Keys that were derived from them. */
  readonly agreements: number
  /** Whether the secret halves are still kept after that. */
  readonly kept: boolean
}

/** What became of a key that was made before anybody asked for it. */
export interface KeyMadeAhead {
  /** Pairings that were given it. */
  readonly pairings: number
  /** Healings that were. */
  readonly healings: number
  /** Whether its secret half is in memory after the storage was closed, though nobody was given it. */
  readonly left: boolean
}

/** All that was seen of a handshake, from the outside. */
export interface HandshakeObservation {
  /** One or both sides. */
  readonly ends: ReadonlyArray<HandshakeEnd>
  /** Whether what one end seals the other opens; undefined where nobody has tried. */
  readonly keysMatch: boolean | undefined
  /** All that was tried. */
  readonly attempts: ReadonlyArray<HandshakeAttempt>
  /** Of every invite. */
  readonly oneTime: ReadonlyArray<OneTimeKeys>
  /** What was made ahead. */
  readonly ahead: ReadonlyArray<KeyMadeAhead>
  /** Whether both are connected by honest links in the end, and have had all the time they need. */
  readonly atRest: boolean
}

/** To begin with. */
export const NO_HANDSHAKE: HandshakeObservation = {
  ends: [],
  keysMatch: undefined,
  attempts: [],
  oneTime: [],
  ahead: [],
  atRest: false,
}

const none = (
  { attempts }: HandshakeObservation,
  attack: HandshakeAttack,
  wrong: (attempt: HandshakeAttempt) => boolean,
): boolean => attempts.every((attempt) => attempt.attack !== attack || !wrong(attempt))

const hasEffect = ({ changed, taken }: HandshakeAttempt): boolean => taken || changed

const heardTheSame = ({ ends }: HandshakeObservation): boolean => new Set(ends.map(({ heard }) => heard)).size <= 1

/** HS: see invariants.md, "Handshake". */
export const handshakeInvariants: ReadonlyArray<Invariant<HandshakeObservation>> = [
  {
    id: "HS-1",
    says: "An altered byte anywhere makes no session and changes nothing",
    holds: (observation) => none(observation, "altered", hasEffect),
  },
  {
    id: "HS-2",
    says: "Keys match if and only if transcripts do",
    holds: (observation) => {
      const { ends, keysMatch } = observation
      const haveAgreed = ends.length === 2 && ends.every(({ heard }) => heard !== undefined)
      if (!haveAgreed) return !ends.some(({ established }) => established) || ends.length < 2
      const same = heardTheSame(observation)
      return (keysMatch === undefined || keysMatch === same) && (same || ends.every(({ established }) => !established))
    },
  },
  {
    id: "HS-3",
    says: "Low-order points, keys without a canonical encoding and invalid ML-KEM keys are refused",
    holds: (observation) => none(observation, "invalidKey", hasEffect),
  },
  {
    id: "HS-4",
    says: "A stripped layer or another version aborts",
    holds: (observation) => none(observation, "stripped", hasEffect),
  },
  {
    id: "HS-5",
    says: "A replayed message creates nothing",
    holds: (observation) =>
      none(observation, "replayed", ({ changed }) => changed) &&
      observation.ends.every(({ sessions }) => sessions <= 1),
  },
  {
    id: "HS-6",
    says: "One-time keys die on use, and their ids never recur",
    holds: ({ oneTime }) =>
      new Set(oneTime.map(({ id }) => id)).size === oneTime.length &&
      oneTime.every(({ agreements, kept }) => agreements <= 1 && (agreements === 0 || !kept)),
  },
  {
    id: "HS-7",
    says: "One's own stolen keys do not let the thief pass for others",
    holds: (observation) => none(observation, "impostor", hasEffect),
  },
  {
    id: "HS-8",
    says: "However often both start, they come to one session",
    holds: (observation) =>
      !observation.atRest ||
      (heardTheSame(observation) &&
        observation.ends.every(({ established, sessions }) => established && sessions === 1)),
  },
  {
    id: "HS-9",
    says: "A reflected message is refused",
    holds: (observation) => none(observation, "reflected", hasEffect),
  },
  {
    id: "HS-10",
    says: "A key made ahead goes to one pairing and to no healing, and is wiped when the storage closes",
    holds: ({ ahead }) => ahead.every(({ healings, left, pairings }) => pairings <= 1 && healings === 0 && !left),
  },
]
