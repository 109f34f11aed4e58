/** The time, for what counts down or up while it is on screen. */
import { useEffect, useState } from "preact/hooks"

export const useNow = (every: number): number => {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}
