/**
 * Application messages as PrivateMessages (RFC 9420 §6.3): framing, signature, encryption of content and of sender data.
 * Written here for the sake of ratchet.ts (see there) and of speed; the tests hold it against ts-mls in both directions.
 *
 * There is no MLS padding: the cascade pads what comes in, so a ciphertext's length depends on its plaintext's alone.
 */
import * as Effect from "effect/Effect"
import { concat, equal, u32be, u64be, utf8 } from "../../crypto/bytes.ts"
import { type CryptoService, Refused } from "../../crypto/crypto.ts"
import { ASSOCIATED_BYTES } from "../associated.ts"
import { KEY_BYTES, NONCE_BYTES } from "./hpke.ts"
import { expandWithLabel, SECRET_BYTES } from "./kdf.ts"
import { MAX_OVERHEAD_BYTES, MAX_PLAINTEXT_BYTES } from "./limits.ts"
import type { MessageKey } from "./ratchet.ts"
import { header, TlsReader, u16, vector } from "./tls.ts"

/** §6: MLSMessage of version mls10 holding an mls_private_message. */
const PRIVATE_MESSAGE = concat(u16(1), u16(2))
/** §6: Sender of type member. */
const MEMBER = Uint8Array.of(1)

/** §6, ContentType. There is no name for proposals: none is ever sent or read. */
export const APPLICATION = 1
export const COMMIT = 3

/** §6.3.2: leaf index, generation and reuse guard of four bytes each, and the tag. */
const SENDER_DATA_BYTES = 12
const TAG_BYTES = 16
const GUARD_BYTES = 4
const SIGNATURE_BYTES = 64
const GROUP_ID_BYTES = 32

/** What both ends of an epoch share for framing. */
export interface Framing {
  readonly number: number
  readonly groupId: Uint8Array
  /** The encoded GroupContext, which every signature covers. */
  readonly context: Uint8Array
  readonly senderDataSecret: Uint8Array
}

/** A PrivateMessage as read, nothing verified. Views into what was read. */
export interface PrivateMessage {
  /** §6.3.2, SenderDataAAD, and §6.3.1, PrivateContentAAD: group, epoch and type, as they came, and what is authenticated. */
  readonly senderDataAssociated: Uint8Array
  readonly contentAssociated: Uint8Array
  readonly contentType: number
  readonly groupId: Uint8Array
  readonly epoch: number
  readonly associated: Uint8Array
  readonly senderData: Uint8Array
  readonly ciphertext: Uint8Array
}

/** The only encoding of a PrivateMessage, or undefined. */
export const readPrivateMessage = (bytes: Uint8Array): PrivateMessage | undefined => {
  if (bytes.length > MAX_PLAINTEXT_BYTES + MAX_OVERHEAD_BYTES) return undefined
  const reader = new TlsReader(bytes)
  const head = reader.take(PRIVATE_MESSAGE.length)
  const groupId = reader.vector(GROUP_ID_BYTES)
  const epoch = reader.uint(8)
  const contentType = reader.uint(1)
  const senderDataEnd = reader.position
  const associated = reader.vector(ASSOCIATED_BYTES)
  const contentEnd = reader.position
  const senderData = reader.vector(SENDER_DATA_BYTES + TAG_BYTES)
  const ciphertext = reader.vector(bytes.length)
  if (!reader.done || !equal(head!, PRIVATE_MESSAGE)) return undefined
  if (senderData!.length !== SENDER_DATA_BYTES + TAG_BYTES) return undefined
  return {
    senderDataAssociated: bytes.subarray(PRIVATE_MESSAGE.length, senderDataEnd),
    contentAssociated: bytes.subarray(PRIVATE_MESSAGE.length, contentEnd),
    contentType: contentType!,
    groupId: groupId!,
    epoch: epoch!,
    associated: associated!,
    senderData: senderData!,
    ciphertext: ciphertext!,
  }
}

export interface Sender {
  readonly leaf: number
  readonly generation: number
  readonly guard: Uint8Array
}

/** §6.3.2. Only a member can have made sender data that opens, and only for a ciphertext with the same first 64 bytes. */
export const openSender = Effect.fnUntraced(function* (
  crypto: CryptoService,
  epoch: Framing,
  message: PrivateMessage,
): Effect.fn.Return<Sender, Refused> {
  const { key, nonce } = senderDataKey(crypto, epoch, message.ciphertext)
  const { senderData, senderDataAssociated } = message
  const reader = new TlsReader(yield* crypto.aes256Gcm.open(key, nonce, senderData, senderDataAssociated))
  const leaf = reader.uint(4)
  const generation = reader.uint(4)
  const guard = reader.take(GUARD_BYTES)
  if (!reader.done) return yield* new Refused()
  return { leaf: leaf!, generation: generation!, guard: guard! }
})

/** §6.3.1: what a member encrypted, not yet verified to be the sender. */
export const decryptContent = (
  crypto: CryptoService,
  { ciphertext, contentAssociated }: PrivateMessage,
  { guard }: Sender,
  { key, nonce }: MessageKey,
): Effect.Effect<Uint8Array, Refused> =>
  crypto.aes256Gcm.open(key, guarded(nonce, guard), ciphertext, contentAssociated)

/** An application message, decrypted and verified. The plaintext is fresh. */
export const openContent = Effect.fnUntraced(function* (
  crypto: CryptoService,
  epoch: Framing,
  message: PrivateMessage,
  sender: Sender,
  messageKey: MessageKey,
  signatureKey: Uint8Array,
): Effect.fn.Return<Uint8Array, Refused> {
  const reader = new TlsReader(yield* decryptContent(crypto, message, sender, messageKey))
  const plaintext = reader.vector(MAX_PLAINTEXT_BYTES)
  const signature = reader.vector(SIGNATURE_BYTES)
  if (!reader.done) return yield* new Refused()
  const signed = toBeSigned(epoch, message.contentAssociated, sender.leaf, plaintext!)
  if (!(yield* crypto.ed25519.verify(signatureKey, signed, signature!))) return yield* new Refused()
  return plaintext!.slice()
})

/** §6.3: the encoded MLSMessage. */
export const sealMessage = Effect.fnUntraced(function* (
  crypto: CryptoService,
  epoch: Framing,
  leaf: number,
  signatureSeed: Uint8Array,
  messageKey: MessageKey,
  plaintext: Uint8Array,
  associated: Uint8Array,
) {
  const begin = contentAssociated(epoch, associated)
  const signature = yield* crypto.ed25519.sign(signatureSeed, toBeSigned(epoch, begin, leaf, plaintext))
  const guard = crypto.random(GUARD_BYTES)
  const ciphertext = yield* crypto.aes256Gcm.seal(
    messageKey.key,
    guarded(messageKey.nonce, guard),
    concat(header(plaintext.length), plaintext, header(signature.length), signature),
    begin,
  )
  const { key, nonce } = senderDataKey(crypto, epoch, ciphertext)
  const senderData = yield* crypto.aes256Gcm.seal(
    key,
    nonce,
    concat(u32be(leaf), u32be(messageKey.generation), guard),
    begin.subarray(0, SENDER_DATA_ASSOCIATED_BYTES),
  )
  return concat(PRIVATE_MESSAGE, begin, header(senderData.length), senderData, header(ciphertext.length), ciphertext)
})

/** §6.1: SignContent (§5.1.2) of FramedContentTBS, which has the same parts as `begin` in another order. */
const toBeSigned = (epoch: Framing, begin: Uint8Array, leaf: number, plaintext: Uint8Array): Uint8Array => {
  const before = PRIVATE_MESSAGE.length + begin.length + MEMBER.length + LEAF_BYTES
  const size = header(plaintext.length)
  return concat(
    SIGNATURE_LABEL,
    header(before + size.length + plaintext.length + epoch.context.length),
    PRIVATE_MESSAGE,
    begin.subarray(0, GROUP_AND_EPOCH_BYTES),
    MEMBER,
    u32be(leaf),
    begin.subarray(SENDER_DATA_ASSOCIATED_BYTES),
    APPLICATION_BYTE,
    size,
    plaintext,
    epoch.context,
  )
}

const SIGNATURE_LABEL = vector(utf8("MLS 1.0 FramedContentTBS"))
const APPLICATION_BYTE = Uint8Array.of(APPLICATION)
const LEAF_BYTES = 4
const GROUP_AND_EPOCH_BYTES = 1 + GROUP_ID_BYTES + 8

/** §6.3.2, SenderDataAAD: group, epoch and content type. The beginning of PrivateContentAAD. */
const SENDER_DATA_ASSOCIATED_BYTES = GROUP_AND_EPOCH_BYTES + 1

/** §6.3.1, PrivateContentAAD of an application message: also how every PrivateMessage begins. */
const contentAssociated = ({ groupId, number }: Framing, associated: Uint8Array): Uint8Array =>
  concat(header(groupId.length), groupId, u64be(number), APPLICATION_BYTE, header(associated.length), associated)

/** §6.3.2: the sample is the first KDF.Nh bytes of the ciphertext. */
export const senderDataKey = (
  crypto: CryptoService,
  { senderDataSecret }: Pick<Framing, "senderDataSecret">,
  ciphertext: Uint8Array,
) => {
  const sample = ciphertext.subarray(0, SECRET_BYTES)
  return {
    key: expandWithLabel(crypto, senderDataSecret, "key", sample, KEY_BYTES),
    nonce: expandWithLabel(crypto, senderDataSecret, "nonce", sample, NONCE_BYTES),
  }
}

/** §6.3.1: so that two copies of one state that seal differently do not also share a nonce. */
const guarded = (nonce: Uint8Array, guard: Uint8Array): Uint8Array => {
  const mixed = nonce.slice()
  guard.forEach((byte, i) => {
    mixed[i]! ^= byte
  })
  return mixed
}
