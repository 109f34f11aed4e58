import { useState } from "preact/hooks"
import type { Contact } from "sotto"
import { live } from "../live.ts"
import { at, called } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Notice } from "../parts/notice.tsx"
import { go } from "../routes.ts"
import { opened } from "../ui.ts"
import { words } from "../words.ts"

/** Why nothing can be written, where that is so. */
export const closedWords = {
  paused: "Sending is paused",
  replaced: "Another copy goes on",
  blocked: "Blocked",
} as const

/** What needs an answer before going on. Only a changed identity is an alert. */
export const Alerts = ({ contact }: { readonly contact: Contact }) => {
  const session = live(contact.session).value
  const connection = live(contact.connection).value
  const verified = live(contact.verified).value
  const last = live(contact.last).value
  const [later, setLater] = useState(false)
  const who = called(contact)
  const compare = (look: "primary" | "plain") => (
    <Button
      place={at.compareNumbers}
      look={look}
      onClick={() => {
        opened.value = { kind: "verify", id: contact.id }
      }}
    />
  )
  if (session.state === "paused") {
    return (
      <div role="alert" aria-label={at.securityAlert.name}>
        <Notice
          tone="danger"
          icon="alert"
          actions={
            <>
              {compare("primary")}
              <Button place={at.continueWithout} look="quiet" onClick={() => void contact.continueUnverified()} />
            </>
          }
        >
          {words.identityChanged(who)}
        </Notice>
      </div>
    )
  }
  if (session.state === "replaced") {
    return (
      <div role="alert" aria-label={at.securityAlert.name}>
        <Notice
          tone="danger"
          icon="alert"
          actions={<Button place={at.goOnHere} onClick={() => void contact.reclaim()} />}
        >
          {words.reclaim(who)}
        </Notice>
      </div>
    )
  }
  if (session.state === "blocked") {
    return (
      <Notice actions={<Button place={at.unblock} onClick={() => void contact.unblock()} />}>
        {who} is blocked: nothing is sent to them and nothing of theirs is taken.
      </Notice>
    )
  }
  const up = connection.state === "direct" || connection.state === "relayed"
  if (connection.unreachable !== undefined && !up) {
    return (
      <Notice
        tone="warn"
        icon="alert"
        actions={
          <>
            <Button place={at.tryAgain} onClick={() => void contact.connect()} />
            <Button
              place={at.useCode}
              look="quiet"
              onClick={() => {
                opened.value = { kind: "byHand", id: contact.id, joining: false }
              }}
            />
            <Button
              place={at.changeService}
              look="quiet"
              onClick={() => go({ page: "settings", section: "connection" })}
            />
          </>
        }
      >
        {words.serviceUnreachable(connection.unreachable)}
      </Notice>
    )
  }
  if (session.waiting > 0 && !up) {
    return <Notice icon="info">{words.waiting(who)}</Notice>
  }
  // After the first exchange, and with what it is good for.
  if (verified === undefined && !later && last !== undefined && session.state === "established") {
    return (
      <Notice
        icon="person"
        actions={
          <>
            {compare("plain")}
            <Button place={at.later} look="quiet" onClick={() => setLater(true)} />
          </>
        }
      >
        {words.compare(who)}
      </Notice>
    )
  }
  return null
}
