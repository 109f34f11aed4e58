/** What one knows of a contact, and what one can do about them. */

import type { ComponentChildren } from "preact"
import type { Contact } from "sotto"
import { dateAndTime } from "../days.ts"
import { live } from "../live.ts"
import { at, called, of } from "../names.ts"
import { Avatar } from "../parts/avatar.tsx"
import { Button, IconButton } from "../parts/button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { TimerChoice } from "../parts/timer-choice.tsx"
import { go } from "../routes.ts"
import { opened, shut, useContact } from "../ui.ts"
import { statusWords } from "../words.ts"

export const Details = ({ contact }: { readonly contact: Contact }) => {
  const who = called(contact)
  const session = live(contact.session).value
  const verified = live(contact.verified).value
  const blocked = session.state === "blocked"
  return (
    <aside class="pane side" aria-label={at.detailsPane.name} data-pane="side" tabIndex={-1}>
      <header class="bar">
        <h2>Details</h2>
        <IconButton place={at.close} icon="close" onClick={() => go({ page: "chat", id: contact.id })} />
      </header>
      <div class="side-body">
        <div class="details-who">
          <Avatar id={contact.id} name={who} large />
          <h3>
            <bdi>{who}</bdi>
          </h3>
          <p class="note">
            {statusWords(live(contact.connection).value, session, verified, contact.pairedAt !== undefined)}
          </p>
        </div>
        <Card title="Safety number">
          {contact.safetyNumber === undefined ? (
            <p class="note">There is one as soon as you are connected.</p>
          ) : (
            <>
              <p>
                {verified === undefined
                  ? `You have not compared numbers with ${who}. Do it in person or on a call: if they match, nobody stands between you.`
                  : `Compared ${dateAndTime(verified)}. If the number changes, sending stops and you are told.`}
              </p>
              <Button
                place={at.compareNumbers}
                look={verified === undefined ? "primary" : "plain"}
                onClick={() => {
                  opened.value = { kind: "verify", id: contact.id }
                }}
              />
            </>
          )}
        </Card>
        {contact.pairedAt === undefined ? null : (
          <Card title="Messages">
            <TimerChoice contact={contact} />
          </Card>
        )}
        <Card title="About">
          <dl>
            <dt>Connected since</dt>
            <dd>{contact.pairedAt === undefined ? "not yet" : dateAndTime(contact.pairedAt)}</dd>
            <dt>Name</dt>
            <dd>{verified === undefined ? "their own claim" : "confirmed by you"}</dd>
          </dl>
        </Card>
        <div class="actions column">
          {blocked ? (
            <Button place={at.unblock} onClick={() => void contact.unblock()} />
          ) : (
            <Button place={at.block} onClick={() => void contact.block()} />
          )}
          <Button
            place={at.clear}
            onClick={() => {
              opened.value = { kind: "clear", id: contact.id }
            }}
          />
          <Button
            place={at.remove}
            look="danger"
            onClick={() => {
              opened.value = { kind: "remove", id: contact.id }
            }}
          />
        </div>
      </div>
    </aside>
  )
}

export const Card = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section class="card">
    <h3>{title}</h3>
    {children}
  </section>
)

export const RemoveDialog = ({ id }: { readonly id: string }) => {
  const contact = useContact(id)
  if (contact === undefined) return null
  const who = called(contact)
  const remove = async () => {
    shut()
    go({ page: "chats" }, { replace: true })
    await contact.remove()
  }
  return (
    <Dialog title={of.removal(who).name} onClose={shut}>
      <p>
        This erases {who}, the keys and every message from this device. It can't be undone. What {who} has on their side
        stays there.
      </p>
      <footer class="dialog-foot">
        <Button place={at.cancel} look="quiet" onClick={shut} />
        <Button place={at.remove} look="danger" onClick={() => void remove()} />
      </footer>
    </Dialog>
  )
}
