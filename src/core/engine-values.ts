/** What an engine is made of and what it gives, as types. The engine is in engine.ts. Docs: docs/architecture.md. */
import type * as Effect from "effect/Effect"
import type { Refilling } from "./backup/refilling.ts"
import type { CryptoService } from "./crypto/crypto.ts"
import type { SottoError } from "./errors.ts"
import type { ContactHandle } from "./messenger/contact-handle.ts"
import type { VaultDesk } from "./messenger/guard.ts"
import type { Hand } from "./messenger/hand-pairing.ts"
import type { InviteHandle } from "./messenger/invite-handle.ts"
import type { News } from "./messenger/news.ts"
import type {
  InspectedTransition,
  InviteOptions,
  InvitePreview,
  MessengerStatus,
  Settings,
  StorageHealth,
} from "./messenger/values.ts"
import type { Observable } from "./observable.ts"
import type { Storage, StoreService } from "./store.ts"
import type { HandTransport, Transport } from "./transport.ts"
import type { Unlock } from "./vault/unlock.ts"

export interface EngineOptions {
  readonly name?: string
  readonly storage: Storage
  readonly transports: ReadonlyArray<Transport | HandTransport>
  /** What `url` of an invite starts with. */
  readonly appUrl: string
  readonly crypto: CryptoService
  /**
   * How what is kept is sealed and opened: with all of them a new vault is made; of them the first opens one that has its kind.
   * Left out: nothing is sealed.
   */
  readonly unlock?: ReadonlyArray<Unlock>
  /** Removes what the application keeps beside the storage, when the profile is erased, or an erasure is finished at a start. */
  readonly eraseBeside?: Effect.Effect<void>
  /** Begins `locked`, asking for nothing until `unlock`. */
  readonly startLocked?: boolean
}

export interface Engine {
  readonly name: Observable<string>
  readonly status: Observable<MessengerStatus>
  readonly contacts: Observable<ReadonlyArray<ContactHandle>>
  readonly invites: Observable<ReadonlyArray<InviteHandle>>
  readonly settings: Observable<Settings>
  readonly news: News
  readonly storage: EngineStorage
  readonly rename: (name: string) => Effect.Effect<void, SottoError>
  readonly configure: (change: Partial<Settings>) => Effect.Effect<void, SottoError>
  readonly invite: (options: InviteOptions) => Effect.Effect<InviteHandle, SottoError>
  readonly preview: (textOrUrl: string) => Effect.Effect<InvitePreview, SottoError>
  readonly accept: (textOrUrl: string) => Effect.Effect<ContactHandle, SottoError>
  readonly remove: (contact: ContactHandle) => Effect.Effect<void, SottoError>
  readonly hand: (contact: ContactHandle) => Effect.Effect<Hand, SottoError>
  readonly inspect: (fn: (transition: InspectedTransition) => void) => () => void
  readonly crypto: CryptoService
  /** The open storage, to read from: for a backup. */
  readonly stored: Effect.Effect<StoreService, SottoError>
  /**
   * Fills a profile that nobody is in. `write` stages; nothing of it is left where it fails. Meanwhile everything else is refused
   * as `busy`. With contacts or invites the profile is `profileNotEmpty`.
   */
  readonly refill: Refilling["refill"]
  readonly lock: Effect.Effect<void>
  readonly unlock: Effect.Effect<void, SottoError>
  /** As `unlock`, by these methods instead of those that the messenger was created with. */
  readonly unlockWith: (unlocks: ReadonlyArray<Unlock>) => Effect.Effect<void, SottoError>
  readonly vault: VaultDesk
  /** Opens the storage here, also when another tab or process has it: that one becomes `elsewhere`. */
  readonly takeOver: Effect.Effect<void, SottoError>
  /** Closes, and erases everything for good, without asking for a key. */
  readonly erase: Effect.Effect<void, SottoError>
  readonly close: Effect.Effect<void>
}

export interface EngineStorage {
  readonly kind: string
  readonly durable: boolean
  readonly health: Observable<StorageHealth>
  readonly measure: Effect.Effect<StorageHealth>
  readonly persist: Effect.Effect<boolean>
}
