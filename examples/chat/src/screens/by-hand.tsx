/**
 * Connecting without any service: two codes, shown and read by the two people themselves. 1 show code, 2 scan or paste the
 * reply, 3 done; or, for the one who was given a code, 1 paste it, 2 show the reply, 3 done.
 */

import { useEffect, useState } from "preact/hooks"
import type { Contact, HandCode, Invite } from "sotto"
import { live } from "../live.ts"
import { at, called } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { CopyButton } from "../parts/copy-button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Field } from "../parts/field.tsx"
import { Qr } from "../parts/qr.tsx"
import { Scanner } from "../parts/scanner.tsx"
import { hasCamera } from "../platform.ts"
import { shut, useContact } from "../ui.ts"

const Steps = ({ now, names }: { readonly now: number; readonly names: ReadonlyArray<string> }) => (
  <ol class="hand-steps" aria-label={at.handSteps.name}>
    {names.map((name, index) => (
      <li key={name} aria-current={index === now ? "step" : undefined} data-done={index < now}>
        <span>{index + 1}</span> {name}
      </li>
    ))}
  </ol>
)

const Show = ({ code }: { readonly code: HandCode }) => (
  <>
    <Qr place={at.handCode} svg={code.qr()} />
    <Field label={at.handCodeText.name} value={code.text} readOnly mono lines={3} />
    <div class="actions">
      <CopyButton place={at.copyCode} text={() => code.text} />
    </div>
  </>
)

interface TakeProps {
  readonly onCode: (code: string) => Promise<void>
}

/** Scan or paste the other side's code. */
const Take = ({ onCode }: TakeProps) => {
  const [text, setText] = useState("")
  const [scanning, setScanning] = useState(false)
  const [wrong, setWrong] = useState<string>()
  const [busy, setBusy] = useState(false)
  const take = async (code: string) => {
    if (code.trim() === "" || busy) return
    setBusy(true)
    setWrong(undefined)
    try {
      await onCode(code.trim())
    } catch (error) {
      setWrong(error instanceof Error ? error.message : "This is not the code that was expected.")
    } finally {
      setBusy(false)
    }
  }
  if (scanning) {
    return (
      <Scanner
        onText={(found) => {
          setScanning(false)
          setText(found)
          void take(found)
          return undefined
        }}
        onClose={() => setScanning(false)}
      />
    )
  }
  return (
    <>
      <Field
        label={at.handReply.name}
        value={text}
        onInput={setText}
        onEnter={() => void take(text)}
        lines={4}
        mono
        autofocus
        placeholder="Paste the code that they show"
        wrong={wrong}
      />
      <div class="actions">
        <Button
          place={at.continue}
          look="primary"
          busy={busy}
          disabled={text.trim() === ""}
          onClick={() => void take(text)}
        />
        {hasCamera.value ? <Button place={at.scanInvite} icon="scan" onClick={() => setScanning(true)} /> : null}
      </div>
    </>
  )
}

const useCode = (make: () => Promise<HandCode>) => {
  const [code, setCode] = useState<HandCode>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    make().then(setCode, (error: unknown) =>
      setProblem(error instanceof Error ? error.message : "The code could not be made."),
    )
  }, [])
  return { code, problem }
}

interface OfferStepsProps {
  readonly make: () => Promise<HandCode>
  readonly answer: (code: string) => Promise<void>
  readonly connected: boolean
}

const OfferSteps = ({ make, answer, connected }: OfferStepsProps) => {
  const { code, problem } = useCode(make)
  const [step, setStep] = useState(0)
  const now = connected ? 3 : step
  return (
    <>
      <Steps now={now} names={["Your code", "Their reply", "Done"]} />
      {problem ? <p class="note wrong">{problem}</p> : null}
      {now === 0 ? (
        code === undefined ? (
          problem ? null : (
            <p class="note">Making a code…</p>
          )
        ) : (
          <>
            <p>Let them scan this, or send it to them over a way you trust. They will show you a reply.</p>
            <Show code={code} />
            <footer class="dialog-foot">
              <span class="note">Keep this open.</span>
              <Button place={at.haveReply} look="primary" onClick={() => setStep(1)} />
            </footer>
          </>
        )
      ) : now === 1 ? (
        <Take
          onCode={async (reply) => {
            await answer(reply)
            setStep(2)
          }}
        />
      ) : (
        <p class="state-line" role="status">
          <span class="pulse" aria-hidden="true" />
          {connected ? "Connected." : "The reply fits. Connecting…"}
        </p>
      )}
    </>
  )
}

/** In an invite that is passed by hand. */
export const OfferByHand = ({ invite }: { readonly invite: Invite }) => (
  <OfferSteps make={invite.offer} answer={invite.answer} connected={live(invite.state).value === "used"} />
)

const isUp = (contact: Contact) => {
  const { state } = live(contact.connection).value
  return state === "direct" || state === "relayed"
}

/** After accepting such an invite: show the reply. */
const ReplySteps = ({ contact, code }: { readonly contact: Contact; readonly code?: string }) => {
  const made = useCode(() => contact.reply(code))
  const connected = isUp(contact)
  return (
    <>
      <Steps now={connected ? 3 : 1} names={["Their code", "Your reply", "Done"]} />
      {made.problem ? <p class="note wrong">{made.problem}</p> : null}
      {connected ? (
        <p role="status">Connected.</p>
      ) : made.code === undefined ? (
        made.problem ? null : (
          <p class="note">Making a reply…</p>
        )
      ) : (
        <>
          <p>Let {called(contact)} scan this, or send it back the way the first code came. Keep this open.</p>
          <Show code={made.code} />
        </>
      )}
      <footer class="dialog-foot">
        <Button place={at.close} look={connected ? "primary" : "quiet"} onClick={shut} />
      </footer>
    </>
  )
}

/** For a contact one already has: either side may begin. */
const Either = ({ contact }: { readonly contact: Contact }) => {
  const [begin, setBegin] = useState<"show" | { readonly code: string }>()
  if (begin === "show") return <OfferSteps make={contact.offer} answer={contact.answer} connected={isUp(contact)} />
  if (begin !== undefined) return <ReplySteps contact={contact} code={begin.code} />
  return (
    <>
      <p>Swap two codes with {called(contact)} yourselves. No service is contacted.</p>
      <div class="actions">
        <Button place={at.showCode} look="primary" onClick={() => setBegin("show")} />
      </div>
      <p class="note">Or, if {called(contact)} has shown you a code:</p>
      <Take onCode={async (code) => setBegin({ code })} />
    </>
  )
}

export const ByHandDialog = ({ id, joining }: { readonly id: string; readonly joining: boolean }) => {
  const contact = useContact(id)
  if (contact === undefined) return null
  return (
    <Dialog title={at.byHandDialog.name} onClose={shut}>
      {joining ? <ReplySteps contact={contact} /> : <Either contact={contact} />}
    </Dialog>
  )
}
