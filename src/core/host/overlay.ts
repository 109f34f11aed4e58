/**
 * A map over one that is committed: what the turn would change. What the event under way changed can be dropped again; that is
 * the savepoint. Docs: architecture.md, "One pipeline".
 */
export class Overlay<K, V> {
  private readonly entries = new Map<K, V | undefined>()
  /** What stood there before the event under way, in the order of its changes. */
  private readonly before: Array<readonly [key: K, was: boolean, value: V | undefined]> = []

  /** Whether this turn says anything about the key, be it that it is removed. */
  has(key: K): boolean {
    return this.entries.has(key)
  }

  get(key: K): V | undefined {
    return this.entries.get(key)
  }

  /** Undefined is a removal. */
  set(key: K, value: V | undefined): void {
    this.before.push([key, this.entries.has(key), this.entries.get(key)])
    this.entries.set(key, value)
  }

  /** Makes what is pending part of the turn. */
  keep(): void {
    this.before.length = 0
  }

  /** Back to the last `keep`. */
  drop(): void {
    for (const [key, was, value] of this.before.reverse()) {
      if (was) this.entries.set(key, value)
      else this.entries.delete(key)
    }
    this.before.length = 0
  }

  /** Everything the turn says. */
  all(): ReadonlyMap<K, V | undefined> {
    return this.entries
  }
}
