/**
 * The public face, as types: what a user of the SDK holds in their hands. Promises for commands, `Store` for state, async
 * iterables for sequences. `createMessenger` in index.ts makes the values. Docs: README.md, docs/architecture.md.
 */
import type { ExportFormat } from "./core/backup/export.ts"
import type { Restored } from "./core/backup/restore.ts"
import type { BackupSecrets } from "./core/backup/secret.ts"
import type { CryptoService } from "./core/crypto/crypto.ts"
import type {
  Connection,
  DeliveryState,
  DisappearingTimer,
  Duration,
  HandCode,
  InspectedFrame,
  InspectedTransition,
  InviteOptions,
  InvitePreview,
  InviteState,
  MachineView,
  Message,
  MessageChange,
  MessengerEvent,
  MessengerStatus,
  SafetyNumber,
  Session,
  Settings,
  UnlockMethod,
  VaultView,
} from "./core/messenger/values.ts"
import type { Store } from "./core/observable.ts"
import type { Storage } from "./core/store.ts"
import type { HandTransport, Transport } from "./core/transport.ts"
import type { Unlock } from "./core/vault/unlock.ts"
import type { BackupOptions, BackupSource, MessengerStorage, Streamed } from "./face-storage.ts"

export type { ExportFormat } from "./core/backup/export.ts"
export type { Restored } from "./core/backup/restore.ts"
export type { BackupSecrets } from "./core/backup/secret.ts"
export type * from "./core/messenger/values.ts"
export type { Store } from "./core/observable.ts"
export type * from "./face-storage.ts"

/** What a messenger is made of. */
export interface MessengerOptions {
  /** Shown to contacts once paired; changeable; optional. At most 128 bytes of UTF-8. */
  readonly name?: string
  /** Where conversations are kept. Left out: in memory, with a `storageNotDurable` event. */
  readonly storage?: Storage
  /** How peers are reached. At least one. */
  readonly transports: ReadonlyArray<Transport | HandTransport>
  /** What `invite.url` starts with; the invite follows in the fragment. In a browser the page's own address by default. */
  readonly appUrl?: string
  /**
   * How what is kept is sealed at rest, and opened: `passphrase(ask)`, `passkey()`, `rawKey(bytes)`, or a list of them. A new
   * vault is made with all of them; one that exists is opened by the first that it has. Left out: nothing is sealed, with a
   * `storageNotSealed` event where the storage is durable.
   */
  readonly unlock?: Unlock | ReadonlyArray<Unlock>
  /**
   * Removes what the app keeps beside the storage (media, caches, preferences). Called when the profile is erased, and again when an
   * erasure that was interrupted is finished at a later start: it must bear being repeated.
   */
  readonly eraseBeside?: () => void | Promise<void>
  /** Begins `locked`, and asks for nothing until `unlock`: for an app with a lock screen. */
  readonly startLocked?: boolean
  /** Primitives. By default the runtime's own where it has them, otherwise noble. */
  readonly crypto?: CryptoService
  /**
   * Contacts without a link that stay open, at most; the others are a few kilobytes each and wake when they are used, reached or due.
   * Default: 16.
   */
  readonly maxAwake?: number
}

/** One user: contacts, invites, settings, and what happens. It has the storage until it is closed. */
export interface Messenger extends AsyncDisposable {
  /** What our user is called. */
  readonly name: Store<string>
  /** Changes the name, and tells all contacts. Rejects with `nameTooLong`. */
  readonly rename: (name: string) => Promise<void>
  /** Whether anything can be asked of it. */
  readonly status: Store<MessengerStatus>
  /** Everyone paired or pairing by our `accept`, the most recent conversation first. */
  readonly contacts: Store<ReadonlyArray<Contact>>
  /** Our invites that nobody has used up yet. */
  readonly invites: Store<ReadonlyArray<Invite>>
  /** What the user has turned on and off. */
  readonly settings: Store<Settings>
  /** Changes settings; what is left out stays. */
  readonly configure: (change: Partial<Settings>) => Promise<void>
  /** Makes an invite for one person, and listens where it says. Durable once it resolves. */
  readonly invite: (options?: InviteOptions) => Promise<Invite>
  /** What an invite says, before anything is contacted. Rejects with `inviteInvalid`, `inviteExpired` or `inviteNewer`. */
  readonly preview: (textOrUrl: string) => Promise<InvitePreview>
  /** Uses an invite. Resolves once our side is durable; pairing goes on in `contact.session`. */
  readonly accept: (textOrUrl: string) => Promise<Contact>
  /** Everything worth telling a person, from now on. Each iteration has its own, bounded queue. */
  readonly events: AsyncIterable<MessengerEvent>
  /** Every transition of every machine once it is committed. Returns the way out. */
  readonly inspect: (fn: (transition: InspectedTransition) => void) => () => void
  /** Every frame that a link carries, sealed as it is. Returns the way out. */
  readonly inspectFrames: (fn: (frame: InspectedFrame) => void) => () => void
  /** Where conversations are kept, for a person. */
  readonly storage: MessengerStorage
  /**
   * Everything but the state of ratchets in one encrypted file: identities, contacts, history, waiting messages, settings.
   * Stretching a passphrase takes a second or so. Docs: docs/backup.md.
   */
  readonly backup: (secrets: BackupSecrets, options?: BackupOptions) => Promise<Streamed<Uint8Array<ArrayBuffer>>>
  /**
   * Restores a backup into an empty profile: whole, or not at all. Rejects with `backupSecretWrong`, `backupTruncated`,
   * `backupAltered`, `backupNewer`, `backupInvalid`, `backupUnreadable` or `profileNotEmpty`.
   */
  readonly restore: (
    file: BackupSource,
    secrets: BackupSecrets,
    options?: Pick<BackupOptions, "worker">,
  ) => Promise<Restored>
  /** The conversations as a file that anybody can read. **Not encrypted**: warn before you offer it. */
  readonly export: (options: { readonly format: ExportFormat }) => Promise<Streamed<string>>
  /** What seals the storage: how it stands, and the ways to unlock it. */
  readonly vault: MessengerVault
  /** Closes every conversation and the storage, and wipes the keys from memory as far as JavaScript can, until `unlock`. */
  readonly lock: () => Promise<void>
  /**
   * Opens the storage again, by the `unlock` of `createMessenger` or by another one. Rejects with `unlockRefused` (wrong; nothing
   * was changed), `unlockDelayed` (too many wrong tries: see `vault.state`), `unlockCancelled`, `unlockNotSupported`,
   * `unlockMethod` (the vault has no such method, or a new one may not rest on it alone). From `elsewhere` a storage that is not
   * sealed opens by itself once the other tab or process has gone.
   */
  readonly unlock: (by?: Unlock | ReadonlyArray<Unlock>) => Promise<void>
  /**
   * Opens the storage here, also when another tab or process has it: that one drops everything and becomes `elsewhere`. If it
   * is in the middle of a write and stays there, `status` stays "elsewhere".
   */
  readonly takeOver: () => Promise<void>
  /**
   * Erases this profile for good, locked or not, also where another tab or process has it: the keys first, so that nothing opens any
   * more, then `eraseBeside`, then the data. If it is interrupted, the next start finishes it.
   */
  readonly erase: () => Promise<void>
  /** For good. `await using me = …` does it by itself. */
  readonly close: () => Promise<void>
}

/** What seals the storage: how it stands, and its unlock methods. */
export interface MessengerVault {
  /** Where it is in its life, wrong tries, and the unlock methods; the latter while locked as well. */
  readonly state: Store<VaultView>
  /** Adds a way to unlock; `label` is what its user calls it. Nothing is sealed anew. */
  readonly addMethod: (unlock: Unlock, label?: string) => Promise<UnlockMethod>
  /** Takes one away. The last one that is no passkey stays: rejects with `unlockMethod`. */
  readonly removeMethod: (id: string) => Promise<void>
  /** Puts another in its place at once, such as a new passphrase. */
  readonly changeMethod: (id: string, unlock: Unlock) => Promise<UnlockMethod>
  /** The user did something: `settings.autoLock` counts from here. Cheap enough for every key that is pressed. */
  readonly userActive: () => void
}

/** An invite of ours, from its making until somebody has used it or nobody will. */
export interface Invite {
  /** In hexadecimal: the pairing's name on the wire. */
  readonly id: string
  /** The invite as a link: `appUrl#…`. The part behind `#` never reaches a server. */
  readonly url: string
  /** The invite alone. */
  readonly text: string
  /** An SVG of the link as a QR code. */
  readonly qr: () => string
  /** Milliseconds of the wall clock. */
  readonly expiresAt: number
  /** What became of it. */
  readonly state: Store<InviteState>
  /** Resolves when the other side is paired; rejects with `inviteExpired` or `inviteCancelled` when the invite ends so. */
  readonly joined: () => Promise<Contact>
  /** Nobody can use it any more. */
  readonly cancel: () => Promise<void>
  /** By hand: the invite with an offer in it, to be shown or sent. A new call makes a new offer. */
  readonly offer: () => Promise<HandCode>
  /** By hand: takes the code that the other side shows. */
  readonly answer: (code: string) => Promise<void>
}

/** Somebody one talks to: state to watch, and what can be done. */
export interface Contact {
  /** Random, and without meaning outside this device. */
  readonly id: string
  /** What they call themselves, or what the invite claimed, or "". */
  readonly name: string
  /** Milliseconds of the wall clock. */
  readonly pairedAt: number | undefined
  /** The way to them. */
  readonly connection: Store<Connection>
  /** How pairing and the session stand. */
  readonly session: Store<Session>
  /** Undefined until paired. The first look takes some tens of milliseconds: 10,400 hashes. */
  readonly safetyNumber: SafetyNumber | undefined
  /** When the safety number was compared, in milliseconds of the wall clock. */
  readonly verified: Store<number | undefined>
  /** Whether the peer is writing; false 6 seconds after its last notice. */
  readonly typing: Store<boolean>
  /** Messages of the peer that were not marked as read. */
  readonly unread: Store<number>
  /** The latest message, of either side. */
  readonly last: Store<Message | undefined>
  /** Every machine of this contact, ratchets included. */
  readonly machines: Store<ReadonlyArray<MachineView>>
  /** Records that the safety number was compared; `verify(false)` takes it back. */
  readonly verify: (matches?: boolean) => Promise<void>
  /** After a changed identity: go on without comparing. Never marks as compared. */
  readonly continueUnverified: () => Promise<void>
  /** Agrees new keys for all four layers, as soon as both are online; the conversation goes on meanwhile. */
  readonly renewKeys: () => Promise<void>
  /**
   * Goes on with this copy after another one took its place (`session` is `replaced`): new keys are agreed, what waits goes
   * out, and the other copy stops. Ask your user first: if they did not copy or restore anything, somebody else has a copy.
   */
  readonly reclaim: () => Promise<void>
  /** Hangs up, and neither hears nor is heard until `unblock`. Messages under way fail; those that wait go later. */
  readonly block: () => Promise<void>
  /** Ends `block`. */
  readonly unblock: () => Promise<void>
  /** Erases the contact and the conversation from this device. */
  readonly remove: () => Promise<void>
  /** Resolves once the message is durable on this device; it will arrive when both are online. At most 64 KiB of UTF-8. */
  readonly send: (text: string, options?: SendOptions) => Promise<SentMessage>
  /** Replaces the text of an own message, on both sides. Rejects with `messageGone` or `messageNotOwn`. */
  readonly edit: (id: string, text: string) => Promise<void>
  /**
   * `me`: the message is wholly gone from this device; one of ours that was not delivered is not delivered any more. `everyone`:
   * an own message is emptied on both sides, as soon as the peer hears of it; what they copied they keep.
   */
  readonly delete: (id: string, options: { readonly for: "me" | "everyone" }) => Promise<void>
  /** Our one reaction to a message: one emoji, or null to take it back. */
  readonly react: (id: string, emoji: string | null) => Promise<void>
  /** How new messages disappear, as both sides agreed by the last setting of either; undefined: they stay. */
  readonly timer: Store<DisappearingTimer | undefined>
  /** Sets how messages disappear from now on, for both sides. Those that were sent keep what held then. At most 365 days. */
  readonly setTimer: (timer: TimerOptions) => Promise<void>
  /** Erases every message from this device. What was not delivered is not delivered any more. */
  readonly clear: () => Promise<void>
  /**
   * What becomes of messages after they were told of: edits, reactions, deletions, disappearing. From now on, until the contact is
   * gone; each iteration hears all of it. Many changes of one message may come as one.
   */
  readonly changes: AsyncIterable<MessageChange>
  /** History, then live, until the contact is gone. `after` a cursor; without one from the beginning. */
  readonly messages: (options?: { readonly after?: string }) => AsyncIterable<Message>
  /** A page of history: the `limit` (100; at most 500) messages before a cursor, or the last ones, in ascending order. */
  readonly history: (options?: { readonly before?: string; readonly limit?: number }) => Promise<ReadonlyArray<Message>>
  /** The message with this id, while it is there: what an answer's `replyTo` names. */
  readonly message: (id: string) => Promise<Message | undefined>
  /** Everything up to this message has been seen by the user. The peer is told, unless read receipts are off. */
  readonly markRead: (cursor: string) => Promise<void>
  /** Tells the peer that the user is writing; to be called at key strokes, throttled inside. */
  readonly setTyping: (typing: boolean) => void
  /** Tries to reach the peer now. */
  readonly connect: () => Promise<void>
  /** By hand: a code to show, which the other side answers. */
  readonly offer: () => Promise<HandCode>
  /** By hand: answers the other side's code; the result is the code to show back. On accepting an invite it is called without one. */
  readonly reply: (code?: string) => Promise<HandCode>
  /** By hand: takes the answer to `offer`. */
  readonly answer: (code: string) => Promise<void>
}

/** What goes with a message. */
export interface SendOptions {
  /** If the peer does not have the message by then, it expires and is not delivered. Default: it waits for ever. */
  readonly expiresIn?: Duration
  /** The id of the message that this one answers. Rejects with `messageGone` where it is not there any more. */
  readonly replyTo?: string
}

/** How messages are to disappear. */
export interface TimerOptions {
  /** Null: messages stay. */
  readonly after: Duration | null
  /**
   * `reading` (the default): the peer's side counts from when they have read it, ours from when it was delivered. `sending`: both
   * count from when it was written; what is not delivered by then never is.
   */
  readonly from?: DisappearingTimer["from"]
}

/** A message of ours, and what becomes of it. */
export interface SentMessage extends Message {
  readonly state: Store<DeliveryState>
  /** Resolves when the message has come that far (or farther); rejects when it failed or expired. */
  readonly until: (state: "sent" | "delivered" | "read") => Promise<void>
}
