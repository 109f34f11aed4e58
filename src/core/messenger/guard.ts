/**
 * A messenger's vault, seen from the engine: asks the vault's machine before anything is opened, tells it what became of it, and
 * shows it. Docs: storage.md, "Locking".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { VaultEvent } from "../../machines/vault.ts"
import { SottoError } from "../errors.ts"
import type { Transition } from "../host/transition.ts"
import { type Cell, cell } from "../observable.ts"
import type { Elsewhere, Storage } from "../store.ts"
import { type Keeper, makeKeeper, type Tried } from "../vault/keeper.ts"
import type { NotOpened } from "../vault/refusals.ts"
import { delayed, orSottoRefusal } from "../vault/refusals.ts"
import type { Unlock } from "../vault/unlock.ts"
import type { MethodView, Vault } from "../vault/vault.ts"
import { lookAtVault } from "./opening.ts"
import type { VaultView } from "./values.ts"

export const NO_VAULT: VaultView = { state: "none", wrong: 0, methods: [] }

export interface GuardOptions {
  readonly storage: Storage
  /** What lives as long as the messenger. */
  readonly scope: Scope.Scope
  /** The vault, while it is open. */
  readonly vault: () => Vault | undefined
  /** Closes what is open. */
  readonly closeAll: Effect.Effect<void>
  readonly inspected: (transition: Transition, at: number) => void
}

/** What the face offers of it. */
export interface VaultDesk {
  /** As it stands. */
  readonly view: Cell<VaultView>
  /** Another way to unlock it. */
  readonly add: (unlock: Unlock, label: string) => Effect.Effect<MethodView, SottoError>
  /** A way less. */
  readonly remove: (id: string) => Effect.Effect<void, SottoError>
  /** Another secret for the same way. */
  readonly change: (id: string, unlock: Unlock) => Effect.Effect<MethodView, SottoError>
  /** The user did something. Cheap: call it on every key. */
  readonly userActive: () => void
}

export interface Guard extends VaultDesk {
  /** Finds out what there is, without opening it. */
  readonly look: Effect.Effect<void, SottoError | Elsewhere>
  /** Makes the attempt if the machine agrees. It answers with how long until it locks by itself. */
  readonly unlock: (attempt: Effect.Effect<number | null, NotOpened>) => Effect.Effect<void, SottoError | Elsewhere>
  readonly lock: Effect.Effect<void>
  readonly tell: (event: VaultEvent) => Effect.Effect<void>
}

const locked = new SottoError("locked", "Sotto is locked. Unlock it, then try again.", { retryable: true })

/** A vault's desk where there is none. */
export const noDesk: VaultDesk = {
  view: cell(NO_VAULT),
  add: () => noVault,
  remove: () => noVault,
  change: () => noVault,
  userActive: () => {},
}
const noVault = Effect.fail(
  new SottoError("unlockMethod", "This messenger's storage is not sealed. Create it with unlock."),
)

export const makeGuard = ({ closeAll, inspected, scope, storage, vault }: GuardOptions): Guard => {
  const view = cell<VaultView>({ ...NO_VAULT, state: "locked" })
  let methods: ReadonlyArray<MethodView> = []
  let keeper: Keeper | undefined

  const show = () => {
    methods = vault()?.methods() ?? methods
    if (keeper !== undefined) view.set({ ...keeper.view(), methods })
  }

  const found = Effect.suspend((): Effect.Effect<Keeper, SottoError | Elsewhere> => {
    if (keeper !== undefined) return Effect.succeed(keeper)
    return Effect.gen(function* () {
      const look = yield* lookAtVault(storage)
      methods = look.methods
      keeper = yield* Scope.provide(makeKeeper({ input: look.input, closeAll, inspected, changed: show }), scope)
      show()
      return keeper
    })
  })

  const open = Effect.suspend((): Effect.Effect<Vault, SottoError> => {
    const now = vault()
    return now === undefined ? Effect.fail(locked) : Effect.succeed(now)
  })
  const changing = <A>(change: (vault: Vault) => Effect.Effect<A, SottoError>): Effect.Effect<A, SottoError> =>
    Effect.tap(Effect.flatMap(open, change), () => Effect.sync(show))

  const tell = (event: VaultEvent) => Effect.suspend(() => keeper?.tell(event) ?? Effect.void)

  return {
    view,
    look: Effect.asVoid(found),
    unlock: Effect.fnUntraced(function* (attempt) {
      const machine = yield* found
      const tried = yield* machine.unlock(Effect.map(Effect.exit(attempt), triedOf))
      if (tried !== undefined) {
        return yield* forPeople(tried.exit)
      }
      const { retryAt, state } = machine.view()
      if (state === "delayed") return yield* delayed((retryAt ?? 0) - (yield* Clock.currentTimeMillis))
    }),
    lock: tell({ type: "LockAsked" }),
    tell,
    add: (unlock, label) => changing((now) => now.add(unlock, label)),
    remove: (id) => changing((now) => now.remove(id)),
    change: (id, unlock) => changing((now) => now.change(id, unlock)),
    userActive: () => void Effect.runFork(tell({ type: "UserActive" })),
  }
}

/** With the vault's refusals in words. `Elsewhere` is a state to show. */
export const forPeople = <A>(opening: Effect.Effect<A, NotOpened>): Effect.Effect<A, SottoError | Elsewhere> =>
  Effect.mapError(opening, (error) => (error._tag === "Elsewhere" ? error : orSottoRefusal(error)))

const triedOf = (exit: Exit.Exit<number | null, NotOpened>): Tried => {
  if (Exit.isSuccess(exit)) return { event: { type: "Unlocked", autoLock: exit.value }, exit: Exit.void }
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")?.error
  const event: VaultEvent =
    failure?._tag === "WrongKey"
      ? { type: "KeyRefused", wrong: failure.wrong }
      : failure?._tag === "MustWait"
        ? { type: "WaitFound", wrong: failure.wrong, wait: failure.wait }
        : { type: "UnlockFailed" }
  return { event, exit: Exit.failCause(exit.cause) }
}
