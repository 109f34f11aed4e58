/**
 * A map in two stages over one that is committed: what the turn has settled so far, and what the event under way would
 * change on top of it. Dropping the second stage is the savepoint. Docs: architecture.md, "One pipeline".
 */
export class Overlay<K, V> {
  private readonly kept = new Map<K, V | undefined>()
  private readonly pending = new Map<K, V | undefined>()

  /** Whether this turn says anything about the key, be it that it is removed. */
  has(key: K): boolean {
    return this.pending.has(key) || this.kept.has(key)
  }

  get(key: K): V | undefined {
    return this.pending.has(key) ? this.pending.get(key) : this.kept.get(key)
  }

  /** Undefined is a removal. */
  set(key: K, value: V | undefined): void {
    this.pending.set(key, value)
  }

  /** Makes what is pending part of the turn. */
  keep(): void {
    for (const [key, value] of this.pending) this.kept.set(key, value)
    this.pending.clear()
  }

  /** Back to the last `keep`. */
  drop(): void {
    this.pending.clear()
  }

  /** Everything the turn says, one after the other; as `all`, without a map of its own. */
  *each(): Iterable<readonly [K, V | undefined]> {
    for (const entry of this.kept) if (!this.pending.has(entry[0])) yield entry
    yield* this.pending
  }

  /** Everything the turn says, pending or kept. */
  all(): ReadonlyMap<K, V | undefined> {
    return this.pending.size === 0 ? this.kept : new Map([...this.kept, ...this.pending])
  }
}
