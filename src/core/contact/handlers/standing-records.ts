/** What is read to ask, to tell and to judge. Docs: protocol.md, "Standing". */
import * as Effect from "effect/Effect"
import { equal } from "../../crypto/bytes.ts"
import type { PairingSecret } from "../../handshake/envelope.ts"
import type { At } from "../../host/handlers.ts"
import type { RecordId } from "../../store.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import type { Life } from "../life.ts"
import {
  AGAIN,
  asked,
  lives,
  MAX_LIVES,
  MAX_RECOVERY_SECRETS,
  pairingSecret,
  RECORD,
  recoverySecrets,
} from "../records.ts"

export interface Secrets {
  /** Of the session's keys. */
  readonly newest: PairingSecret | undefined
  /** Of the keys that are being agreed beside it. */
  readonly pending: PairingSecret | undefined
  /** Of keys that the peer may have taken up since, in handshakes of ours that came to no end. */
  readonly offered: ReadonlyArray<PairingSecret>
  /** Of keys that were offered in vain before the newest were agreed. */
  readonly passed: ReadonlyArray<PairingSecret>
  /** Of all keys from before the newest: whoever has no newer ones was left behind. */
  readonly older: ReadonlyArray<PairingSecret>
  /** All that a peer may come with: the newest first. */
  readonly all: ReadonlyArray<PairingSecret>
}

export const readSecrets = Effect.fnUntraced(function* (at: At): Effect.fn.Return<Secrets> {
  const read = Effect.fnUntraced(function* (record: RecordId) {
    return recoverySecrets.decode((yield* at.read(record)) ?? new Uint8Array()) ?? []
  })
  const [newest, ...before] = yield* read(RECORD.recovery)
  const offered = yield* read(RECORD.offered)
  const passed = yield* read(RECORD.passed)
  const older = [...before, ...passed]
  const pending = pairingSecret.decode((yield* at.read(AGAIN.recovery)) ?? new Uint8Array())
  const isExtra = pending !== undefined && !offered.some(({ id }) => equal(id, pending.id))
  const all = [...(newest ? [newest] : []), ...offered, ...older, ...(isExtra ? [pending] : [])]
  return { newest, pending, offered, passed, older, all }
})

/** To be written where an Accept is taken: from there on the peer may take the keys up, whether we hear of it or not. */
export const nowOffered = Effect.fnUntraced(function* (at: At, next: Uint8Array) {
  const offered = recoverySecrets.decode((yield* at.read(RECORD.offered)) ?? new Uint8Array()) ?? []
  const one = pairingSecret.decode(next)
  return [RECORD.offered, latestSecrets(one === undefined ? offered : [one, ...offered])] as const
})

/** To be written with it: what greetings answered so far is used up. Whoever begins anew is asked anew before. */
export const spentQuestions = Effect.fnUntraced(function* (at: At) {
  const questions = yield* at.list({ prefix: RECORD.asked(""), limit: Number.MAX_SAFE_INTEGER })
  return questions.flatMap(([record, bytes]) => {
    const question = asked.decode(bytes)
    return question === undefined ? [] : [[record, asked.encode({ ...question, spent: true })] as const]
  })
})

/** The latest of them, each once, the newest first. */
export const latestSecrets = (all: ReadonlyArray<PairingSecret>): Uint8Array => {
  const unique = all.filter(({ id }, i) => all.findIndex((other) => equal(other.id, id)) === i)
  return recoverySecrets.encode(unique.slice(0, MAX_RECOVERY_SECRETS))
}

export const readLives = Effect.fnUntraced(function* (at: At): Effect.fn.Return<ReadonlyArray<Uint8Array>> {
  return lives.decode((yield* at.read(RECORD.ownLives)) ?? new Uint8Array()) ?? []
})

/** The peer's lives that it named when we vouched for the last of them; empty before that. */
export const readPeerLives = Effect.fnUntraced(function* (at: At): Effect.fn.Return<ReadonlyArray<Uint8Array>> {
  return lives.decode((yield* at.read(RECORD.peerLives)) ?? new Uint8Array()) ?? []
})

/**
 * Our latest lives, this one last. It has to be durable before the peer hears of it: the next life shows by it that it goes on from
 * here. The one that the peer vouched for stays, so that nobody who opens links to us and never answers uses them up.
 */
export const withThisLife = Effect.fnUntraced(function* (at: At, { id }: Life) {
  const spoken = yield* readLives(at)
  if (spoken.some((one) => equal(one, id))) return spoken
  const vouched = yield* at.read(RECORD.vouched)
  const isVouched = (one: Uint8Array) => vouched !== undefined && equal(one, vouched)
  const first = spoken.length < MAX_LIVES ? -1 : spoken.findIndex((one) => !isVouched(one))
  return [...spoken.filter((_, i) => i !== first), id]
})

/** Frames that our outermost layer has sealed, and one past the last that it has opened; nothing without keys. */
export const countersOf = Effect.fnUntraced(function* (records: CascadeRecords, at: At) {
  const state = yield* records.read(at)
  return { sent: state?.layers.aes.sending.index ?? 0, received: state?.layers.aes.receiving.index ?? 0 }
})
