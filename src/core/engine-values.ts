/** What an engine is made of and what it gives, as types. The engine is in engine.ts. Docs: docs/architecture.md. */
import type * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import type { Refilling } from "./backup/refilling.ts"
import type { CryptoService } from "./crypto/crypto.ts"
import type { SottoError } from "./errors.ts"
import type { KeysAhead } from "./handshake/keys-ahead.ts"
import type { ContactHandle } from "./messenger/contact-handle.ts"
import type { VaultDesk } from "./messenger/guard.ts"
import type { Hand } from "./messenger/hand-pairing.ts"
import type { InviteHandle } from "./messenger/invite-handle.ts"
import type { News } from "./messenger/news.ts"
import type {
  InspectedFrame,
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

/** What an engine is made of. */
export interface EngineOptions {
  /** Shown to contacts once paired. At most 128 bytes of UTF-8. */
  readonly name?: string
  /** Where conversations are kept. */
  readonly storage: Storage
  /** How peers are reached. At least one. */
  readonly transports: ReadonlyArray<Transport | HandTransport>
  /** What `url` of an invite starts with. */
  readonly appUrl: string
  /** The primitives. */
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
  /** Stands between the engine and its storage, once that is open: for a simulator, which watches what a vault has sealed. */
  readonly between?: (store: StoreService) => StoreService
  /**
   * Keys of the next pairing, made while nothing else is to be done; for as long as the storage is open. Left out: they are made when
   * they are needed.
   */
  readonly ahead?: Effect.Effect<KeysAhead, never, Scope>
  /** Contacts without a link that stay open, at most; the others sleep until they are used, reached or due. Default: 16. */
  readonly maxAwake?: number
}

/** One user's messenger, as Effects and observables. `Messenger` has the same as promises. */
export interface Engine {
  /** What our user is called. */
  readonly name: Observable<string>
  /** Whether anything can be asked of it. */
  readonly status: Observable<MessengerStatus>
  /** Everyone paired or pairing by our `accept`, the most recent conversation first. */
  readonly contacts: Observable<ReadonlyArray<ContactHandle>>
  /** Our invites that nobody has used up yet. */
  readonly invites: Observable<ReadonlyArray<InviteHandle>>
  /** What the user has turned on and off. */
  readonly settings: Observable<Settings>
  /** What is worth telling a person: `events` makes a stream of it. */
  readonly news: News
  /** Where conversations are kept. */
  readonly storage: EngineStorage
  /** Changes the name, and tells all contacts. */
  readonly rename: (name: string) => Effect.Effect<void, SottoError>
  /** Changes settings. */
  readonly configure: (change: Partial<Settings>) => Effect.Effect<void, SottoError>
  /** Makes an invite, and listens where it says. */
  readonly invite: (options: InviteOptions) => Effect.Effect<InviteHandle, SottoError>
  /** What an invite says, before anything is contacted. */
  readonly preview: (textOrUrl: string) => Effect.Effect<InvitePreview, SottoError>
  /** Uses an invite. Pairing goes on in the contact's `session`. */
  readonly accept: (textOrUrl: string) => Effect.Effect<ContactHandle, SottoError>
  /** Erases the contact and the conversation from this device. */
  readonly remove: (contact: ContactHandle) => Effect.Effect<void, SottoError>
  /** The steps of a connection by codes that people carry. */
  readonly hand: (contact: ContactHandle) => Effect.Effect<Hand, SottoError>
  /** Every transition of every machine once it is committed. Returns the way out. */
  readonly inspect: (fn: (transition: InspectedTransition) => void) => () => void
  /** Every frame that a link carries. Returns the way out. */
  readonly inspectFrames: (fn: (frame: InspectedFrame) => void) => () => void
  /** The primitives in use. */
  readonly crypto: CryptoService
  /** The open storage, to read from: for a backup. */
  readonly stored: Effect.Effect<StoreService, SottoError>
  /**
   * Fills a profile that nobody is in. `write` stages; nothing of it is left where it fails. Meanwhile everything else is refused
   * as `busy`. With contacts or invites the profile is `profileNotEmpty`.
   */
  readonly refill: Refilling["refill"]
  /** Closes every conversation and the storage, and wipes the keys as far as JavaScript can. */
  readonly lock: Effect.Effect<void>
  /** Opens the storage again, by the methods that the engine was made with. */
  readonly unlock: Effect.Effect<void, SottoError>
  /** As `unlock`, by these methods instead of those that the messenger was created with. */
  readonly unlockWith: (unlocks: ReadonlyArray<Unlock>) => Effect.Effect<void, SottoError>
  /** What seals the storage, and the ways to unlock it. */
  readonly vault: VaultDesk
  /** Opens the storage here, also when another tab or process has it: that one becomes `elsewhere`. */
  readonly takeOver: Effect.Effect<void, SottoError>
  /** Closes, and erases everything for good, without asking for a key. */
  readonly erase: Effect.Effect<void, SottoError>
  /** Closes for good. */
  readonly close: Effect.Effect<void>
}

/** Where conversations are kept, for a person. */
export interface EngineStorage {
  /** What kind of storage, such as `indexeddb`. */
  readonly kind: string
  /** Whether what is kept survives the process. */
  readonly durable: boolean
  /** Kind, promise and room, as last looked at. */
  readonly health: Observable<StorageHealth>
  /** Looks again. */
  readonly measure: Effect.Effect<StorageHealth>
  /** Asks the runtime to keep it when space runs low. */
  readonly persist: Effect.Effect<boolean>
}
