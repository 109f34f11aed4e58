/**
 * Makes keys of the next pairing while the runtime has nothing better to do: one set for an invite and one for joining, never more.
 * They are in memory only, go out once, and are wiped after an hour and with the scope, which is that of the open storage.
 * Docs: architecture.md, "Keys made ahead".
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { Crypto, type CryptoService, type Kem } from "../crypto/crypto.ts"
import { type PackagePairs, packagePairs } from "../layers/mls/establish.ts"
import { FIRST_PRE_KEY_ID, type InviterKeys, type KeysAhead } from "./keys-ahead.ts"
import { makeOneTime, makeOwnStatics } from "./own-keys.ts"

/** Completes when so many milliseconds have passed and nothing else is waiting for the processor. */
export type Idle = (after: number) => Effect.Effect<void>

/** Whatever was just begun (opening, a pairing) is over by then, or nobody waits for it. In milliseconds. */
export const QUIET_FOR = 2_000
/** Nobody who reads the memory learns keys of a pairing that is more than this ahead. In milliseconds. */
export const KEPT_FOR = 60 * 60_000

/** A place for one thing: it is put in by one and taken out by one. */
const place = <A>(wipe: (thing: A) => void) => {
  let held: A | undefined
  return {
    isEmpty: () => held === undefined,
    put: (thing: A) => {
      held = thing
    },
    take: (): A | undefined => {
      const thing = held
      held = undefined
      return thing
    },
    wipe: () => {
      if (held !== undefined) wipe(held)
      held = undefined
    },
  }
}

const wipePairs = (pairs: PackagePairs) => {
  for (const { secretKey } of pairs) secretKey.fill(0)
}

const wipeInviter = ({ oneTime: { kem, mlsPrivateKeys, preKeys }, statics }: InviterKeys) => {
  for (const secret of [...Object.values(statics), preKeys, kem, mlsPrivateKeys]) secret.fill(0)
}

/** The same primitives, but each KEM key waits for a moment of its own: one of them is the most that anybody else waits for. */
const unhurried = (crypto: CryptoService, idle: Idle): CryptoService => {
  const waiting = (kem: Kem): Kem => ({ ...kem, publicKey: (seed) => Effect.andThen(idle(0), kem.publicKey(seed)) })
  return { ...crypto, mlKem768: waiting(crypto.mlKem768), mlKem1024: waiting(crypto.mlKem1024) }
}

export const makeKeysAhead = Effect.fnUntraced(function* (
  crypto: CryptoService,
  idle: Idle,
): Effect.fn.Return<KeysAhead, never, Scope.Scope> {
  const invite = place(wipeInviter)
  const joining = place(wipePairs)
  let taken = Deferred.makeUnsafe<void>()
  const awaitTaken = Effect.suspend(() => Deferred.await(taken))
  const wipe = Effect.sync(() => {
    invite.wipe()
    joining.wipe()
  })

  const fill = Effect.gen(function* () {
    if (invite.isEmpty()) {
      const statics = yield* makeOwnStatics
      invite.put({ statics, oneTime: yield* makeOneTime({ statics, id: FIRST_PRE_KEY_ID }) })
    }
    if (joining.isEmpty()) joining.put(yield* packagePairs)
  }).pipe(Effect.provideService(Crypto, unhurried(crypto, idle)))

  const tending = Effect.gen(function* () {
    while (true) {
      yield* idle(QUIET_FOR)
      taken = Deferred.makeUnsafe<void>()
      yield* fill
      yield* Effect.raceFirst(awaitTaken, idle(KEPT_FOR))
      // Old ones make way, and are made anew when somebody pairs again.
      if (!Deferred.isDoneUnsafe(taken)) yield* wipe
      yield* awaitTaken
    }
  })

  yield* Effect.addFinalizer(() => wipe)
  yield* Effect.forkScoped(tending, { startImmediately: true })

  const given = <A>(from: { readonly take: () => A | undefined }) => {
    Deferred.doneUnsafe(taken, Exit.void)
    return from.take()
  }
  return { forInvite: () => given(invite), forJoining: () => given(joining) }
})
