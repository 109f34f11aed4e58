/**
 * Ask and tell: how two who have paired find out, over every new link, whether both are where the other left them. A tell
 * answers one challenge over one channel, so that it is fresh. Docs: protocol.md, "Standing".
 *
 * Neither carries content, and neither uses a key of the four layers: their keys follow from the recovery secret alone.
 */
import * as Effect from "effect/Effect"
import { bool, bytes, choice, codec, fixed, uint, type Value } from "../codec/codec.ts"
import { list, optional, struct } from "../codec/composite.ts"
import { REASON_NUMBERS } from "../content.ts"
import { equal } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { MAX_ASK, MAX_TELL } from "../frame.ts"
import type { Role } from "../ids.ts"
import { padTo, unpadFrom } from "../padding.ts"
import { deriveKey, type PairingSecret } from "./envelope.ts"
import { MAX_BINDING_BYTES } from "./transcript.ts"

/** A tell has this length whatever it says: it holds at most 421 bytes. */
export const TELL_BYTES = 512
/** Lives that are named in an ask or a tell. */
const MAX_TOLD_LIVES = 16
/** Offers that are named in a tell. */
const MAX_TOLD_OFFERS = 4

const id = fixed(16)
const binding = optional(bytes(MAX_BINDING_BYTES))

const asked = {
  id: [1, id],
  challenge: [2, fixed(16)],
  wants: [3, bool],
  /** The recovery secret that goes with the asker's session. */
  newest: [4, id],
  /** The asker's own latest lives, this one last. */
  lives: [5, list(id, MAX_TOLD_LIVES)],
} as const
/** As it travels, and what its MAC covers. */
export const askMessage = codec(struct({ ...asked, mac: [6, fixed(32)] }), MAX_ASK)
const askProof = codec(struct({ ...asked, binding: [6, binding] }), MAX_ASK + MAX_BINDING_BYTES)

export const tellMessage = codec(
  struct({ id: [1, id], nonce: [2, fixed(24)], sealed: [3, fixed(TELL_BYTES + 16)] }),
  MAX_TELL,
)
const tellContext = codec(
  struct({ id: [1, id], challenge: [2, fixed(16)], binding: [3, binding] }),
  MAX_ASK + MAX_BINDING_BYTES,
)
const tellShape = struct({
  /** The recovery secret that goes with the teller's session. */
  newest: [1, id],
  /** The one that would go with the session that is being agreed. */
  pending: [2, optional(id)],
  /** Why the teller needs new keys. */
  reason: [3, optional(choice(REASON_NUMBERS))],
  /** The life of the other's for which the teller vouches: the asker's own, or there is a copy of it. */
  known: [4, id],
  /** The teller's own latest lives, this one last. */
  lives: [5, list(id, MAX_TOLD_LIVES)],
  /** Frames that the teller's outermost layer has sealed, and one past the last that it has opened. */
  sent: [6, uint()],
  received: [7, uint()],
  /** Of keys that the other may have taken up though the teller did not: whoever has these is not ahead of the teller. */
  offered: [8, optional(list(id, MAX_TOLD_OFFERS))],
})
export const tellBody = codec(tellShape, TELL_BYTES)
/** Where somebody stands. */
export type Tell = Value<typeof tellShape>
export type Ask = Value<typeof askMessage>

/** What both know of a question before it is answered. */
export interface Question {
  readonly challenge: Uint8Array
  /** Of the link, where it has one. */
  readonly binding: Uint8Array | undefined
}

const bound = (of: Uint8Array | undefined) => (of === undefined ? {} : { binding: of })

/** Who asks: whether it needs new keys and wants to be asked back, the name of its session's secret, and its lives. */
export type Asker = Pick<Ask, "wants" | "newest" | "lives">

const askMac = (
  crypto: CryptoService,
  { secret, ...named }: PairingSecret,
  role: Role,
  { binding: of, challenge }: Question,
  { lives, newest, wants }: Asker,
): Uint8Array =>
  crypto.hmacSha256(
    deriveKey(crypto, secret, `ask ${role}`),
    askProof.encode({ id: named.id, challenge, wants, newest, lives, ...bound(of) }),
  )

/** `role`: who asks. */
export const makeAsk = (
  crypto: CryptoService,
  secret: PairingSecret,
  role: Role,
  question: Question,
  asker: Asker,
): Uint8Array =>
  askMessage.encode({
    ...asker,
    id: secret.id,
    challenge: question.challenge,
    mac: askMac(crypto, secret, role, question, asker),
  })

/** Whether an ask was made with this secret by this role, for this channel. Constant time. */
export const isGenuineAsk = (
  crypto: CryptoService,
  secret: PairingSecret,
  role: Role,
  { challenge, mac, ...asker }: Ask,
  of: Uint8Array | undefined,
): boolean => equal(askMac(crypto, secret, role, { challenge, binding: of }, asker), mac)

/** Answers a question. `role`: who tells. The nonce is random, so that two copies of one state never use it twice. */
export const makeTell = Effect.fnUntraced(function* (
  crypto: CryptoService,
  secret: PairingSecret,
  role: Role,
  { binding: of, challenge }: Question,
  tell: Tell,
) {
  const nonce = crypto.random(24)
  const sealed = yield* crypto.xChaCha20Poly1305.seal(
    deriveKey(crypto, secret.secret, `tell ${role}`),
    nonce,
    padTo(tellBody.encode(tell), TELL_BYTES),
    tellContext.encode({ id: secret.id, challenge, ...bound(of) }),
  )
  return tellMessage.encode({ id: secret.id, nonce, sealed })
})

/** What the other side told in answer to our question, or undefined. */
export const openTell = Effect.fnUntraced(function* (
  crypto: CryptoService,
  secret: PairingSecret,
  role: Role,
  { binding: of, challenge }: Question,
  { nonce, sealed }: Value<typeof tellMessage>,
) {
  const opened = yield* Effect.option(
    crypto.xChaCha20Poly1305.open(
      deriveKey(crypto, secret.secret, `tell ${role}`),
      nonce,
      sealed,
      tellContext.encode({ id: secret.id, challenge, ...bound(of) }),
    ),
  )
  const padded = opened._tag === "Some" ? unpadFrom(opened.value, TELL_BYTES) : undefined
  return padded && tellBody.decode(padded)
})
