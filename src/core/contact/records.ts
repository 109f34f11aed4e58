/**
 * The records of a contact: their names, and the canonical bytes in them. Docs: protocol.md, "At rest".
 */
import { bool, bytes, choice, codec, fixed, text, uint, type Value } from "../codec/codec.ts"
import { list, optional, struct } from "../codec/composite.ts"
import {
  MAX_EMOJI_BYTES,
  MAX_NAME_BYTES,
  MAX_TEXT_BYTES,
  MAX_TIME,
  MAX_TIMER,
  MAX_TIMER_CHANGES,
  REASON_NUMBERS,
  resumeShape,
  timerShape,
} from "../content.ts"
import { MAX_HELLO } from "../frame.ts"
import { MAX_BINDING_BYTES } from "../handshake/transcript.ts"
import { ROLE_NUMBERS } from "../ids.ts"
import { LAYER_NAMES } from "../layers/cascade.ts"
import type { RecordId } from "../store.ts"

const time = uint(MAX_TIME)
const address = struct({ kind: [1, text(16)], at: [2, bytes(160)] })

/** What a contact is, apart from its conversation. */
const aboutShape = struct({
  role: [1, choice(ROLE_NUMBERS)],
  createdAt: [2, time],
  /** What they call themselves, or what the invite claimed. */
  name: [3, text(MAX_NAME_BYTES)],
  pairedAt: [4, optional(time)],
  /** When our user compared the safety number. */
  comparedAt: [5, optional(time)],
  /** Where we listen for this contact, one address a transport. */
  own: [6, list(address, 4)],
  /** Where the peer listens. */
  peer: [7, list(address, 4)],
})
export type About = Value<typeof aboutShape>
export const about = codec(aboutShape, 4_096)

/** One entry of the conversation, as it is shown. */
const entryShape = struct({
  mine: [1, bool],
  id: [2, fixed(16)],
  number: [3, uint()],
  at: [4, time],
  text: [5, text(MAX_TEXT_BYTES)],
  gap: [6, uint()],
  /** The id of the message that it answers. */
  replyTo: [7, optional(fixed(16))],
  /** Its text was replaced; its sender took it back; it disappeared before the peer had it. */
  became: [8, optional(choice({ edited: 1, deleted: 2, expired: 3 }))],
  myReaction: [9, optional(text(MAX_EMOJI_BYTES))],
  theirReaction: [10, optional(text(MAX_EMOJI_BYTES))],
  /** When it disappears; of a line, the timer that was set. */
  timer: [11, optional(timerShape)],
  /** When that is, once it is counted. */
  due: [12, optional(time)],
  /** No message, but a line that says what happened. Absent: a text. */
  line: [13, optional(choice({ timer: 1, healed: 2, replaced: 3 }))],
  /** Of a line that keys were agreed anew: why. */
  healed: [14, optional(choice(REASON_NUMBERS))],
})
export type Entry = Value<typeof entryShape>
export const entry = codec(entryShape, MAX_TEXT_BYTES + 384)

/** A numbered content of ours until the peer has it. */
const outgoingShape = struct({
  content: [1, bytes(MAX_TEXT_BYTES + 128)],
  /** When the peer need not have it any more. */
  until: [2, optional(time)],
  /** Of a text: its place in the history. */
  index: [3, optional(uint())],
  /** What it counts for in the queue, in bytes: as long as it was when it was accepted. */
  weight: [4, optional(uint())],
})
export type Outgoing = Value<typeof outgoingShape>
export const outgoing = codec(outgoingShape, MAX_TEXT_BYTES + 256)

/** The last timer setting of one side. */
const settingShape = struct({
  timer: [1, optional(timerShape)],
  own: [2, uint(MAX_TIMER_CHANGES)],
  seen: [3, uint(MAX_TIMER_CHANGES)],
})
export type Setting = Value<typeof settingShape>
const settingsShape = struct({ mine: [1, optional(settingShape)], theirs: [2, optional(settingShape)] })
export type Settings = Value<typeof settingsShape>
export const settings = codec(settingsShape, 128)

/** Where a message of this id is in the history; what it is counted by, so that a clock set back prolongs nothing. */
export const placeOf = codec(uint(), 9)
export const countedFor = codec(uint(MAX_TIMER), 9)
/** A moment, or a place. */
export const moment = codec(time, 9)

/** What is remembered of a frame that was opened, so that its repetition is known though its key is gone. */
const seenShape = struct({ digest: [1, fixed(16)], numbered: [2, bool] })
export const seen = codec(seenShape, 64)

/** Hellos that an Accept may still answer: a peer makes one for each link, and may have heard our answer to any of them. */
const MAX_GREETINGS = 4

/** A Hello, the channel binding of the link that it first came over, and the nonce of the Bundle that answers it. */
const greetingShape = struct({
  hello: [1, bytes(MAX_HELLO)],
  binding: [2, bytes(MAX_BINDING_BYTES)],
  nonce: [3, fixed(32)],
})
export type Greeting = Value<typeof greetingShape>
const greetingsShape = codec(list(greetingShape, MAX_GREETINGS), MAX_GREETINGS * (MAX_HELLO + MAX_BINDING_BYTES + 64))
/** The latest ones, in the order in which they first came. */
export const greetings = {
  form: greetingsShape.form,
  encode: (all: ReadonlyArray<Greeting>) => greetingsShape.encode(all.slice(-MAX_GREETINGS)),
  decode: greetingsShape.decode,
}

/** Why a message of ours will not arrive. */
const outcomeShape = choice({ failed: 1, expired: 2 })
export const outcome = codec(outcomeShape, 1)

/** Recovery secrets that are kept: the newest, and a few before it for a peer whose state is older. */
export const MAX_RECOVERY_SECRETS = 4
const pairingSecretShape = struct({ id: [1, fixed(16)], secret: [2, fixed(32)] })
export const pairingSecret = codec(pairingSecretShape, 64)
/** The newest first. */
export const recoverySecrets = codec(list(pairingSecretShape, MAX_RECOVERY_SECRETS), MAX_RECOVERY_SECRETS * 64)

/** Lives of a process that are named to the peer: more than ever pass without one of them being heard. */
export const MAX_LIVES = 16
/** The latest lives in which this side spoke, the newest last; 16 bytes each. */
export const lives = codec(list(fixed(16), MAX_LIVES), MAX_LIVES * 20)

/** What we asked over a link: the message, its challenge, the channel binding, and how much we had received when we asked. */
const askedShape = struct({
  message: [1, bytes(MAX_HELLO)],
  challenge: [2, fixed(16)],
  binding: [3, bytes(MAX_BINDING_BYTES)],
  received: [4, uint()],
  answered: [5, bool],
  /** How often we asked. */
  times: [6, uint()],
  /** Whether what was told is a reason to agree new keys with whoever told it. */
  heals: [7, optional(bool)],
  /** Whether we had taken up new keys then and did not know yet that the peer had. */
  early: [8, optional(bool)],
  /** Whether an Accept was taken since: the Hello that it belongs to is the last that this question allows. */
  spent: [9, optional(bool)],
})
export type Asked = Value<typeof askedShape>
export const asked = codec(askedShape, MAX_HELLO + MAX_BINDING_BYTES + 64)

/** What the peer asked over a link, and the name of the secret under which they did. */
export const challenged = codec(struct({ id: [1, fixed(16)], challenge: [2, fixed(16)] }), 64)

export const resume = codec(resumeShape, 128)

const sorted = (number: number): string => String(number).padStart(10, "0")

export const RECORD = {
  about: "about",
  /** Our display name, as this contact was last told. */
  ownName: "own-name",
  /** The invite's text; erased once paired. */
  invite: "handshake/invite",
  hello: "handshake/hello",
  greetings: "handshake/greetings",
  bundle: "handshake/bundle",
  accept: "handshake/accept",
  confirm: "handshake/confirm",
  binding: "handshake/binding",
  ownStatics: "keys/own",
  peerStatics: "keys/peer",
  oneTime: "keys/one-time",
  /** Take the place of the invite's secret when this contact agrees keys anew. */
  recovery: "keys/recovery",
  /** Those of keys that the peer may have taken up since, though we did not come so far. */
  offered: "keys/offered",
  /** Those that were offered in vain before the newest were agreed: somebody else may have taken them up. */
  passed: "keys/passed",
  /** An identity of the peer that is not the one we know, until our user has decided. */
  candidate: "keys/candidate",
  ownLives: "life/own",
  /** That one of them for which the peer vouched last. */
  vouched: "life/vouched",
  /** The peer's life that we vouched for last, after those that it named before it. */
  peerLives: "life/peer",
  asked: (link: string): RecordId => `standing/asked/${link}`,
  challenged: (link: string): RecordId => `standing/challenged/${link}`,
  tell: (link: string): RecordId => `standing/tell/${link}`,
  transcript: "layer/transcript",
  /** The first 16 bytes of the hash of the joiner's Confirm that was taken beside a session, to know it again. */
  confirmed: "layer/confirmed",
  rekey: "rekey/pending",
  history: (index: number): RecordId => `history/${sorted(index)}`,
  outgoing: (number: number): RecordId => `outgoing/${sorted(number)}`,
  incoming: (number: number): RecordId => `incoming/${sorted(number)}`,
  outcome: (number: number): RecordId => `outcome/${sorted(number)}`,
  frame: (name: number | string): RecordId => `frame/${name}`,
  seen: (counter: number): RecordId => `seen/${sorted(counter)}`,
  /** `id` in hexadecimal digits. */
  message: (id: string): RecordId => `message/${id}`,
  /** The last timer setting of either side. */
  timer: "timer",
  /** Sorted by the time at which the entry of the history disappears. */
  expiry: (due: number, index = 0): RecordId => `expiry/${String(due).padStart(16, "0")}/${sorted(index)}`,
  /** The latest time at which anything was counted. */
  clock: "clock",
  /** Entries of the history before this place are to be erased. */
  cleared: "cleared",
} as const

/** Where a handshake keeps what it has. */
export interface Desk {
  readonly hello: RecordId
  readonly greetings: RecordId
  readonly bundle: RecordId
  readonly accept: RecordId
  readonly confirm: RecordId
  readonly binding: RecordId
  readonly oneTime: RecordId
  /** What the names of the layers' records begin with. */
  readonly layers: string
  readonly transcript: RecordId
}

const deskOf = (prefix: string) =>
  ({
    hello: `${prefix}/hello`,
    greetings: `${prefix}/greetings`,
    bundle: `${prefix}/bundle`,
    accept: `${prefix}/accept`,
    confirm: `${prefix}/confirm`,
    binding: `${prefix}/binding`,
  }) as const

/** Where pairing keeps what it has. */
export const FIRST = {
  ...deskOf("handshake"),
  oneTime: RECORD.oneTime,
  layers: "layer/",
  transcript: RECORD.transcript,
} as const
/** Where a handshake beside a running session keeps what it has: also the keys, until both sides have shown them. */
export const AGAIN = {
  ...deskOf("healing"),
  oneTime: "healing/one-time",
  layers: "healing/layer/",
  transcript: "healing/layer/transcript",
  /** The recovery secret in whose name it is. */
  secret: "healing/secret",
  /** The next one, which follows from it. */
  recovery: "healing/recovery",
  resume: "healing/resume",
  peerResume: "healing/peer-resume",
} as const
/** What dies with a handshake beside a running session. */
export const HEALING_RECORDS: ReadonlyArray<RecordId> = [
  ...Object.values(AGAIN).filter((record) => record !== AGAIN.layers),
  ...LAYER_NAMES.map((layer) => `${AGAIN.layers}${layer}`),
]

/** The records that die with pairing: nothing of them is needed, and some of them are secret. */
export const HANDSHAKE_RECORDS: ReadonlyArray<RecordId> = [
  RECORD.invite,
  FIRST.hello,
  FIRST.greetings,
  FIRST.bundle,
  FIRST.accept,
  FIRST.confirm,
  FIRST.binding,
  FIRST.oneTime,
]

/** A history record's position, as a cursor: opaque to users, ordered as text. */
export const cursorOf = (index: number): string => sorted(index)
export const indexOf = (cursor: string): number | undefined => (/^\d{10}$/.test(cursor) ? Number(cursor) : undefined)
