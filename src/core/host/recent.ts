/**
 * What was committed or read last, for whoever reads it next: a frame that is transmitted, the state that the next message is sealed
 * under, a setting that is not there. A host is the only writer of its records, so what it knows of them is so.
 */
import type { RecordId } from "../store.ts"

/** A window of messages with their frames, in bytes: a look into a browser's storage takes as long as sealing. */
const MAX_BYTES = 512 * 1024
/** What is larger is read again. */
const MAX_RECORD = 16 * 1024
/** An entry costs this much beside its bytes: one that says that there is no record as well. */
const ENTRY = 64

export class Recent {
  private readonly records = new Map<RecordId, Uint8Array | undefined>()
  private bytes = 0

  has(record: RecordId): boolean {
    return this.records.has(record)
  }

  /** A copy; undefined: there is no such record. */
  get(record: RecordId): Uint8Array | undefined {
    return this.records.get(record)?.slice()
  }

  /** The array stays as it is: it is kept. Undefined is a removal, or that there is none. */
  note(record: RecordId, bytes: Uint8Array | undefined): void {
    this.forget(record)
    const size = ENTRY + (bytes?.length ?? 0)
    if (size > MAX_RECORD) return
    this.records.set(record, bytes)
    this.bytes += size
    for (const oldest of this.records.keys()) {
      if (this.bytes <= MAX_BYTES) return
      this.forget(oldest)
    }
  }

  private forget(record: RecordId): void {
    if (!this.records.has(record)) return
    this.bytes -= ENTRY + (this.records.get(record)?.length ?? 0)
    this.records.delete(record)
  }
}
