/**
 * The switch from old keys to new ones: in one commit the keys that were agreed beside the session take its place, nothing of
 * the old ones is left, and what the peer may not have is made ready to be sealed again. Docs: protocol.md, "Healing".
 */
import * as Effect from "effect/Effect"
import type { SessionContext } from "../../../machines/session-state.ts"
import type { HealingReason, StandingContext } from "../../../machines/standing.ts"
import { REASONS, type Resume } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import { Crypto } from "../../crypto/crypto.ts"
import type { At, Prepared } from "../../host/handlers.ts"
import type { RecordId } from "../../store.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import type { Life } from "../life.ts"
import { type ContactMachines, SESSION, STANDING } from "../machines.ts"
import {
  AGAIN,
  entry,
  FIRST,
  HEALING_RECORDS,
  lives,
  pairingSecret,
  RECORD,
  recoverySecrets,
  resume as resumeRecord,
} from "../records.ts"
import { must } from "./handshake-records.ts"
import { isGrave } from "./judge.ts"
import { renumbered } from "./renumber.ts"
import { latestSecrets, readSecrets, withThisLife } from "./standing-records.ts"

type Writes = ReadonlyArray<readonly [RecordId, Uint8Array]>

/** Where we stand, for a Confirm beside a running session; frozen from then on. Of pairing there is nothing to say. */
export const resumeFor = Effect.fnUntraced(function* (at: At, life: Life) {
  const nothing: { readonly resume: { readonly resume?: Resume }; readonly write: Writes } = { resume: {}, write: [] }
  if (at.key !== "again") return nothing
  const { early, next, written } = at.contextOf(SESSION) as SessionContext
  const unheard = yield* at.list({ prefix: "outgoing/", limit: Number.MAX_SAFE_INTEGER })
  const { need, reason } = at.contextOf(STANDING) as StandingContext
  const resume: Resume = {
    reason: graver(need ?? "renewed", reason ?? "renewed"),
    life: life.id,
    written,
    ahead: Math.max(next, ...early.map(({ number }) => number + 1)),
    repeats: unheard.length,
  }
  const write = [
    [AGAIN.resume, resumeRecord.encode(resume)] as const,
    [RECORD.ownLives, lives.encode(yield* withThisLife(at, life))] as const,
  ]
  return { resume: { resume }, write }
})

/** The reason that counts where two are given. */
const graver = (a: HealingReason, b: HealingReason): HealingReason => (REASONS.indexOf(a) <= REASONS.indexOf(b) ? a : b)

/** `kept`: records of the handshake that are still needed. */
export const switchKeys = Effect.fnUntraced(function* (
  at: At,
  from: CascadeRecords,
  to: CascadeRecords,
  life: Life,
  kept: ReadonlyArray<RecordId>,
): Effect.fn.Return<Prepared<ContactMachines, never>, never, Crypto> {
  const crypto = yield* Crypto
  const ours = must(resumeRecord.decode((yield* at.read(AGAIN.resume)) ?? new Uint8Array()), AGAIN.resume)
  const theirs = must(resumeRecord.decode((yield* at.read(AGAIN.peerResume)) ?? new Uint8Array()), AGAIN.peerResume)
  const state = must(yield* from.read(at), AGAIN.layers)
  const session = at.contextOf(SESSION) as SessionContext
  const reason = graver(ours.reason, theirs.reason)
  // Either side's doubt makes both number anew what is under way: only so both know where each sequence goes on.
  const base = isGrave(reason) ? Math.max(ours.written, theirs.ahead) : null
  const theirBase = isGrave(reason) ? Math.max(theirs.written, ours.ahead) : null
  const anew = base === null ? undefined : yield* renumbered(at, base)
  const notice = {
    mine: true,
    id: crypto.random(16),
    number: 0,
    at: at.now,
    text: "",
    gap: 0,
    line: "healed",
    healed: reason,
  } as const
  const stale: Array<RecordId> = [RECORD.rekey, RECORD.candidate, RECORD.offered]
  for (const prefix of ["seen/", "frame/", "standing/asked/"]) {
    for (const [record] of yield* at.list({ prefix, limit: Number.MAX_SAFE_INTEGER })) stale.push(record)
  }
  const written = new Set((anew?.write ?? []).map(([record]) => record))
  return {
    write: [
      ...to.writes(state),
      [FIRST.transcript, state.transcript],
      ...(yield* ratcheted(at)),
      [RECORD.vouched, ours.life],
      [RECORD.peerLives, lives.encode([theirs.life])],
      [RECORD.history(session.history), entry.encode(notice)],
      ...(anew?.write ?? []),
    ],
    erase: [
      ...HEALING_RECORDS.filter((record) => !kept.includes(record)),
      ...stale,
      ...(anew?.erase ?? []).filter((record) => !written.has(record)),
    ],
    tell: [
      ...at.alive("delivery").map((key) => ({
        to: `delivery/${key}` as const,
        event: { type: base === null ? ("KeysRenewed" as const) : ("Superseded" as const) },
      })),
      {
        to: SESSION,
        event: {
          type: "Healed",
          base,
          written: (base ?? 0) + (anew?.count ?? 0),
          bytes: anew?.bytes ?? 0,
          theirs: theirBase,
          repeats: theirs.repeats,
          reason,
        },
      },
      { to: STANDING, event: { type: "Agreed", life: life.name } },
    ],
  }
})

/**
 * The secret that goes with the new keys, and the few before it: a peer that comes back with an older state is still known. What
 * was offered and not agreed is known as well: a copy of the peer may have taken it up.
 */
const ratcheted = Effect.fnUntraced(function* (at: At): Effect.fn.Return<Writes> {
  const next = must(pairingSecret.decode((yield* at.read(AGAIN.recovery)) ?? new Uint8Array()), AGAIN.recovery)
  const before = recoverySecrets.decode((yield* at.read(RECORD.recovery)) ?? new Uint8Array()) ?? []
  const { offered, passed } = yield* readSecrets(at)
  const inVain = [...offered.filter(({ id }) => !equal(id, next.id)), ...passed]
  return [
    [RECORD.recovery, latestSecrets([next, ...before])],
    ...(inVain.length > 0 ? [[RECORD.passed, latestSecrets(inVain)] as const] : []),
  ]
})
