/**
 * Opening one message. The machine is told what the message claims and names the key to try; only a message that proves itself
 * by its MAC changes the session. Docs: protocol.md, "Signal layer"; the Double Ratchet specification, §3.4 (RatchetDecrypt).
 *
 * A claim costs work before its MAC can be looked at, as the key of the MAC is the claim: at worst one X25519 agreement and
 * 25,000 steps of either chain. In the cascade such a frame has passed two outer layers first. What a message carries of the
 * braid is looked at once its MAC has proved it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { DoubleRatchetEvent } from "../../../machines/double-ratchet.ts"
import { equal } from "../../crypto/bytes.ts"
import { Crypto, type CryptoService, Refused } from "../../crypto/crypto.ts"
import type { Transition } from "../../host/transition.ts"
import { braidKey, braidReceive } from "./braid.ts"
import { decodeBraidMessage } from "./braid-message.ts"
import { authenticateAndDecrypt, type MessageSeed, messageKeys } from "./message-keys.ts"
import { decodePreKeyMessage, introductionHash, isPreKeyMessage } from "./pre-key-message.ts"
import { advance, countStored, type ReceiverChain, receiverChain, takeStored, withinLimits } from "./receiver-chain.ts"
import { rootStep } from "./root-key.ts"
import { decide, erase, type RatchetCommand, type Session, type SessionKeys } from "./session.ts"
import { decodeSignalMessage, type ReceivedSignalMessage } from "./signal-message.ts"

export interface OpenedMessage {
  readonly session: Session
  readonly plaintext: Uint8Array
  readonly transitions: ReadonlyArray<Transition>
}

/** Opens a Signal message, or a prekey message that repeats the introduction of this very session. */
export const open: (session: Session, message: Uint8Array) => Effect.Effect<OpenedMessage, Refused, Crypto> =
  Effect.fnUntraced(function* (session, bytes) {
    const crypto = yield* Crypto
    const signalMessage = isPreKeyMessage(bytes) ? unwrap(crypto, session, bytes) : bytes
    const message = signalMessage && decodeSignalMessage(signalMessage)
    return message === undefined ? yield* new Refused() : yield* openSignalMessage(session, message)
  })

/** The message inside, if the prekey message belongs to this session. A new session is the handshake's affair. */
const unwrap = (crypto: CryptoService, { introducedBy }: Session, bytes: Uint8Array): Uint8Array | undefined => {
  const outer = introducedBy && decodePreKeyMessage(bytes)
  return outer && equal(introductionHash(crypto, outer), introducedBy) ? outer.message : undefined
}

export const openSignalMessage = Effect.fnUntraced(function* (session: Session, message: ReceivedSignalMessage) {
  const crypto = yield* Crypto
  const { keys } = session
  if (keys === undefined) return yield* new Refused()
  const claim = decide(session, claimOf(keys, message))
  const command = claim.commands[0]
  const braidMessage = message.braid && decodeBraidMessage(message.braid)
  if (command === undefined || braidMessage === undefined) return yield* new Refused()
  const now = yield* Clock.currentTimeMillis

  const braided = braidKey(crypto, keys.braid, braidMessage, now)
  if (braided === undefined) return yield* new Refused()
  const found = yield* keyFor(crypto, keys, command, message, now)
  const tried = messageKeys(crypto, found.seed, braided.key)
  const way = { sender: session.peer, receiver: session.own }
  const plaintext = yield* authenticateAndDecrypt(crypto, tried, way, message)

  const received = yield* braidReceive(crypto, braided.braid, braidMessage)
  const proven = { ...session, keys: { ...found.keys, braid: received.braid } }
  const verdict = decide(proven, verdictOf(command, message, countStored(found.keys.receiving)))
  const opened = verdict.commands.reduce((after, erasure) => erase(after, erasure, now), verdict.session)
  const transitions = [claim.transition, verdict.transition, ...received.transitions]
  return { session: opened, plaintext, transitions } satisfies OpenedMessage
})

/** Which key the message asks for. */
const claimOf = ({ receiving }: SessionKeys, { counter, ratchetKey }: ReceivedSignalMessage): DoubleRatchetEvent => {
  const index = receiving.findIndex((chain) => equal(chain.ratchetKey, ratchetKey))
  const chain = receiving[index]
  if (chain === undefined) return { type: "FrameOfNewChain", counter }
  if (chain.stored.some((stored) => stored.counter === counter)) return { type: "FrameOfStoredKey", counter }
  if (index === 0) return { type: "FrameOfCurrentChain", counter }
  return { type: "FrameOfFormerChain", counter, received: chain.received, last: chain.closed?.last ?? -1 }
}

interface Found {
  readonly seed: MessageSeed
  readonly keys: SessionKeys
}

/** The key that the machine says to try, and what the keys are if it fits. */
const keyFor = (
  crypto: CryptoService,
  keys: SessionKeys,
  command: RatchetCommand,
  { ratchetKey }: ReceivedSignalMessage,
  now: number,
): Effect.Effect<Found, Refused> => {
  const chain = keys.receiving.find((known) => equal(known.ratchetKey, ratchetKey))
  switch (command.type) {
    case "openNewChain":
      return keys.sending === undefined
        ? Effect.fail(new Refused())
        : Effect.flatMap(crypto.x25519.agree(keys.sending.pair.secretKey, ratchetKey), (agreed) => {
            const next = rootStep(crypto, keys.root, agreed)
            const started = receiverChain(ratchetKey, next.chain)
            const grown = { ...keys, root: next.root, receiving: [started, ...keys.receiving] }
            return taken(grown, started, advance(crypto, started, command.params.skip, now))
          })
    case "openCurrentChain":
    case "openFormerChain":
      return taken(keys, chain, chain && advance(crypto, chain, command.params.skip, now))
    case "openWithStoredKey":
      return taken(keys, chain, chain && takeStored(chain, command.params.counter))
    default:
      return Effect.fail(new Refused())
  }
}

/** The keys with `before` replaced by what is left of it. */
const taken = (
  keys: SessionKeys,
  before: ReceiverChain | undefined,
  result: readonly [MessageSeed, ReceiverChain] | undefined,
): Effect.Effect<Found, Refused> => {
  if (result === undefined) return Effect.fail(new Refused())
  const [seed, after] = result
  const receiving = withinLimits(keys.receiving.map((chain) => (chain === before ? after : chain)))
  return Effect.succeed({ seed, keys: { ...keys, receiving } })
}

const verdictOf = (
  command: RatchetCommand,
  { counter, previousCounter: previous }: ReceivedSignalMessage,
  skipped: number,
): DoubleRatchetEvent => {
  if (command.type === "openNewChain") return { type: "NewChainOpened", counter, previous, skipped }
  if (command.type === "openCurrentChain") return { type: "CurrentChainOpened", counter, skipped }
  return { type: "LateFrameOpened", skipped }
}
