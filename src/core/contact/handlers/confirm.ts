/**
 * Key confirmation: the peer's first frame under all four layers must carry a MAC over the same transcript, and, beside a running
 * session, say where the peer stands in it.
 */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { Crypto } from "../../crypto/crypto.ts"
import { isConfirmed } from "../../handshake/transcript.ts"
import type { At } from "../../host/handlers.ts"
import type { Transition } from "../../host/transition.ts"
import type { Role } from "../../ids.ts"
import type { SottoState } from "../../layers/profile.ts"
import type { RecordId } from "../../store.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import { opened } from "../cascade-records.ts"
import { AGAIN, resume } from "../records.ts"
import { isAgain, readPairing } from "./handshake-records.ts"

/** The state after a genuine Confirm of `role`, or undefined. `frame` names its ciphertext. */
export const checkConfirm = Effect.fnUntraced(function* (
  records: CascadeRecords,
  at: At,
  frame: string,
  role: Role,
): Effect.fn.Return<
  | {
      readonly state: SottoState
      readonly transitions: ReadonlyArray<Transition>
      /** What is kept of it. */
      readonly write: ReadonlyArray<readonly [RecordId, Uint8Array]>
    }
  | undefined,
  never,
  Crypto
> {
  const crypto = yield* Crypto
  const ciphertext = yield* at.read(frame)
  if (ciphertext === undefined) return undefined
  const result = yield* Effect.option(opened(records, at, ciphertext))
  if (result._tag === "None") return undefined
  const { state, transitions } = result.value
  const confirm = content.decode(result.value.content)
  if (confirm?.kind !== "confirm" || confirm.role !== role) return undefined
  if ((confirm.resume !== undefined) !== isAgain(at)) return undefined
  const { secret } = yield* readPairing(at)
  if (!isConfirmed(crypto, secret, state.transcript, { role, mac: confirm.mac })) return undefined
  return { state, transitions, write: confirm.resume ? [[AGAIN.peerResume, resume.encode(confirm.resume)]] : [] }
})
