/** Comparing safety numbers: by reading them to each other, or by scanning. */

import { useState } from "preact/hooks"
import type { Contact, SafetyNumber } from "sotto"
import { announcer } from "../announcer.ts"
import { at, called, of } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Notice } from "../parts/notice.tsx"
import { Qr } from "../parts/qr.tsx"
import { Scanner } from "../parts/scanner.tsx"
import { hasCamera } from "../platform.ts"
import { opened, shut, useContact } from "../ui.ts"

export const VerifyDialog = ({ id }: { readonly id: string }) => {
  const contact = useContact(id)
  if (contact?.safetyNumber === undefined) return null
  return <Verify contact={contact} number={contact.safetyNumber} />
}

const Verify = ({ contact, number }: { readonly contact: Contact; readonly number: SafetyNumber }) => {
  const [step, setStep] = useState<"compare" | "scan" | "differ">("compare")
  const who = called(contact)
  const match = async () => {
    await contact.verify()
    announcer.tell(`Compared with ${who}`)
    shut()
  }
  const differ = async () => {
    await contact.verify(false)
    setStep("differ")
  }
  return (
    <Dialog title={of.verify(who).name} onClose={shut}>
      {step === "differ" ? (
        <Differ contact={contact} />
      ) : step === "scan" ? (
        <Scanner
          onText={(text) => {
            if (number.matches(text)) void match()
            else void differ()
            return undefined
          }}
          onClose={() => setStep("compare")}
        />
      ) : (
        <>
          <p>
            Open this on {who}'s device too, in person or on a call where you know their voice. If all 60 digits are the
            same on both, nobody stands between you.
          </p>
          <div class="safety">
            <Qr place={at.safetyCode} svg={number.qr()} />
            <fieldset class="digits" aria-label={at.safetyNumber.name}>
              {number.digits.split(/\s+/).map((group, index) => (
                <span key={index}>{group}</span>
              ))}
            </fieldset>
          </div>
          {hasCamera.value ? <Button place={of.scan(who)} icon="scan" onClick={() => setStep("scan")} /> : null}
          <footer class="dialog-foot pair">
            <Button place={at.numbersDiffer} onClick={() => void differ()} />
            <Button place={at.numbersMatch} look="primary" onClick={() => void match()} />
          </footer>
        </>
      )}
    </Dialog>
  )
}

const Differ = ({ contact }: { readonly contact: Contact }) => {
  const who = called(contact)
  return (
    <>
      <Notice tone="danger" icon="alert">
        The numbers differ: either one of you looked at another conversation, or somebody stands between you. Send
        nothing private until you know which.
      </Notice>
      <p>
        Check that you both opened the conversation with each other. If you did, remove it and connect again with a new
        invite, handed over in person.
      </p>
      <footer class="dialog-foot">
        <Button
          place={at.remove}
          look="danger"
          onClick={() => {
            opened.value = { kind: "remove", id: contact.id }
          }}
        />
        <Button
          place={at.block}
          look="primary"
          onClick={() => {
            void contact.block()
            shut()
          }}
        />
      </footer>
      <p class="note">Blocking {who} stops all sending until you decide.</p>
    </>
  )
}
