/**
 * What one host keeps for a short while, packed: entries that were made together are one value in the database, for a request to
 * IndexedDB costs the same whatever it carries. What is changed stays in its pack, and what is removed takes the pack along that it
 * leaves empty, so nothing of it outlives the commit. Pure: it says which packs to write. Docs: docs/storage.md, "Packs".
 */

/** The entries of a pack by name; what is written is the map as it stands. */
export type Pack<V> = ReadonlyMap<string, V>

/** No pack takes more entries, so that a change of one of them writes a bounded number of others. */
export const MAX_ENTRIES = 32

/** Bytes in a pack at most: Chromium moves values of more than 64 KiB to files of their own. */
export const MAX_BYTES = 32 * 1_024

/** What a commit makes of the packs. */
export interface Change<V> {
  readonly after: Packs<V>
  /** The packs to be written, by number; undefined: it goes. */
  readonly writes: ReadonlyMap<number, Pack<V> | undefined>
}

/** Immutable: what is committed stands until the next commit is durable. */
export class Packs<V> {
  private readonly packs: ReadonlyMap<number, Pack<V>>
  private readonly places: ReadonlyMap<string, number>
  private readonly sizeOf: (value: V) => number

  /** `sizeOf`: what an entry counts for, in bytes. */
  constructor(
    packs: ReadonlyMap<number, Pack<V>>,
    sizeOf: (value: V) => number = () => 0,
    places: ReadonlyMap<string, number> = placesIn(packs),
  ) {
    this.packs = packs
    this.places = places
    this.sizeOf = sizeOf
  }

  get(name: string): V | undefined {
    const place = this.places.get(name)
    return place === undefined ? undefined : this.packs.get(place)!.get(name)
  }

  *entries(): Iterable<readonly [name: string, value: V]> {
    for (const pack of this.packs.values()) yield* pack
  }

  /** Bytes of all entries. */
  size(): number {
    let sum = 0
    for (const [, value] of this.entries()) sum += this.sizeOf(value)
    return sum
  }

  /** Undefined removes; removing what is not there changes nothing. */
  changed(changes: Iterable<readonly [name: string, value: V | undefined]>): Change<V> {
    const writes = new Map<number, Map<string, V>>()
    const places = new Map(this.places)
    const open = (place: number): Map<string, V> => {
      const known = writes.get(place) ?? new Map(this.packs.get(place))
      writes.set(place, known)
      return known
    }
    const fresh: Array<readonly [string, V]> = []
    for (const [name, value] of changes) {
      const place = places.get(name)
      if (place === undefined) {
        if (value !== undefined) fresh.push([name, value])
        continue
      }
      const pack = open(place)
      pack.delete(name)
      if (value !== undefined && this.fits(pack, value)) pack.set(name, value)
      else {
        places.delete(name)
        if (value !== undefined) fresh.push([name, value])
      }
    }
    // What is new fills the newest pack, and then others.
    let place = Math.max(-1, ...this.packs.keys())
    let room = place < 0 ? undefined : (writes.get(place) ?? this.packs.get(place))
    for (const [name, value] of fresh) {
      if (room === undefined || !this.fits(room, value)) place += 1
      room = open(place).set(name, value)
      places.set(name, place)
    }
    const packs = new Map(this.packs)
    for (const [at, pack] of writes) {
      if (pack.size === 0) packs.delete(at)
      else packs.set(at, pack)
    }
    const written = [...writes].map(([at, pack]) => [at, pack.size === 0 ? undefined : pack] as const)
    return { after: new Packs(packs, this.sizeOf, places), writes: new Map(written) }
  }

  private fits(pack: Pack<V>, value: V): boolean {
    let size = this.sizeOf(value)
    for (const other of pack.values()) size += this.sizeOf(other)
    return pack.size < MAX_ENTRIES && size <= MAX_BYTES
  }
}

const placesIn = <V>(packs: ReadonlyMap<number, Pack<V>>): ReadonlyMap<string, number> => {
  const places = new Map<string, number>()
  for (const [place, pack] of packs) for (const name of pack.keys()) places.set(name, place)
  return places
}
