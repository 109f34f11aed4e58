/** Pairing as a person follows it: five steps with their time, and what to do when one fails. */
import type { Contact } from "sotto"
import { refusals } from "../events.ts"
import { live } from "../live.ts"
import { at, called } from "../names.ts"
import { observe } from "../observed.ts"
import { Button } from "../parts/button.tsx"
import { Icon } from "../parts/icon.tsx"
import { Notice } from "../parts/notice.tsx"
import { useNow } from "../parts/now.ts"
import { go } from "../routes.ts"
import { opened } from "../ui.ts"
import { failureWords, refusalWords, stepWords, words } from "../words.ts"

const seconds = (milliseconds: number) => `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`

export const Connecting = ({ contact }: { readonly contact: Contact }) => {
  const session = live(contact.session).value
  const seen = observe(contact).value.steps
  const now = useNow(200)
  const who = called(contact)
  const steps = stepWords(who)
  const current = steps.findIndex(([step]) => step === session.step)
  const failed = session.state === "failed"
  return (
    <div class="connecting">
      <h3>{failed ? `Not connected to ${who}` : `Connecting to ${who}`}</h3>
      <ol aria-label={at.progress.name}>
        {steps.map(([step, name], index) => {
          const state = index < current ? "done" : index > current ? "ahead" : failed ? "failed" : "now"
          const from = seen[step]
          const next = steps.slice(index + 1).flatMap(([later]) => seen[later] ?? [])[0]
          const until = state === "done" ? next : state === "now" ? now : undefined
          return (
            <li key={step} data-state={state} aria-current={state === "now" ? "step" : undefined}>
              <span class="step-dot">
                {state === "done" ? (
                  <Icon name="check" size={14} />
                ) : state === "failed" ? (
                  <Icon name="close" size={14} />
                ) : (
                  index + 1
                )}
              </span>
              <span>{name}</span>
              <span class="step-time">
                {state === "failed" ? "failed" : until !== undefined && from !== undefined ? seconds(until - from) : ""}
              </span>
            </li>
          )
        })}
      </ol>
      <Remedies contact={contact} slow={now - (seen[session.step] ?? now) > SLOW} />
    </div>
  )
}

/** A step that takes longer than this is shown with what can be done about it; in milliseconds. */
const SLOW = 12_000

interface RemediesProps {
  readonly contact: Contact
  readonly slow: boolean
}

const Remedies = ({ contact, slow }: RemediesProps) => {
  const session = live(contact.session).value
  const connection = live(contact.connection).value
  const refusal = refusals.value.get(contact.id)
  const who = called(contact)
  const again = <Button place={at.tryAgain} look="primary" onClick={() => void contact.connect()} />
  if (session.failure !== undefined || session.state === "failed" || refusal !== undefined) {
    return (
      <Notice tone="danger" icon="alert" actions={<NewInvite contact={contact} />}>
        {session.failure ? failureWords[session.failure] : refusalWords[refusal ?? "invalid"]}
      </Notice>
    )
  }
  if (connection.unreachable !== undefined) {
    return (
      <Notice
        tone="warn"
        icon="alert"
        actions={
          <>
            {again}
            <ByHand />
            <Button place={at.changeService} onClick={() => go({ page: "settings", section: "connection" })} />
          </>
        }
      >
        {words.serviceUnreachable(connection.unreachable)}
      </Notice>
    )
  }
  // An attempt has failed and the next one has a time, or this one takes long.
  if (!slow && (connection.state !== "offline" || connection.nextAttempt === undefined)) return null
  if (session.step === "path") {
    return (
      <Notice
        tone="warn"
        icon="alert"
        actions={
          <>
            <Button place={at.addTurn} look="primary" onClick={() => go({ page: "settings", section: "connection" })} />
            <Button place={at.tryAgain} onClick={() => void contact.connect()} />
          </>
        }
      >
        {words.noPath(who)}
      </Notice>
    )
  }
  return (
    <Notice
      icon="info"
      actions={
        <>
          {again}
          <ByHand />
        </>
      }
    >
      {words.stillLooking(who)}
    </Notice>
  )
}

const NewInvite = ({ contact }: { readonly contact: Contact }) => (
  <>
    <Button
      place={at.useInvite}
      look="primary"
      onClick={() => {
        opened.value = { kind: "use" }
      }}
    />
    <Button
      place={at.remove}
      onClick={() => {
        opened.value = { kind: "remove", id: contact.id }
      }}
    />
  </>
)

/** A new invite by hand: the inviter has no contact yet that could answer a code of ours. */
const ByHand = () => (
  <Button
    place={at.useCode}
    onClick={() => {
      opened.value = { kind: "invite", byHand: true }
    }}
  />
)
