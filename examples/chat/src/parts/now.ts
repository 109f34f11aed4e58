/** The time, for what counts down or up while it is on screen. */
import { useEffect, useState } from "preact/hooks"

/** What a store holds, looked at twice a second however often it changes. For what is watched, not used. */
export const useSample = <A>(store: { readonly get: () => A }): A => {
  useNow(500)
  return store.get()
}

export const useNow = (every: number): number => {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}
