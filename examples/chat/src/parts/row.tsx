/** One message: who, what, when, and how far it came. Side and name say who wrote; colour repeats it. */
import type { Contact, DeliveryState, Message } from "sotto"
import { dayName, dayNumber, timeOf } from "../days.ts"
import { live } from "../live.ts"
import { at, called, of } from "../names.ts"
import type { Thread } from "../thread.ts"
import { deliveryWord, gist, timerWords, words } from "../words.ts"
import { Icon } from "./icon.tsx"
import { Mark } from "./mark.tsx"
import { still } from "./still.tsx"

/** Messages of one person within this many milliseconds form a run. */
const RUN = 5 * 60_000

export interface RowProps {
  readonly contact: Contact
  readonly message: Message
  readonly thread: Thread
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
  a.kind === "text" &&
  b.kind === "text" &&
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
  const gone = message.text === ""
  const quoted = message.replyTo === undefined ? undefined : props.thread.original(message.replyTo).value
  const quotation = quoted === null ? words.originalGone : quoted && gist(quoted, called(contact))
  const openMenu = (event: MouseEvent & { readonly currentTarget: HTMLElement }) => {
    event.preventDefault()
    const box = event.currentTarget.getBoundingClientRect()
    // From the keyboard the event comes without a point.
    const byKey = event.clientX === 0 && event.clientY === 0
    props.onMenu(message, byKey ? box.left + 24 : event.clientX, byKey ? box.top + 24 : event.clientY)
  }
  const reactions = message.reactions.map(({ emoji, from }) => `${from === "me" ? "You" : called(contact)} ${emoji}`)
  const more = [
    quotation === undefined ? "" : `Answers ${quotation}`,
    message.edited ? "Edited" : "",
    reactions.length > 0 ? `Reactions: ${reactions.join(", ")}` : "",
    message.timer && message.kind === "text" ? `Disappears after ${timerWords(message.timer.after)}` : "",
  ]
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
      {message.kind === "text" ? null : (
        // biome-ignore lint/a11y/useSemanticElements: pages stand between the list and its items
        <div
          class="line"
          role="listitem"
          data-id={message.id}
          tabIndex={-1}
          aria-posinset={props.position}
          aria-setsize={props.size}
        >
          <Icon name={message.kind === "timer" ? "timer" : "refresh"} size={16} />
          <span>{gist(message, called(contact))}. </span>
          {mine && message.kind === "timer" && message.timer ? <span>{words.canKeep(called(contact))}</span> : null}
        </div>
      )}
      {message.kind === "text" ? (
        // biome-ignore lint/a11y/useSemanticElements: pages stand between the list and its items
        <div
          class={`row ${mine ? "mine" : "theirs"}${begins ? " begins" : ""}${ends ? " ends" : ""}`}
          role="listitem"
          data-id={message.id}
          tabIndex={-1}
          aria-label={of.message({
            who,
            text: gist(message, called(contact)),
            time,
            mark: state && !message.deleted && !gone ? deliveryWord[state] : "",
            more,
          })}
          aria-posinset={props.position}
          aria-setsize={props.size}
          onContextMenu={openMenu}
        >
          <div class="stack">
            <div class="bubble">
              {quotation === undefined ? null : (
                <p class="quote" dir="auto">
                  {quoted ? <b>{quoted.from === "me" ? "You" : called(contact)}</b> : null}
                  <span class="words">{quotation}</span>
                </p>
              )}
              <p class={gone ? "text gone" : "text"} dir="auto">
                <span class="words">{gist(message, called(contact))}</span>
                <span class="meta" dir="ltr">
                  {message.timer ? <Icon name="timer" size={14} /> : null}
                  {message.edited ? <span>edited</span> : null}
                  <time dateTime={new Date(message.at).toISOString()}>{time}</time>
                  {state && !message.deleted ? (
                    <Mark state={state} word={!gone && (props.newestOwn || failed)} />
                  ) : null}
                </span>
              </p>
            </div>
            {message.reactions.length === 0 ? null : (
              <div class="reactions" aria-hidden="true">
                {message.reactions.map(({ emoji, from }) => (
                  <span key={from} class={from === "me" ? "reaction own" : "reaction"}>
                    {emoji}
                  </span>
                ))}
              </div>
            )}
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
          {failed && !gone ? (
            <button type="button" class="row-retry" onClick={() => props.onRetry(message)}>
              {at.retry.name}
            </button>
          ) : null}
        </div>
      ) : null}
    </>
  )
}

/** Drawn again only when its own message or its neighbours change. */
export const Row = still(MessageRow)
