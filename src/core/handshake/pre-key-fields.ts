/** Signal's prekeys as the handshake's Bundle writes them: X25519 keys behind their type byte. */
import { parseKey, serializeKey } from "../layers/signal/curve-key.ts"
import { REGISTRATION_ID } from "../layers/signal/pre-key-message.ts"
import type { PreKeyBundle } from "../layers/signal/pre-keys.ts"
import type { Bundle } from "./messages.ts"

type Fields = Pick<Bundle, "signedPreKey" | "kyberPreKey" | "oneTimePreKey" | "registrationId">

export const toFields = ({ kyber, oneTime, signed }: PreKeyBundle): Fields => ({
  signedPreKey: { id: signed.id, key: serializeKey(signed.publicKey), signature: signed.signature },
  kyberPreKey: { id: kyber.id, key: kyber.publicKey, signature: kyber.signature },
  ...(oneTime && { oneTimePreKey: { id: oneTime.id, key: serializeKey(oneTime.publicKey) } }),
  registrationId: REGISTRATION_ID,
})

/** Undefined for a key that is not an X25519 key in its wire form. */
export const fromFields = ({ kyberPreKey, oneTimePreKey, signedPreKey }: Fields): PreKeyBundle | undefined => {
  const signed = parseKey(signedPreKey.key)
  const oneTime = oneTimePreKey && parseKey(oneTimePreKey.key)
  if (signed === undefined || (oneTimePreKey !== undefined && oneTime === undefined)) return undefined
  return {
    signed: { id: signedPreKey.id, publicKey: signed, signature: signedPreKey.signature },
    kyber: { id: kyberPreKey.id, publicKey: kyberPreKey.key, signature: kyberPreKey.signature },
    ...(oneTimePreKey && oneTime && { oneTime: { id: oneTimePreKey.id, publicKey: oneTime } }),
  }
}
