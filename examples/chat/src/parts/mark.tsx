/** How far an own message has come. Only the peer's authenticated acknowledgements move it past the clock. */
import type { DeliveryState } from "sotto"
import { deliveryWord } from "../words.ts"

const shapes: Readonly<Record<DeliveryState, string>> = {
  queued: "M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 0 0 0-11zM8 5v3.200l2 1.300",
  sent: "M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 0 0 0-11zM8 5v3.200l2 1.300",
  delivered: "M1.500 8.500l3 3 6-7M8 10.500l1 1 6-7",
  read: "M1.500 8.500l3 3 6-7M8 10.500l1 1 6-7",
  failed: "M8 3v6M8 12.500h.01",
  expired: "M8 3v6M8 12.500h.01",
}

export const Mark = ({ state, word }: { readonly state: DeliveryState; readonly word: boolean }) => (
  <span class="mark" data-state={state}>
    {word ? <span class="mark-word">{deliveryWord[state]}</span> : null}
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={shapes[state]} />
    </svg>
  </span>
)
