/** Making an invite: a link and a code, and what became of it. */

import { useEffect, useState } from "preact/hooks"
import type { Contact, Invite } from "sotto"
import { span } from "../days.ts"
import { unreachable } from "../events.ts"
import { live } from "../live.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { CopyButton } from "../parts/copy-button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Field } from "../parts/field.tsx"
import { Notice } from "../parts/notice.tsx"
import { useNow } from "../parts/now.ts"
import { Qr } from "../parts/qr.tsx"
import { go } from "../routes.ts"
import { opened, shut, useMe } from "../ui.ts"
import { words } from "../words.ts"
import { OfferByHand } from "./by-hand.tsx"

export interface InviteDialogProps {
  /** An invite that was made earlier. */
  readonly before: Invite | undefined
  readonly byHand: boolean
}

export const InviteDialog = ({ before, byHand }: InviteDialogProps) => {
  const me = useMe()
  const [invite, setInvite] = useState(before)
  const [problem, setProblem] = useState<string>()
  const make = async () => {
    setInvite(undefined)
    setProblem(undefined)
    try {
      setInvite(await me.invite(byHand ? { via: ["manual"], expiresIn: "2 hours" } : { expiresIn: "10 minutes" }))
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "The invite could not be made.")
    }
  }
  useEffect(() => {
    if (before === undefined) void make()
  }, [])
  useEffect(() => {
    if (invite === undefined) return
    let looking = true
    invite.joined().then(
      (contact) => looking && arrive(contact),
      () => undefined,
    )
    return () => {
      looking = false
    }
  }, [invite])
  return (
    <Dialog title={byHand ? at.byHandDialog.name : at.createInviteDialog.name} onClose={shut}>
      {problem ? (
        <Notice
          tone="warn"
          icon="alert"
          actions={
            <>
              <Button place={at.tryAgain} look="primary" onClick={() => void make()} />
              {byHand ? null : <ByHandInstead />}
            </>
          }
        >
          {problem}
        </Notice>
      ) : invite === undefined ? (
        <p class="note" role="status">
          Making an invite…
        </p>
      ) : byHand ? (
        <OfferByHand invite={invite} />
      ) : (
        <Waiting invite={invite} again={() => void make()} />
      )}
    </Dialog>
  )
}

/** The other side is paired: to the conversation. */
const arrive = (contact: Contact) => {
  shut()
  go({ page: "chat", id: contact.id })
}

const ByHandInstead = () => (
  <Button
    place={at.byHandInstead}
    look="quiet"
    onClick={() => {
      opened.value = { kind: "invite", byHand: true }
    }}
  />
)

const Waiting = ({ invite, again }: { readonly invite: Invite; readonly again: () => void }) => {
  const state = live(invite.state).value
  const now = useNow(1_000)
  const left = Math.max(0, Math.ceil((invite.expiresAt - now) / 1000))
  if (state === "used") return <p>Joined. Opening the conversation…</p>
  if (state === "expired" || state === "cancelled") {
    return (
      <>
        <p>
          {state === "expired"
            ? "This invite has expired. Nobody used it."
            : "This invite was cancelled. It works no more."}
        </p>
        <div class="actions">
          <Button place={at.createAnother} look="primary" onClick={again} />
        </div>
      </>
    )
  }
  const share = typeof navigator.share === "function"
  return (
    <>
      <p>Give this to one person, over a way you trust. Whoever has it first can use it, once.</p>
      <Qr place={at.inviteCode} svg={invite.qr()} />
      <Field label={at.inviteLink.name} value={invite.url} readOnly mono />
      <div class="actions">
        <CopyButton place={at.copyLink} text={() => invite.url} look="primary" />
        {share ? (
          <Button
            place={at.shareLink}
            onClick={() => void navigator.share({ url: invite.url }).catch(() => undefined)}
          />
        ) : null}
      </div>
      <p class="state-line" role="status">
        <span class="pulse" aria-hidden="true" />
        {state === "joining" ? "Somebody opened it. Agreeing keys…" : words.keepOpen}
      </p>
      {[...unreachable.value].map((service) => (
        <Notice key={service} tone="warn" icon="alert" actions={<ByHandInstead />}>
          {words.serviceUnreachable(service)}
        </Notice>
      ))}
      <footer class="dialog-foot">
        <span class="note">Ends in {span(left)}</span>
        <Button place={at.cancelInvite} look="quiet" onClick={() => void invite.cancel()} />
      </footer>
    </>
  )
}
