/**
 * Keys of pairings that were made before anybody asked for them, as whoever pairs sees them. A healing takes none: keys from before a
 * compromise would not end it. Docs: architecture.md, "Keys made ahead".
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PackagePairs } from "../layers/mls/establish.ts"
import type { OneTime, OwnStatics } from "./own-keys.ts"

/** Signal's prekey ids count the handshakes of an identity, from 1. */
export const FIRST_PRE_KEY_ID = 1

/** What an invite takes: an identity for one contact, and the set that its first handshake uses up. */
export interface InviterKeys {
  readonly statics: OwnStatics
  readonly oneTime: OneTime
}

/** Gives out what there is, once; undefined: whoever asks makes their own. */
export interface KeysAhead {
  /** For the invite of one contact. */
  readonly forInvite: () => InviterKeys | undefined
  /** For the answer to one Bundle, of a pairing. */
  readonly forJoining: () => PackagePairs | undefined
}

export const NO_KEYS_AHEAD: KeysAhead = { forInvite: () => undefined, forJoining: () => undefined }

/** None are made ahead unless somebody says so. */
export const Ahead = Context.Reference<KeysAhead>("sotto/core/KeysAhead", { defaultValue: () => NO_KEYS_AHEAD })

/** None until it has begun, which nobody waits for; and none if it never does. */
export const aheadOnce = (
  beginning: Effect.Effect<KeysAhead, never, Scope.Scope> | undefined,
): Effect.Effect<KeysAhead, never, Scope.Scope> => {
  if (beginning === undefined) return Effect.succeed(NO_KEYS_AHEAD)
  let begun = NO_KEYS_AHEAD
  const begin = Effect.exit(
    Effect.map(beginning, (made) => {
      begun = made
    }),
  )
  const ahead: KeysAhead = { forInvite: () => begun.forInvite(), forJoining: () => begun.forJoining() }
  return Effect.as(Effect.forkScoped(begin, { startImmediately: true }), ahead)
}
