/** The public face of what is kept: where, how much room there is, and the files that go out of it and come in. */
import type { StorageHealth } from "./core/messenger/values.ts"
import type { Store } from "./core/observable.ts"
import type { Argon2Parameters } from "./core/vault/argon2.ts"

/** Where conversations are kept, for a person. */
export interface MessengerStorage {
  /** What kind of storage, such as `indexeddb`. */
  readonly kind: string
  /** Whether what is kept survives the process. */
  readonly durable: boolean
  /** Kind, promise and room. Looked at when the storage opens, by `measure` and by `persist`. */
  readonly health: Store<StorageHealth>
  /** Looks again. */
  readonly measure: () => Promise<StorageHealth>
  /**
   * Asks the browser to keep the storage when space runs low; it may ask its user, who may never answer. Asked without being
   * called after a pairing. True where nothing needs to be asked for.
   */
  readonly persist: () => Promise<boolean>
}

/** A file as it is being written: portion by portion once, or whole. */
export interface Streamed<A> extends AsyncIterable<A> {
  /** As a stream. A file is written once: ask for it in one way only. */
  readonly stream: () => ReadableStream<A>
  /** Whole. */
  readonly blob: () => Promise<Blob>
}

/** What writing a backup costs, and where. */
export interface BackupOptions {
  /** What stretching a passphrase costs, also whoever opens the file. Default: three passes over 64 MiB. */
  readonly argon2?: Argon2Parameters
  /** In a browser: makes the worker that stretches it, of this package's `unlock/argon2-worker`. */
  readonly worker?: () => Worker
}

/** A backup to be read: a File or another Blob, what `fetch` gives, or bytes. */
export type BackupSource = Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Uint8Array
