/** Values that change and can be watched: the `Store`s of the public face. Docs: docs/architecture.md, "The face". */

/** A value that changes, and can be watched. */
export interface Observable<A> {
  /** As it is now. */
  readonly get: () => A
  /** Calls `fn` with the present value at once and at every change, until the returned function is called. */
  readonly subscribe: (fn: (value: A) => void) => () => void
}

/** A value that changes. `subscribe` calls `fn` with the present value at once and at every change; it returns the way out. */
export type Store<A> = Observable<A>

export interface Cell<A> extends Observable<A> {
  readonly set: (value: A) => void
}

/** Watchers may come and go while they are being told. One that throws must not keep the news from the others. */
const makeWatchers = <A>() => {
  const watchers = new Set<(value: A) => void>()
  return {
    size: () => watchers.size,
    add: (fn: (value: A) => void) => {
      const watcher = (value: A) => fn(value)
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    tell: (value: A) => {
      for (const watcher of [...watchers]) {
        try {
          watcher(value)
        } catch (error) {
          queueMicrotask(() => {
            throw error
          })
        }
      }
    },
  }
}

export const cell = <A>(initial: A): Cell<A> => {
  let current = initial
  const watchers = makeWatchers<A>()
  return {
    get: () => current,
    set: (value) => {
      if (Object.is(value, current)) return
      current = value
      watchers.tell(value)
    },
    subscribe: (fn) => {
      const end = watchers.add(fn)
      fn(current)
      return end
    },
  }
}

export interface Derived<A> extends Observable<A> {
  /** What it is computed from may have changed. Watchers hear of it in a microtask, and only of a difference. */
  readonly invalidate: () => void
}

/**
 * A value that is computed when somebody asks or watches. `same` says whether two values are alike for watchers; an equal
 * value keeps its identity. `watched` hears when the first watcher comes and when the last one goes.
 */
export const derived = <A>(
  compute: () => A,
  same: (left: A, right: A) => boolean = isAlike,
  watched: (isWatched: boolean) => void = () => {},
): Derived<A> => {
  let current: { readonly value: A } | undefined
  let stale = true
  let scheduled = false
  const watchers = makeWatchers<A>()
  const refresh = (): A => {
    if (!stale && current !== undefined) return current.value
    const value = compute()
    stale = false
    if (current === undefined || !same(current.value, value)) current = { value }
    return current.value
  }
  return {
    get: refresh,
    invalidate: () => {
      stale = true
      if (watchers.size() === 0 || scheduled) return
      scheduled = true
      queueMicrotask(() => {
        scheduled = false
        const before = current
        const value = refresh()
        if (current !== before) watchers.tell(value)
      })
    },
    subscribe: (fn) => {
      const value = refresh()
      const end = watchers.add(fn)
      if (watchers.size() === 1) watched(true)
      fn(value)
      return () => {
        if (watchers.size() === 0) return
        end()
        if (watchers.size() === 0) watched(false)
      }
    },
  }
}

/** Alike as JSON would have it; values of the face are small and plain. */
const isAlike = (left: unknown, right: unknown): boolean =>
  Object.is(left, right) || JSON.stringify(left) === JSON.stringify(right)
