/** The list of chats: everyone one is connected with, invites that wait, and the way to more. */

import { useRef, useState } from "preact/hooks"
import type { Contact, Invite, Messenger } from "sotto"
import { briefly, span } from "../days.ts"
import { notDurable } from "../events.ts"
import { live } from "../live.ts"
import { at, called, of } from "../names.ts"
import { Avatar } from "../parts/avatar.tsx"
import { Button, IconButton } from "../parts/button.tsx"
import { Icon } from "../parts/icon.tsx"
import { Mark } from "../parts/mark.tsx"
import { Notice } from "../parts/notice.tsx"
import { prefer, preferences } from "../preferences.ts"
import { go, route } from "../routes.ts"
import { drafts, opened, useMe } from "../ui.ts"
import { update, waitingVersion } from "../update.ts"
import { gist, words } from "../words.ts"

export const Chats = () => {
  const me = useMe()
  const [query, setQuery] = useState("")
  const contacts = live(me.contacts).value
  const invites = live(me.invites).value
  const asked = query.trim().toLocaleLowerCase()
  const found = contacts.filter((contact) => called(contact).toLocaleLowerCase().includes(asked))
  return (
    <nav class="pane chats" aria-label={at.main.name} data-pane="list">
      <header class="bar">
        <h2>Chats</h2>
        {live(me.vault.state).value.state === "none" ? null : (
          <IconButton place={at.lock} icon="lock" onClick={() => void me.lock()} />
        )}
        <IconButton
          place={at.settings}
          icon="settings"
          pressed={route.value.page === "settings"}
          onClick={() => go({ page: "settings" })}
        />
        <IconButton
          place={at.newChat}
          icon="plus"
          shortcut="Alt+N"
          onClick={() => {
            opened.value = { kind: "newChat" }
          }}
        />
      </header>
      {contacts.length > 0 ? (
        <div class="search">
          <Icon name="search" size={18} />
          <input
            id="search"
            type="search"
            class="input"
            placeholder="Search"
            aria-label={at.search.name}
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape" && query !== "") {
                event.stopPropagation()
                setQuery("")
              }
              const [first] = found
              if (event.key === "Enter" && first) go({ page: "chat", id: first.id })
            }}
          />
        </div>
      ) : null}
      <Notices some={contacts.length > 0} />
      <Waiting invites={invites} />
      {found.length > 0 ? (
        <List contacts={found} />
      ) : contacts.length > 0 ? (
        <div class="empty">
          <p>No chat is called “{query.trim()}”.</p>
        </div>
      ) : (
        <NoChats />
      )}
    </nav>
  )
}

const NoChats = () => (
  <div class="empty">
    <h2>No chats yet</h2>
    <p>Invite somebody you know, or use the invite that somebody gave you.</p>
    <div class="actions column">
      <Button
        place={at.createInvite}
        look="primary"
        icon="link"
        onClick={() => {
          opened.value = { kind: "invite" }
        }}
      />
      <Button
        place={at.useInvite}
        icon="scan"
        onClick={() => {
          opened.value = { kind: "use" }
        }}
      />
    </div>
  </div>
)

const Notices = ({ some }: { readonly some: boolean }) => {
  const me = useMe()
  const { durable, persisted } = live(me.storage.health).value
  return (
    <>
      {waitingVersion.value === undefined ? null : (
        <Notice
          actions={
            <>
              <Button place={at.update} look="primary" onClick={update} />
              <Button
                place={at.later}
                look="quiet"
                onClick={() => {
                  waitingVersion.value = undefined
                }}
              />
            </>
          }
        >
          {words.updateReady(waitingVersion.value.version)}
          {drafts.size > 0 ? " You have a draft: send it first." : ""}
        </Notice>
      )}
      {notDurable.value ? (
        <Notice tone="warn" icon="alert">
          {words.notDurable}
        </Notice>
      ) : some && durable && persisted === false ? (
        <Notice
          tone="warn"
          icon="alert"
          actions={
            <>
              <Button
                place={at.askToKeep}
                look="quiet"
                onClick={() => void me.storage.persist().catch(() => undefined)}
              />
              <Button
                place={at.saveBackup}
                look="quiet"
                onClick={() => {
                  opened.value = { kind: "saveBackup" }
                }}
              />
            </>
          }
        >
          {words.notPersistent}
        </Notice>
      ) : some && durable && preferences.value.backedUp === undefined && !preferences.value.backupLater ? (
        <Notice
          actions={
            <>
              <Button
                place={at.saveBackup}
                look="quiet"
                onClick={() => {
                  opened.value = { kind: "saveBackup" }
                }}
              />
              <Button place={at.notNow} look="quiet" onClick={() => prefer({ backupLater: true })} />
            </>
          }
        >
          {words.noBackup}
        </Notice>
      ) : null}
    </>
  )
}

const Waiting = ({ invites }: { readonly invites: ReadonlyArray<Invite> }) => (
  <>
    {invites.map((invite) => (
      <WaitingInvite key={invite.id} invite={invite} />
    ))}
  </>
)

const WaitingInvite = ({ invite }: { readonly invite: Invite }) => {
  const state = live(invite.state).value
  if (state !== "waiting" && state !== "joining") return null
  const left = Math.max(0, Math.round((invite.expiresAt - Date.now()) / 1000))
  return (
    <button
      type="button"
      class="waiting"
      onClick={() => {
        opened.value = { kind: "invite", invite }
      }}
    >
      <Icon name="link" size={18} />
      <span>
        <strong>{state === "joining" ? "Somebody is joining" : "Invite waiting"}</strong>
        <small>{state === "joining" ? "Agreeing keys…" : `Ends in ${span(left)}`}</small>
      </span>
    </button>
  )
}

const List = ({ contacts }: { readonly contacts: ReadonlyArray<Contact> }) => {
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

/** The neighbour of the open chat, for Alt+↑ and Alt+↓. */
export const neighbour = (me: Messenger, step: 1 | -1): string | undefined => {
  const ids = me.contacts.get().map((contact) => contact.id)
  const now = route.peek()
  const index = now.page === "chat" ? ids.indexOf(now.id) : -1
  if (index === -1) return step === 1 ? ids[0] : ids.at(-1)
  return ids[index + step]
}
