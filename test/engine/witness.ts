/**
 * A storage with a witness: commits take time, the process may die at any point of them, and all that became durable is known.
 * Around any storage. Docs: core/store.ts.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import type { Batch, InstanceId, RecordId, Row, Storage, StoreService } from "../../src/core/store.ts"
import type { Dice } from "../../src/spec/simulation/dice.ts"

export const digestOf = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("base64url").slice(0, 22)

/** What a frame that was kept for sending is. */
export interface KeptFrame {
  /** Of our numbered sequence; undefined for an acknowledgement or a typing notice. */
  readonly number: number | undefined
  readonly acknowledgement: boolean
  /** Whether it took the place of a message under the same number. */
  readonly tombstone: boolean
  /** Which sealing of its content it is, from 1. */
  readonly sealing: number
}

/** What is durable, over all lives of one profile. */
export interface Witness {
  readonly rows: ReadonlyMap<InstanceId, Row>
  readonly records: ReadonlyMap<RecordId, Uint8Array>
  /** Every frame that was ever kept for sending, by its digest. */
  readonly frames: ReadonlyMap<string, KeptFrame>
  /** A storage for one life, and the end of that life: from then on it answers nobody. */
  readonly life: (inner: Storage) => { readonly storage: Storage; readonly die: () => void }
}

/** `dice` says how long commits take, in milliseconds of the clock; without them they take none. */
export const makeWitness = (dice?: Dice): Witness => {
  const rows = new Map<InstanceId, Row>()
  const records = new Map<RecordId, Uint8Array>()
  const frames = new Map<string, KeptFrame>()

  const keep = (record: RecordId, bytes: Uint8Array, batch: Batch) => {
    const name = /^frame\/(.+)$/.exec(record)?.[1]
    if (name === undefined) return
    const number = /^\d+$/.test(name) ? Number(name) : undefined
    const row =
      number === undefined ? undefined : (batch.rows.get(`delivery/${number}`) ?? rows.get(`delivery/${number}`))
    const tombstone = JSON.stringify(row?.value ?? "").includes("withdrawn")
    const alike = [...frames.values()].filter((frame) => frame.number === number && frame.tombstone === tombstone)
    const sealing = alike.length + 1
    const id = digestOf(bytes)
    if (!frames.has(id)) frames.set(id, { number, tombstone, sealing, acknowledgement: name === "acknowledgement" })
  }

  const witnessed = (store: StoreService, isAlive: () => boolean): StoreService => {
    const alive = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() =>
        isAlive() ? Effect.flatMap(effect, (a) => (isAlive() ? Effect.succeed(a) : Effect.never)) : Effect.never,
      )
    return {
      hosts: alive(store.hosts),
      load: (host) => alive(store.load(host)),
      read: (host, record) => alive(store.read(host, record)),
      list: (host, range) => alive(store.list(host, range)),
      erase: (host) => alive(store.erase(host)),
      commit: (batch) =>
        alive(
          Effect.gen(function* () {
            const wait = dice?.upTo(12) ?? 0
            if (wait > 0) yield* Effect.sleep(wait)
            if (!isAlive()) return yield* Effect.never
            yield* store.commit(batch)
            if (batch.host === "profile") return
            for (const [id, row] of batch.rows) row === undefined ? rows.delete(id) : rows.set(id, row)
            for (const [id, bytes] of batch.records) {
              if (bytes === undefined) records.delete(id)
              else records.set(id, bytes)
              if (bytes !== undefined) keep(id, bytes, batch)
            }
          }),
        ),
    }
  }

  return {
    rows,
    records,
    frames,
    life: (inner) => {
      let living = true
      return {
        storage: { ...inner, open: Effect.map(inner.open, (store) => witnessed(store, () => living)) },
        die: () => void (living = false),
      }
    },
  }
}
