/**
 * A session as the canonical bytes of its record. Docs: protocol.md, "Signal layer". The statechart's counters and the keys are
 * checked against each other when they are read: a record that contradicts itself is no session.
 */
import type { StateValue } from "xstate"
import { MAX_COUNTER } from "../../../machines/double-ratchet.ts"
import { choice, codec, fixed, INVALID, type Shape, uint } from "../../codec/codec.ts"
import { list, optional, struct } from "../../codec/composite.ts"
import { braidShape } from "./braid-state.ts"
import { chainKey } from "./chain-key.ts"
import { KEY_BYTES } from "./curve-key.ts"
import { messageSeed } from "./message-keys.ts"
import { KYBER_CIPHERTEXT_BYTES } from "./pre-key-message.ts"
import { keyPairShape } from "./pre-keys.ts"
import { countStored, MAX_RECEIVER_CHAINS, MAX_STORED_SEEDS, type ReceiverChain } from "./receiver-chain.ts"
import { rootKey } from "./root-key.ts"
import { secret } from "./secret-shape.ts"
import { type Session, stateName } from "./session.ts"

/**
 * 2,000 stored seeds of at most 52 bytes in each of five chains, and as many braid keys in each of three epochs, come to 832,000
 * bytes; all the rest to some 8,000. In the cascade the outer layers let no more than a quarter of that come about.
 */
const MAX_STATE = 1024 * 1024

/** The states a session rests in: `agreeing` and `answering` are over before it is stored. */
const STATE_NUMBERS = {
  initiating: 1,
  awaitingAnswer: 2,
  "conversing.ourTurn": 3,
  "conversing.theirTurn": 4,
  abandoned: 5,
} as const

const VALUES: Readonly<Record<keyof typeof STATE_NUMBERS, StateValue>> = {
  initiating: "initiating",
  awaitingAnswer: "awaitingAnswer",
  "conversing.ourTurn": { conversing: "ourTurn" },
  "conversing.theirTurn": { conversing: "theirTurn" },
  abandoned: "abandoned",
}

const names = choice(STATE_NUMBERS)
const stateValue: Shape<StateValue> = {
  depth: 0,
  form: names.form,
  write: (writer, value) => names.write(writer, stateName(value) as keyof typeof STATE_NUMBERS),
  read: (reader) => {
    const name = names.read(reader)
    return name === INVALID ? INVALID : VALUES[name]
  },
}

const key = fixed(KEY_BYTES)
const counter = uint(MAX_COUNTER)
/** The counter after the last one is one more than fits the wire. */
const nextCounter = uint(MAX_COUNTER + 1)

const chain = struct({
  ratchetKey: [1, key],
  key: [2, optional(secret(chainKey))],
  received: [3, nextCounter],
  closed: [4, optional(struct({ last: [1, counter], at: [2, uint()] }))],
  stored: [
    5,
    list(struct({ counter: [1, counter], seed: [2, secret(messageSeed)], storedAt: [3, uint()] }), MAX_STORED_SEEDS),
  ],
})

const record = codec(
  struct({
    ratchet: [
      1,
      struct({
        value: [1, stateValue],
        context: [
          2,
          struct({
            sent: [1, nextCounter],
            previous: [2, counter],
            received: [3, nextCounter],
            epoch: [4, uint()],
            skipped: [5, uint(MAX_RECEIVER_CHAINS * MAX_STORED_SEEDS)],
            sealed: [6, uint()],
            opened: [7, uint()],
          }),
        ],
      }),
    ],
    own: [2, key],
    peer: [3, key],
    keys: [
      4,
      optional(
        struct({
          root: [1, secret(rootKey)],
          sending: [2, optional(struct({ pair: [1, keyPairShape], chain: [2, secret(chainKey)] }))],
          receiving: [3, list(chain, MAX_RECEIVER_CHAINS)],
          braid: [4, braidShape],
        }),
      ),
    ],
    introduction: [
      5,
      optional(
        struct({
          preKeyId: [1, optional(counter)],
          signedPreKeyId: [2, counter],
          kyberPreKeyId: [3, counter],
          kyberCiphertext: [4, fixed(KYBER_CIPHERTEXT_BYTES)],
          baseKey: [5, key],
          since: [6, uint()],
        }),
      ),
    ],
    introducedBy: [6, optional(key)],
  }),
  MAX_STATE,
)

/** For explaining the bytes of one. */
export const sessionForm = record.form

export const encodeSession = (session: Session): Uint8Array =>
  record.encode(session as Parameters<typeof record.encode>[0])

export const decodeSession = (bytes: Uint8Array): Session | undefined => {
  const decoded = record.decode(bytes)
  if (decoded === undefined) return undefined
  const { introducedBy, introduction, keys, own, peer, ratchet } = decoded
  const session: Session = {
    ratchet,
    own,
    peer,
    keys: keys && {
      root: keys.root,
      sending: keys.sending,
      receiving: keys.receiving.map((it) => ({ ...it, key: it.key, closed: it.closed })),
      braid: keys.braid,
    },
    introduction,
    introducedBy,
  }
  return isConsistent(session) ? session : undefined
}

const isConsistent = ({ introducedBy, introduction, keys, ratchet: { context, value } }: Session): boolean => {
  const name = stateName(value)
  if (keys === undefined || name === "abandoned")
    return keys === undefined && name === "abandoned" && introduction === undefined && introducedBy === undefined
  const isUnanswered = name === "initiating" || name === "awaitingAnswer"
  const [newest, ...former] = keys.receiving
  return (
    (introduction !== undefined) === isUnanswered &&
    (introducedBy === undefined || !isUnanswered) &&
    (keys.sending === undefined) === (name === "conversing.ourTurn") &&
    newest !== undefined &&
    newest.received === context.received &&
    newest.key !== undefined &&
    newest.closed === undefined &&
    former.every(({ closed }) => closed !== undefined) &&
    keys.receiving.every(isOrdered) &&
    countStored(keys.receiving) === context.skipped
  )
}

/** Stored counters ascend, and all of them have been passed. */
const isOrdered = ({ received, stored }: ReceiverChain): boolean =>
  stored.every(({ counter: at }, i) => at < (stored[i + 1]?.counter ?? received))
