/** The SDK's stores as signals: a component that reads `live(store).value` is drawn again whenever the store changes. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { Store } from "sotto"

const known = new WeakMap<object, Signal<unknown>>()

/** The same signal for the same store, subscribed for as long as the store lives. */
export const live = <A>(store: Store<A>): ReadonlySignal<A> => {
  const before = known.get(store) as Signal<A> | undefined
  if (before !== undefined) return before
  const made = signal<A>(store.get())
  known.set(store, made as Signal<unknown>)
  store.subscribe((value) => {
    // Subscribing tells the present value at once, perhaps while a component is being drawn: then nothing has changed.
    if (value !== made.peek()) made.value = value
  })
  return made
}
