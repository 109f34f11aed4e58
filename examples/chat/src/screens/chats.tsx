/** The list of chats: everyone one is connected with, invites that wait, and the way to more. */

import { useState } from "preact/hooks"
import type { Invite, Messenger } from "sotto"
import { span } from "../days.ts"
import { notDurable } from "../events.ts"
import { live } from "../live.ts"
import { at, called } from "../names.ts"
import { Button, IconButton } from "../parts/button.tsx"
import { Icon } from "../parts/icon.tsx"
import { Notice } from "../parts/notice.tsx"
import { prefer, preferences } from "../preferences.ts"
import { go, route } from "../routes.ts"
import { drafts, opened, useMe } from "../ui.ts"
import { update, waitingVersion } from "../update.ts"
import { words } from "../words.ts"
import { ChatList } from "./chat-list.tsx"

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
        <ChatList contacts={found} />
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

/** The neighbour of the open chat, for Alt+↑ and Alt+↓. */
export const neighbour = (me: Messenger, step: 1 | -1): string | undefined => {
  const ids = me.contacts.get().map((contact) => contact.id)
  const now = route.peek()
  const index = now.page === "chat" ? ids.indexOf(now.id) : -1
  if (index === -1) return step === 1 ? ids[0] : ids.at(-1)
  return ids[index + step]
}
