/**
 * What was made of a key, kept for as long as its caller keeps the key: importing a key into a runtime costs as much as using it.
 *
 * Nothing is held but by the caller's own array, so what was made goes with it; an array with another content (wiped, or used
 * again) counts as another key; and no more than `limit` are kept at once, the oldest give way.
 */
import { equal } from "./bytes.ts"

interface Kept<A> {
  /** What the array held when `value` was made. */
  readonly content: Uint8Array
  readonly value: A
}

/** `make`, but for an array that is asked for again with the same content. What `make` throws is not kept. */
export const keptBy = <A>(limit: number, make: (key: Uint8Array) => A): ((key: Uint8Array) => A) => {
  const kept = new WeakMap<Uint8Array, Kept<A>>()
  const order: Array<WeakRef<Uint8Array>> = []
  let next = 0
  return (key) => {
    const known = kept.get(key)
    if (known !== undefined) {
      if (equal(known.content, key)) return known.value
      known.content.fill(0)
      kept.delete(key) // should `make` throw, nothing stands for the array
    }
    const value = make(key)
    kept.set(key, { content: key.slice(), value })
    if (known === undefined) {
      const oldest = order[next]?.deref()
      if (oldest !== undefined) {
        kept.get(oldest)?.content.fill(0)
        kept.delete(oldest)
      }
      order[next] = new WeakRef(key)
      next = (next + 1) % limit
    }
    return value
  }
}
