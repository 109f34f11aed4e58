/** One conversation: who and how connected, the messages, and where to write. */

import type { RefObject } from "preact"
import { useCallback, useEffect, useRef, useState } from "preact/hooks"
import type { Contact, Message } from "sotto"
import { live } from "../live.ts"
import { at, called, of } from "../names.ts"
import { Avatar } from "../parts/avatar.tsx"
import { IconButton } from "../parts/button.tsx"
import { Composer } from "../parts/composer.tsx"
import { MessageLog } from "../parts/log.tsx"
import { Menu } from "../parts/menu.tsx"
import { isDesktop } from "../platform.ts"
import { go, route, togglePane } from "../routes.ts"
import { threadOf } from "../thread.ts"
import { drafts } from "../ui.ts"
import { gist, statusWords } from "../words.ts"
import { Connecting } from "./connecting.tsx"
import { Alerts, closedWords } from "./conversation-alerts.tsx"
import { actionsOf, reactionsOf } from "./message-actions.ts"

export const Conversation = ({ contact }: { readonly contact: Contact }) => {
  const who = called(contact)
  const session = live(contact.session).value
  const heading = useRef<HTMLHeadingElement>(null)
  const composer = useRef<HTMLTextAreaElement>(null)
  // Everything but a pairing that is not done yet: a lost connection of old friends shows their messages.
  const pairing = contact.pairedAt === undefined && (session.state === "handshaking" || session.state === "failed")
  useEffect(() => {
    if (document.querySelector("dialog[open]")) return
    const target = isDesktop() && !pairing ? composer.current : heading.current
    target?.focus({ preventScroll: true })
  }, [contact.id, pairing])
  return (
    <section class="pane conversation" aria-label={of.conversation(who).name} data-pane="main">
      <header class="bar">
        <IconButton place={at.back} icon="back" class="back" onClick={() => go({ page: "chats" })} />
        <Avatar id={contact.id} name={who} />
        <div class="who">
          <h2 ref={heading} tabIndex={-1}>
            <bdi>{who}</bdi>
          </h2>
          <Status contact={contact} />
        </div>
        <IconButton
          place={at.lookInside}
          icon="inside"
          shortcut="Alt+I"
          pressed={paneOpen() === "inside"}
          onClick={() => togglePane("inside")}
        />
        <IconButton
          place={at.details}
          icon="info"
          pressed={paneOpen() === "details"}
          onClick={() => togglePane("details")}
        />
      </header>
      {pairing ? (
        <Connecting contact={contact} />
      ) : (
        <>
          <Alerts contact={contact} />
          <Messages key={contact.id} contact={contact} composer={composer} />
        </>
      )}
    </section>
  )
}

const paneOpen = () => (route.value.page === "chat" ? route.value.pane : undefined)

/** How it is connected; pressing it looks inside. */
const Status = ({ contact }: { readonly contact: Contact }) => {
  const connection = live(contact.connection).value
  const session = live(contact.session).value
  const verified = live(contact.verified).value
  const text = statusWords(connection, session, verified, contact.pairedAt !== undefined)
  return (
    <div class="status" role="status" aria-label={at.connection.name} data-state={connection.state}>
      <button type="button" class="status-button" onClick={() => togglePane("inside")}>
        <span>{text}</span>
      </button>
    </div>
  )
}

interface MessagesProps {
  readonly contact: Contact
  readonly composer: RefObject<HTMLTextAreaElement | null>
}

/** What the person chose to do with a message: answer it, or say it otherwise. */
interface About {
  readonly kind: "reply" | "edit"
  readonly message: Message
}

interface OpenMenu {
  readonly of: "actions" | "reactions"
  readonly message: Message
  readonly x: number
  readonly y: number
}

const Messages = ({ contact, composer }: MessagesProps) => {
  const thread = threadOf(contact)
  const log = useRef<MessageLog>(null)
  const [menu, setMenu] = useState<OpenMenu>()
  const who = called(contact)
  const session = live(contact.session).value
  const seen = useCallback(() => {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return
    const newest = thread.pages.peek().at(-1)?.messages.at(-1)
    if (newest !== undefined && contact.unread.get() > 0) void contact.markRead(newest.cursor).catch(() => undefined)
  }, [contact, thread])
  useEffect(() => {
    const look = () => {
      if (log.current?.seesEnd) seen()
    }
    addEventListener("focus", look)
    document.addEventListener("visibilitychange", look)
    return () => {
      removeEventListener("focus", look)
      document.removeEventListener("visibilitychange", look)
    }
  }, [seen])
  const [about, setAbout] = useState<About>()
  // An edit has a draft of its own, so that what was being written stays.
  const draft = about?.kind === "edit" ? `edit ${about.message.id}` : contact.id
  const stop = () => {
    if (about?.kind === "edit") drafts.delete(draft)
    setAbout(undefined)
  }
  const write = (next: About) => {
    if (about?.kind === "edit") drafts.delete(draft)
    if (next.kind === "edit") drafts.set(`edit ${next.message.id}`, next.message.text)
    setAbout(next)
  }
  useEffect(() => {
    if (about !== undefined) requestAnimationFrame(() => composer.current?.focus())
  }, [about])
  const send = async (text: string) => {
    if (about?.kind === "edit") await contact.edit(about.message.id, text)
    else await contact.send(text, about === undefined ? {} : { replyTo: about.message.id })
    setAbout(undefined)
    requestAnimationFrame(() => composer.current?.focus())
  }
  const openMenu = useCallback(
    (message: Message, x: number, y: number) => setMenu({ of: "actions", message, x, y }),
    [],
  )
  const retry = useCallback((message: Message) => void contact.send(message.text).catch(() => undefined), [contact])
  const closed = closedWords[session.state as keyof typeof closedWords]
  return (
    <>
      <MessageLog ref={log} contact={contact} thread={thread} onMenu={openMenu} onRetry={retry} onSeen={seen} />
      <div class="typing" data-on={live(contact.typing).value}>
        {live(contact.typing).value ? `${who} is writing…` : ""}
      </div>
      <Composer
        key={draft}
        id={draft}
        writing={
          about && {
            kind: about.kind,
            who: about.message.from === "me" ? "yourself" : who,
            text: gist(about.message, who),
            onStop: stop,
          }
        }
        who={who}
        field={composer}
        onSend={send}
        onTyping={(typing) => contact.setTyping(typing)}
        closed={closed}
      />
      {menu === undefined ? null : (
        <Menu
          key={`${menu.of} ${menu.message.id}`}
          place={menu.of === "actions" ? at.messageActions : at.reactions}
          x={menu.x}
          y={menu.y}
          onClose={() => setMenu((now) => (now === menu ? undefined : now))}
          items={
            menu.of === "actions"
              ? actionsOf(contact, menu.message, {
                  write,
                  react: () => setMenu({ ...menu, of: "reactions" }),
                })
              : reactionsOf(contact, menu.message)
          }
        />
      )}
    </>
  )
}
