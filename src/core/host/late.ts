/**
 * Bytes of a record that are made when somebody asks for them: a state that every event of a turn replaces is encoded for the commit
 * and not for each of them. Docs: architecture.md, "One pipeline".
 */
import type { RecordId } from "../store.ts"
import type { Listed } from "./listing.ts"

/**
 * Made once, when they are first asked for. What they are made of must not change meanwhile, and making them must not throw: by then
 * no event can be set aside for it.
 */
export class Late {
  private make: (() => Uint8Array) | undefined
  private made: Uint8Array | undefined

  constructor(make: () => Uint8Array) {
    this.make = make
  }

  get isMade(): boolean {
    return this.make === undefined
  }

  get bytes(): Uint8Array {
    if (this.make !== undefined) {
      this.made = this.make()
      this.make = undefined // and with it what they were made of
    }
    return this.made!
  }
}

/** What a handler writes. */
export type Written = Uint8Array | Late

export const bytesOf = (written: Written): Uint8Array => (written instanceof Late ? written.bytes : written)

/** A commit's records. */
export const allMade = (
  records: ReadonlyMap<RecordId, Written | undefined>,
): ReadonlyMap<RecordId, Uint8Array | undefined> => {
  const made = new Map<RecordId, Uint8Array | undefined>()
  for (const [record, written] of records) made.set(record, written && bytesOf(written))
  return made
}

/** Those of them that a listing may see. */
export const madeWithin = (
  records: ReadonlyMap<RecordId, Written | undefined>,
  covers: (record: RecordId) => boolean,
): ReadonlyMap<RecordId, Listed[1] | undefined> => allMade(new Map([...records].filter(([record]) => covers(record))))
