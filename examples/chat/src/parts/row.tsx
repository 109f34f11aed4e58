/** One message: who, what, when, and how far it came. Side and name say who wrote; colour repeats it. */
import type { Contact, DeliveryState, Message } from "sotto"
import { dayName, dayNumber, timeOf } from "../days.ts"
import { live } from "../live.ts"
import { at, called, of } from "../names.ts"
import { deliveryWord } from "../words.ts"
import { Icon } from "./icon.tsx"
import { Mark } from "./mark.tsx"
import { still } from "./still.tsx"

/** Messages of one person within this many milliseconds form a run. */
const RUN = 5 * 60_000

export interface RowProps {
  readonly contact: Contact
  readonly message: Message
  readonly before: Message | undefined
  readonly after: Message | undefined
  /** Counted from 1 in what is loaded. */
  readonly position: number
  /** -1 while older messages are not loaded. */
  readonly size: number
  /** Whether it is the newest own message: its mark says the word. */
  readonly newestOwn: boolean
  readonly today: number
  readonly onMenu: (message: Message, x: number, y: number) => void
  readonly onRetry: (message: Message) => void
}

const sameRun = (a: Message | undefined, b: Message | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.from === b.from &&
  Math.abs(b.at - a.at) < RUN &&
  dayNumber(a.at) === dayNumber(b.at) &&
  b.gap === 0

const MessageRow = (props: RowProps) => {
  const { contact, message, before, after } = props
  const mine = message.from === "me"
  const who = mine ? "You" : called(contact)
  const state: DeliveryState | undefined = message.state ? live(message.state).value : undefined
  const time = timeOf(message.at)
  const begins = !sameRun(before, message)
  const ends = !sameRun(message, after)
  const newDay = before === undefined || dayNumber(before.at) !== dayNumber(message.at)
  const failed = state === "failed" || state === "expired"
  return (
    <>
      {newDay ? (
        <div class="day" role="presentation">
          <span class="day-name">{dayName(message.at, props.today)}</span>
        </div>
      ) : null}
      {message.gap > 0 ? (
        <div class="gap" role="presentation">
          {message.gap === 1 ? "1 message is missing here" : `${message.gap} messages are missing here`}
        </div>
      ) : null}
      {/* biome-ignore lint/a11y/useSemanticElements: pages stand between the list and its items */}
      <div
        class={`row ${mine ? "mine" : "theirs"}${begins ? " begins" : ""}${ends ? " ends" : ""}`}
        role="listitem"
        data-id={message.id}
        tabIndex={-1}
        aria-label={of.message({ who, text: message.text, time, mark: state ? deliveryWord[state] : "" })}
        aria-posinset={props.position}
        aria-setsize={props.size}
        onContextMenu={(event) => {
          event.preventDefault()
          const box = event.currentTarget.getBoundingClientRect()
          // From the keyboard the event comes without a point.
          const byKey = event.clientX === 0 && event.clientY === 0
          props.onMenu(message, byKey ? box.left + 24 : event.clientX, byKey ? box.top + 24 : event.clientY)
        }}
      >
        <div class="bubble">
          <p class="text" dir="auto">
            {message.text}
            <span class="meta" dir="ltr">
              <time dateTime={new Date(message.at).toISOString()}>{time}</time>
              {state ? <Mark state={state} word={props.newestOwn || failed} /> : null}
            </span>
          </p>
        </div>
        <button
          type="button"
          class="row-more"
          tabIndex={-1}
          aria-label={at.openMessageActions.name}
          aria-haspopup="menu"
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            props.onMenu(message, box.left, box.bottom)
          }}
        >
          <Icon name="more" size={18} />
        </button>
        {failed ? (
          <button type="button" class="row-retry" onClick={() => props.onRetry(message)}>
            {at.retry.name}
          </button>
        ) : null}
      </div>
    </>
  )
}

/** Drawn again only when its own message or its neighbours change. */
export const Row = still(MessageRow)
