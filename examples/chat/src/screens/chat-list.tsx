/** Everyone one is connected with, with what was said last. */

import { useRef } from "preact/hooks"
import type { Contact } from "sotto"
import { briefly } from "../days.ts"
import { live } from "../live.ts"
import { at, called, of } from "../names.ts"
import { Avatar } from "../parts/avatar.tsx"
import { Mark } from "../parts/mark.tsx"
import { go, route } from "../routes.ts"
import { gist } from "../words.ts"

export const ChatList = ({ contacts }: { readonly contacts: ReadonlyArray<Contact> }) => {
  const list = useRef<HTMLDivElement>(null)
  const here = route.value.page === "chat" ? route.value.id : undefined
  const entry = contacts.some((contact) => contact.id === here) ? here : contacts[0]?.id
  const walk = (event: KeyboardEvent) => {
    const options = [...(list.current?.querySelectorAll<HTMLElement>("[role=option]") ?? [])]
    const now = options.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: options.length - 1 }[event.key]
    if (event.altKey || event.ctrlKey || next === undefined) return
    event.preventDefault()
    options[Math.min(Math.max(next, 0), options.length - 1)]?.focus()
  }
  return (
    <div ref={list} class="chat-list" role="listbox" aria-label={at.chats.name} onKeyDown={walk}>
      {contacts.map((contact, index) => (
        <Option
          key={contact.id}
          contact={contact}
          here={contact.id === here}
          entry={contact.id === entry}
          position={index + 1}
          size={contacts.length}
        />
      ))}
    </div>
  )
}

const emptyWords = {
  handshaking: "Connecting…",
  established: "No messages yet",
  healing: "Agreeing new keys…",
  replaced: "Another copy goes on",
  paused: "Safety number changed",
  failed: "Not connected",
  blocked: "Blocked",
} as const

interface OptionProps {
  readonly contact: Contact
  readonly here: boolean
  /** The one that Tab leads to. */
  readonly entry: boolean
  readonly position: number
  readonly size: number
}

const Option = ({ contact, here, entry, position, size }: OptionProps) => {
  const who = called(contact)
  const unread = live(contact.unread).value
  const last = live(contact.last).value
  const session = live(contact.session).value
  const state = chatState(contact)
  const choose = () => go({ page: "chat", id: contact.id })
  const text = last === undefined ? emptyWords[session.state] : gist(last, who)
  return (
    <div
      class="chat"
      role="option"
      tabIndex={entry ? 0 : -1}
      aria-selected={here}
      aria-posinset={position}
      aria-setsize={size}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return
        event.preventDefault()
        choose()
      }}
    >
      {/* All of it once more, in the order in which it is worth hearing. */}
      <span class="visually-hidden">{of.option({ who, unread, state, last: text })}</span>
      <span class="chat-inside" aria-hidden="true">
        <Avatar id={contact.id} name={who} />
        <span class="chat-name">
          <bdi>{who}</bdi>
        </span>
        <span class="chat-time">{last ? briefly(last.at, Date.now()) : ""}</span>
        <span class="chat-last">
          {last?.state ? <LastMark message={last} /> : null}
          <span dir="auto">{live(contact.typing).value ? "writing…" : text}</span>
        </span>
        {unread > 0 ? <span class="badge">{unread > 99 ? "99+" : unread}</span> : null}
      </span>
    </div>
  )
}

const LastMark = ({ message }: { readonly message: NonNullable<ReturnType<Contact["last"]["get"]>> }) =>
  message.state ? <Mark state={live(message.state).value} word={false} /> : null

/** One word for what stands out about a chat. */
const chatState = (contact: Contact): string => {
  const session = live(contact.session).value
  if (session.state === "paused") return "safety number changed"
  if (session.state === "blocked") return "blocked"
  if (session.state === "replaced") return "another copy goes on"
  if (session.state === "failed") return "not connected"
  return session.waiting > 0 ? "waiting" : ""
}
