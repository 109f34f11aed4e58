/** What is read to ask, to tell and to judge. Docs: protocol.md, "Standing". */
import * as Effect from "effect/Effect"
import type { PairingSecret } from "../../handshake/envelope.ts"
import type { At } from "../../host/handlers.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import { AGAIN, lives, pairingSecret, RECORD, recoverySecrets } from "../records.ts"

export interface Secrets {
  /** Of the session's keys. */
  readonly newest: PairingSecret | undefined
  /** Of the keys that are being agreed beside it. */
  readonly pending: PairingSecret | undefined
  /** All that a peer may come with: the newest first, the one that is pending last. */
  readonly all: ReadonlyArray<PairingSecret>
}

export const readSecrets = Effect.fnUntraced(function* (at: At): Effect.fn.Return<Secrets> {
  const kept = recoverySecrets.decode((yield* at.read(RECORD.recovery)) ?? new Uint8Array()) ?? []
  const pending = pairingSecret.decode((yield* at.read(AGAIN.recovery)) ?? new Uint8Array())
  return { newest: kept[0], pending, all: pending === undefined ? kept : [...kept, pending] }
})

export const readLives = Effect.fnUntraced(function* (at: At): Effect.fn.Return<ReadonlyArray<Uint8Array>> {
  return lives.decode((yield* at.read(RECORD.ownLives)) ?? new Uint8Array()) ?? []
})

/** Frames that our outermost layer has sealed, and one past the last that it has opened; nothing without keys. */
export const countersOf = Effect.fnUntraced(function* (records: CascadeRecords, at: At) {
  const state = yield* records.read(at)
  return { sent: state?.layers.aes.sending.index ?? 0, received: state?.layers.aes.receiving.index ?? 0 }
})
