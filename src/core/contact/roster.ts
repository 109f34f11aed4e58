/**
 * Which records there are of one kind, by their ids alone: whether a message came before is asked for every message, and most are new.
 * It is learnt once, of a conversation that is talked in, and kept up by the commits; a host is the only writer of its records.
 */
import * as Effect from "effect/Effect"
import type { HostId, RecordId, StoreService } from "../store.ts"

/** So many looks are made in the storage before it is worth learning all of them. */
const LOOKS = 3
/** As many as are learnt at most: more take longer to read than they spare. */
export const MAX_LEARNT = 1_024
/** As many as are kept at most, some 100 bytes each. */
const MAX_KEPT = 4_096

class Roster {
  /** What the ids of these records begin with. */
  readonly prefix: string
  private looks = 0
  private ids: Set<RecordId> | undefined
  private tooMany = false

  constructor(prefix: string) {
    this.prefix = prefix
  }

  /** Whether it is known that there is no such record. */
  lacks(record: RecordId): boolean {
    return this.ids !== undefined && record.startsWith(this.prefix) && !this.ids.has(record)
  }

  /** Whether this is a look for which all are to be learnt. */
  isWorth(record: RecordId): boolean {
    if (this.ids !== undefined || this.tooMany || !record.startsWith(this.prefix)) return false
    this.looks += 1
    return this.looks > LOOKS
  }

  /** All of them, or more than are learnt. */
  learn(ids: ReadonlyArray<RecordId>): void {
    if (ids.length > MAX_LEARNT) this.tooMany = true
    else this.ids = new Set(ids)
  }

  /** What was just committed. */
  note(record: RecordId, isThere: boolean): void {
    const { ids } = this
    if (ids === undefined || !record.startsWith(this.prefix)) return
    if (isThere) ids.add(record)
    else ids.delete(record)
    if (ids.size <= MAX_KEPT) return
    this.ids = undefined
    this.tooMany = true
  }
}

/** The store as one host has it, which is the only one that writes there: it need not be asked for what is known to be missing. */
export const withRoster = (store: StoreService, prefix: string): StoreService => {
  const roster = new Roster(prefix)
  /** Commits that were begun or ended so far; a listing beside one of them may be of before or after it. */
  let commits = 0
  let committing = 0

  const learn = (host: HostId) =>
    Effect.suspend(() => {
      const [before, alone] = [commits, committing === 0]
      return Effect.map(store.list(host, { prefix, limit: MAX_LEARNT + 1 }), (found) => {
        if (alone && before === commits) roster.learn(found.map(([id]) => id))
      })
    })

  return {
    ...store,
    read: (host, record) =>
      Effect.suspend(() => {
        if (roster.lacks(record)) return Effect.succeed(undefined)
        const read = store.read(host, record)
        return roster.isWorth(record) ? Effect.andThen(learn(host), read) : read
      }),
    commit: (batch) =>
      Effect.suspend(() => {
        commits += 1
        committing += 1
        const over = Effect.sync(() => {
          commits += 1
          committing -= 1
        })
        return Effect.ensuring(
          Effect.map(store.commit(batch), () => {
            for (const [record, bytes] of batch.records) roster.note(record, bytes !== undefined)
          }),
          over,
        )
      }),
  }
}
