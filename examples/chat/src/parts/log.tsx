/**
 * The messages of a conversation. Only the pages near the view are drawn; the others are space of the height they had. Before
 * every change the first visible row is remembered and afterwards put back where it was, so that loading older messages or
 * drawing pages moves nothing under the reader's eyes.
 */
import { signal } from "@preact/signals"
import { Component, createRef } from "preact"
import type { Contact, Message } from "sotto"
import { live } from "../live.ts"
import { at, called, of } from "../names.ts"
import type { Page, Thread } from "../thread.ts"
import { Button } from "./button.tsx"
import { Icon } from "./icon.tsx"
import { Row } from "./row.tsx"
import { type Span, sameSpan, spanOf } from "./window.ts"

/** Pixels beyond the view that are drawn, so that a fling does not outrun the drawing. */
const OVERSCAN = 900
/** Nearer than this to the top, older messages are fetched. */
const NEAR_TOP = 1_500
/** Nearer than this to the end counts as being there. */
const AT_END = 48
/** Until a page was drawn: pixels a message. */
const GUESS = 52

export interface LogProps {
  readonly contact: Contact
  readonly thread: Thread
  readonly onMenu: (message: Message, x: number, y: number) => void
  readonly onRetry: (message: Message) => void
  /** Called whenever the person may have come to see the newest messages. */
  readonly onSeen: () => void
}

interface Anchor {
  readonly id: string
  readonly top: number
}

/** The pages drawn, held by the first one's key: pages that come in above change its index, not what is drawn. */
interface Drawn extends Span {
  readonly key: string | undefined
}

const nothing: Drawn = { first: 0, end: 0, above: 0, below: 0, key: undefined }

export class MessageLog extends Component<LogProps> {
  private readonly scroller = createRef<HTMLDivElement>()
  private readonly list = createRef<HTMLDivElement>()
  private readonly span = signal<Drawn>(nothing)
  private readonly fresh = signal(0)
  private readonly atEnd = signal(true)
  private readonly heights = new Map<string, number>()
  private count = 0
  private anchor: Anchor | undefined
  private resizing: ResizeObserver | undefined

  /** Whether the newest message is in view. */
  get seesEnd(): boolean {
    return this.atEnd.peek()
  }

  toEnd = () => {
    const scroller = this.scroller.current
    if (scroller === null) return
    this.atEnd.value = true
    this.fresh.value = 0
    this.settle()
    scroller.scrollTop = scroller.scrollHeight
  }

  override componentDidMount() {
    this.resizing = new ResizeObserver(() => (this.atEnd.peek() ? this.toEnd() : this.restore(this.anchor)))
    if (this.scroller.current) this.resizing.observe(this.scroller.current)
    // A row grows by itself too: a reaction comes, a quotation is found.
    if (this.list.current) this.resizing.observe(this.list.current)
    this.toEnd()
  }

  override componentWillUnmount() {
    this.resizing?.disconnect()
  }

  /** The heights as drawn, and the first visible row with its place. */
  override getSnapshotBeforeUpdate(): Anchor | undefined {
    this.measure()
    return this.firstVisible()
  }

  override componentDidUpdate(_props: LogProps, _state: object, anchor: Anchor | undefined) {
    const pages = this.props.thread.pages.peek()
    const count = pages.reduce((sum, page) => sum + page.messages.length, 0)
    const last = pages.at(-1)?.messages.at(-1)
    const grew = count > this.count && last !== this.newest
    if (grew && last?.from === "me") this.atEnd.value = true
    if (this.atEnd.peek()) this.toEnd()
    else {
      if (grew && this.newest !== undefined) this.fresh.value += this.arrivedSince(pages)
      this.restore(anchor)
    }
    this.newest = last
    this.count = count
    this.look()
  }

  private newest: Message | undefined

  private arrivedSince(pages: ReadonlyArray<Page>): number {
    let fresh = 0
    for (const page of [...pages].reverse()) {
      for (const message of [...page.messages].reverse()) {
        if (message.id === this.newest?.id) return fresh
        if (message.from !== "me") fresh++
      }
    }
    return fresh
  }

  private measure() {
    for (const element of this.list.current?.children ?? []) {
      const key = (element as HTMLElement).dataset["page"]
      if (key !== undefined) this.heights.set(key, element.getBoundingClientRect().height)
    }
  }

  private firstVisible(): Anchor | undefined {
    const scroller = this.scroller.current
    if (scroller === null) return undefined
    const edge = scroller.getBoundingClientRect().top
    const rows = scroller.querySelectorAll<HTMLElement>("[data-id]")
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > edge) high = middle
      else low = middle + 1
    }
    const row = rows[low]
    return row ? { id: row.dataset["id"] ?? "", top: row.getBoundingClientRect().top - edge } : undefined
  }

  private restore(anchor: Anchor | undefined) {
    const scroller = this.scroller.current
    if (scroller === null || anchor === undefined) return
    const row = scroller.querySelector(`[data-id="${CSS.escape(anchor.id)}"]`)
    if (row === null) return
    const moved = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.top
    if (Math.abs(moved) >= 0.5) scroller.scrollTop += moved
  }

  private heightOf = (page: Page): number => this.heights.get(page.key) ?? page.messages.length * GUESS

  /** What was decided last, for the pages as they are now. */
  private drawn(pages: ReadonlyArray<Page>): Span {
    const span = this.span.value
    const come = pages.findIndex((page) => page.key === span.key) - span.first
    if (come <= 0) return span
    const above = pages.slice(0, come).reduce((sum, page) => sum + this.heightOf(page), span.above)
    return { ...span, first: span.first + come, end: span.end + come, above }
  }

  /** Decides anew which pages are drawn. */
  private settle() {
    const scroller = this.scroller.current
    if (scroller === null) return
    const pages = this.props.thread.pages.peek()
    const heights = pages.map(this.heightOf)
    const total = heights.reduce((sum, height) => sum + height, 0)
    const top = this.atEnd.peek()
      ? Math.max(0, total - scroller.clientHeight)
      : scroller.scrollTop - (this.list.current?.offsetTop ?? 0)
    const next = spanOf(heights, top, scroller.clientHeight, OVERSCAN)
    const key = pages[next.first]?.key
    const now = this.span.peek()
    if (key !== now.key || !sameSpan(next, now)) this.span.value = { ...next, key }
  }

  /** After scrolling or drawing. */
  private look = () => {
    const scroller = this.scroller.current
    if (scroller === null) return
    this.settle()
    this.anchor = this.firstVisible()
    const { complete, loading, failed, older } = this.props.thread
    if (scroller.scrollTop < NEAR_TOP && !complete.peek() && !loading.peek() && !failed.peek()) void older()
    if (this.atEnd.peek()) this.props.onSeen()
  }

  private scrolled = () => {
    const scroller = this.scroller.current
    if (scroller === null) return
    const end = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END
    if (end !== this.atEnd.peek()) this.atEnd.value = end
    if (end && this.fresh.peek() > 0) this.fresh.value = 0
    this.look()
  }

  /** Arrow keys walk through the messages once one of them has focus. */
  private walk = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
    const rows = [...(this.scroller.current?.querySelectorAll<HTMLElement>("[data-id]") ?? [])]
    const now = rows.indexOf(document.activeElement as HTMLElement)
    const next = now === -1 ? rows.length - 1 : now + (event.key === "ArrowUp" ? -1 : 1)
    const row = rows[next]
    if (row === undefined) return
    event.preventDefault()
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: "nearest" })
  }

  override render({ contact, thread, onMenu, onRetry }: LogProps) {
    const pages = thread.pages.value
    const complete = thread.complete.value
    const span = this.drawn(pages)
    const all = pages.flatMap((page) => page.messages)
    const size = complete ? all.length : -1
    const newestOwn = all.findLast((message) => message.from === "me")?.id
    // One value a day, so that rows which did not change are not drawn again.
    const today = new Date().setHours(12, 0, 0, 0)
    let position = pages.slice(0, span.first).reduce((sum, page) => sum + page.messages.length, 0)
    const place = of.log(called(contact))
    const jump = of.jump(this.fresh.value)
    return (
      <div class="log-frame">
        <div
          ref={this.scroller}
          class="log"
          role="log"
          aria-live="off"
          aria-label={place.name}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          onScroll={this.scrolled}
          onKeyDown={this.walk}
        >
          <div class="log-start" role="presentation">
            {thread.failed.value ? (
              <Button place={at.readAgain} onClick={() => void thread.older()} />
            ) : complete ? null : (
              <span>Loading older messages…</span>
            )}
          </div>
          {complete && all.length === 0 && live(contact.session).value.state === "established" ? (
            <p class="log-empty">
              Nothing here yet. What you write is encrypted four times on this device before it leaves.
            </p>
          ) : null}
          <div ref={this.list} role={all.length > 0 ? "list" : undefined}>
            <div role="presentation" style={{ height: `${span.above}px` }} />
            {pages.slice(span.first, span.end).map((page) => {
              const start = position
              position += page.messages.length
              return (
                <div key={page.key} class="page" role="presentation" data-page={page.key}>
                  {page.messages.map((message, index) => (
                    <Row
                      key={message.id}
                      contact={contact}
                      message={message}
                      thread={thread}
                      before={all[start + index - 1]}
                      after={all[start + index + 1]}
                      position={start + index + 1}
                      size={size}
                      newestOwn={message.id === newestOwn}
                      today={today}
                      onMenu={onMenu}
                      onRetry={onRetry}
                    />
                  ))}
                </div>
              )
            })}
            <div role="presentation" style={{ height: `${span.below}px` }} />
          </div>
        </div>
        {this.atEnd.value ? null : (
          <button type="button" class="jump" aria-label={jump.name} onClick={this.toEnd}>
            {this.fresh.value > 0 ? <span>{this.fresh.value} new</span> : null}
            <Icon name="down" size={18} />
          </button>
        )}
      </div>
    )
  }
}
