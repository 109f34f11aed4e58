/**
 * The braid in a session, Signal's sparse post-quantum ratchet: what each message carries of it, and the key that each message
 * gets from it. The machine decides, the functions here carry out its commands. Docs: protocol.md, "Signal layer"; the ML-KEM
 * Braid specification, §2.5; the Double Ratchet specification, §5.
 */
import * as Effect from "effect/Effect"
import type { BraidEvent } from "../../../machines/braid.ts"
import { concat, equal } from "../../crypto/bytes.ts"
import { type CryptoService, Refused } from "../../crypto/crypto.ts"
import {
  belongs,
  encapsulateFirst,
  encapsulateSecond,
  HEADER_BYTES,
  RANDOMNESS_BYTES,
  SECOND_CIPHERTEXT_BYTES,
  splitKey,
} from "../../crypto/ml-kem-incremental.ts"
import type { Transition } from "../../host/transition.ts"
import { epochSecret, macOfCiphertext, macOfHeader, updateAuthenticator } from "./braid-authenticator.ts"
import { addEpoch, type BraidKey, nextSendingKey, receivingKey } from "./braid-chains.ts"
import { type BraidMessage, encodeBraidMessage, type Payload } from "./braid-message.ts"
import { type Braid, type BraidCommand, decideBraid, forget, type Material } from "./braid-state.ts"
import { type Chunk, chunkOf, rebuild } from "./chunks.ts"

/** FIPS 203's d ‖ z. */
const KEM_SEED_BYTES = 64

export interface BraidSent {
  readonly braid: Braid
  /** For field 5. */
  readonly message: Uint8Array
  /** What salts the message's keys. */
  readonly key: BraidKey
  readonly transitions: ReadonlyArray<Transition>
}

/** What the next message carries, and its key. A chain that is used up (2³² messages in one epoch) is a defect. */
export const braidSend = Effect.fnUntraced(function* (crypto: CryptoService, braid: Braid) {
  const { commands, machine, transition } = decideBraid(braid.machine, { type: "SendAsked" })
  let next: Braid = { ...braid, machine }
  let payload: Payload | undefined
  for (const command of commands) {
    next = yield* Effect.orDie(carryOut(crypto, next, command))
    payload ??= payloadOf(next.material, command)
  }
  // The peer knows the secret of the epoch before the one that is being agreed (§1.1, sending_epoch).
  const { epoch } = machine.context
  const sending = nextSendingKey(crypto, next.chains, epoch - 1)
  if (sending === undefined || payload === undefined) return yield* Effect.die(new RangeError("the braid cannot send"))
  const { chains, index, key } = sending
  const message = encodeBraidMessage({ epoch, index, payload })
  return { braid: forget({ ...next, chains }), message, key, transitions: [transition] } satisfies BraidSent
})

/** The key of a message that came, which must prove itself with it before the rest of it is looked at. */
export const braidKey = (
  crypto: CryptoService,
  braid: Braid,
  { epoch, index }: BraidMessage,
  now: number,
): { readonly braid: Braid; readonly key: BraidKey } | undefined => {
  const found = receivingKey(crypto, braid.chains, epoch - 1, index, now)
  return found && { braid: { ...braid, chains: found.chains }, key: found.key }
}

/** The braid after what the message carries. Refuses what a peer that keeps to the protocol does not send. */
export const braidReceive = Effect.fnUntraced(function* (crypto: CryptoService, braid: Braid, message: BraidMessage) {
  const transitions: Array<Transition> = []
  let next = braid
  for (let event: BraidEvent | undefined = arrivalOf(braid, message); event !== undefined; ) {
    const { commands, machine, transition } = decideBraid(next.machine, event)
    next = { ...next, machine }
    if (commands.length > 0 || transition.from !== transition.to) transitions.push(transition)
    event = undefined
    for (const command of commands) {
      next = yield* carryOut(crypto, next, command, chunkIn(message.payload))
      event = verdictOf(command) ?? event
    }
  }
  return { braid: forget(next), transitions }
})

const chunkIn = (payload: Payload): Chunk | undefined => ("chunk" in payload ? payload.chunk : undefined)

const arrivalOf = ({ kept }: Braid, { epoch, payload }: BraidMessage): BraidEvent => {
  if (!("chunk" in payload))
    return { type: payload.type === "nothing" ? "NothingArrived" : "AcknowledgementArrived", epoch }
  const arrived = { epoch, isNew: kept.every(({ number }) => number !== payload.chunk.number) }
  switch (payload.type) {
    case "header":
      return { type: "HeaderChunkArrived", ...arrived }
    case "vector":
      return { type: "VectorChunkArrived", ...arrived, acknowledges: false }
    case "acknowledgingVector":
      return { type: "VectorChunkArrived", ...arrived, acknowledges: true }
    case "first":
      return { type: "FirstChunkArrived", ...arrived }
    case "second":
      return { type: "SecondChunkArrived", ...arrived }
  }
}

/** What a check that did not refuse tells the machine. */
const verdictOf = (command: BraidCommand): BraidEvent | undefined => {
  switch (command.type) {
    case "checkHeader":
      return { type: "HeaderGenuine" }
    case "checkVector":
      return { type: "VectorMatched", acknowledged: command.params.acknowledged }
    case "checkCiphertext":
      return { type: "CiphertextGenuine" }
    default:
      return undefined
  }
}

const payloadOf = (material: Material, command: BraidCommand): Payload | undefined => {
  switch (command.type) {
    case "sendNothing":
      return { type: "nothing" }
    case "sendAcknowledgement":
      return { type: "acknowledgement" }
    case "sendHeaderChunk":
      return { type: "header", chunk: chunkOf(material.signedHeader!, command.params.chunk) }
    case "sendVectorChunk": {
      const { acknowledge, chunk } = command.params
      return { type: acknowledge ? "acknowledgingVector" : "vector", chunk: chunkOf(material.vector!, chunk) }
    }
    case "sendFirstChunk":
      return { type: "first", chunk: chunkOf(material.first!, command.params.chunk) }
    case "sendSecondChunk":
      return { type: "second", chunk: chunkOf(material.signedSecond!, command.params.chunk) }
    default:
      return undefined
  }
}

/** The braid after a command. `chunk` is the one that came. */
const carryOut = Effect.fnUntraced(function* (
  crypto: CryptoService,
  braid: Braid,
  command: BraidCommand,
  chunk?: Chunk,
): Effect.fn.Return<Braid, Refused> {
  const { authenticator, kept, material } = braid
  const holding = (more: Material): Braid => ({ ...braid, material: { ...material, ...more } })
  switch (command.type) {
    case "sampleKeys": {
      const seed = crypto.random(KEM_SEED_BYTES)
      const { header, vector } = splitKey(crypto, yield* crypto.mlKem768.publicKey(seed))
      const mac = macOfHeader(crypto, authenticator, command.params.epoch, header)
      return holding({ seed, vector, signedHeader: concat(header, mac) })
    }
    case "encapsulateFirst": {
      const randomness = crypto.random(RANDOMNESS_BYTES)
      const { ciphertext, sharedSecret } = encapsulateFirst(crypto, material.header!, randomness)
      const agreed = agree(crypto, braid, command.params.epoch, sharedSecret)
      return { ...agreed, material: { ...material, randomness, first: ciphertext } }
    }
    case "encapsulateSecond": {
      const { first, header, randomness, vector } = material
      const second = encapsulateSecond(crypto, header!, vector!, randomness!)
      const mac = macOfCiphertext(crypto, authenticator, command.params.epoch, first!, second)
      return holding({ signedSecond: concat(second, mac) })
    }
    case "keepChunk":
      return chunk === undefined ? braid : { ...braid, kept: [...kept.slice(0, command.params.number), chunk] }
    case "takeFirst":
      return holding({ first: rebuild(kept) })
    case "checkHeader": {
      const signed = rebuild(kept)
      const header = signed.slice(0, HEADER_BYTES)
      const mac = macOfHeader(crypto, authenticator, command.params.epoch, header)
      return equal(mac, signed.slice(HEADER_BYTES)) ? holding({ header }) : yield* new Refused()
    }
    case "checkVector": {
      const vector = rebuild(kept)
      return belongs(crypto, material.header!, vector) ? holding({ vector }) : yield* new Refused()
    }
    case "checkCiphertext": {
      const { epoch } = command.params
      const signed = rebuild(kept)
      const second = signed.slice(0, SECOND_CIPHERTEXT_BYTES)
      const shared = yield* crypto.mlKem768.decapsulate(material.seed!, concat(material.first!, second))
      const agreed = agree(crypto, braid, epoch, shared)
      const mac = macOfCiphertext(crypto, agreed.authenticator, epoch, material.first!, second)
      return equal(mac, signed.slice(SECOND_CIPHERTEXT_BYTES)) ? agreed : yield* new Refused()
    }
    default:
      return braid
  }
})

/** The epoch's secret is agreed: it renews the authenticator and starts the epoch's chains. */
const agree = (crypto: CryptoService, braid: Braid, epoch: number, shared: Uint8Array): Braid => {
  const secret = epochSecret(crypto, shared, epoch)
  return {
    ...braid,
    authenticator: updateAuthenticator(crypto, braid.authenticator, epoch, secret),
    chains: addEpoch(crypto, braid.chains, secret),
  }
}
