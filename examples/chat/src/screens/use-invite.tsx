/** Using an invite: what it says comes first. Nothing is contacted before Connect is pressed. */

import { useEffect, useState } from "preact/hooks"
import type { InvitePreview } from "sotto"
import { dateAndTime } from "../days.ts"
import { at, called } from "../names.ts"
import { Avatar } from "../parts/avatar.tsx"
import { Button } from "../parts/button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Field } from "../parts/field.tsx"
import { Scanner } from "../parts/scanner.tsx"
import { hasCamera } from "../platform.ts"
import { go } from "../routes.ts"
import { opened, shut, useMe } from "../ui.ts"
import { words } from "../words.ts"

type Look =
  | { readonly is: "nothing" }
  | { readonly is: "wrong"; readonly message: string }
  | { readonly is: "preview"; readonly preview: InvitePreview }

export const UseInvite = ({ given }: { readonly given: string | undefined }) => {
  const me = useMe()
  const [text, setText] = useState(given ?? "")
  const [look, setLook] = useState<Look>({ is: "nothing" })
  const [scanning, setScanning] = useState(false)
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    let latest = true
    const whole = text.trim()
    if (whole === "") {
      setLook({ is: "nothing" })
      return
    }
    me.preview(whole).then(
      (preview) => latest && setLook({ is: "preview", preview }),
      (error: unknown) =>
        latest && setLook({ is: "wrong", message: error instanceof Error ? error.message : "This is not an invite." }),
    )
    return () => {
      latest = false
    }
  }, [text])

  const connect = async () => {
    if (look.is !== "preview" || busy) return
    setBusy(true)
    try {
      const contact = await me.accept(text.trim())
      go({ page: "chat", id: contact.id })
      if (look.preview.byHand) opened.value = { kind: "byHand", id: contact.id, joining: true }
      else shut()
    } catch (error) {
      setBusy(false)
      setLook({ is: "wrong", message: error instanceof Error ? error.message : "This invite could not be used." })
    }
  }

  return (
    <Dialog title={at.useInviteDialog.name} onClose={shut}>
      {scanning ? (
        <Scanner
          onText={(found) => {
            setText(found)
            setScanning(false)
            return undefined
          }}
          onClose={() => setScanning(false)}
        />
      ) : (
        <>
          <Field
            label={at.invite.name}
            value={text}
            onInput={setText}
            onEnter={() => void connect()}
            lines={3}
            mono
            autofocus
            placeholder="Paste the link or the text"
            wrong={look.is === "wrong" ? look.message : undefined}
          />
          {hasCamera.value && text === "" ? (
            <Button place={at.scanInvite} icon="scan" onClick={() => setScanning(true)} />
          ) : null}
          {look.is === "preview" ? <Preview preview={look.preview} /> : null}
          <footer class="dialog-foot">
            <Button place={at.cancel} look="quiet" onClick={shut} />
            <Button
              place={at.connect}
              look="primary"
              busy={busy}
              disabled={look.is !== "preview"}
              onClick={() => void connect()}
            />
          </footer>
        </>
      )}
    </Dialog>
  )
}

const Preview = ({ preview }: { readonly preview: InvitePreview }) => {
  const who = preview.claimedName === undefined ? undefined : called({ name: preview.claimedName })
  return (
    <section class="preview" aria-label="What the invite says">
      <div class="preview-who">
        <Avatar id={who ?? ""} name={who ?? "?"} large />
        <div>
          <strong>
            <bdi>{who ?? "No name given"}</bdi>
          </strong>
          <p class="note">{who === undefined ? "The invite names nobody." : words.unverifiedName}</p>
        </div>
      </div>
      <dl>
        <dt>Will contact</dt>
        <dd>
          {preview.byHand
            ? "No service: you swap codes by hand."
            : preview.services.map((service) => <code key={service}>{service}</code>)}
        </dd>
        <dt>Ends</dt>
        <dd>{dateAndTime(preview.expiresAt)}</dd>
      </dl>
      {preview.byHand ? null : (
        <p class="note">That service sees your network address and the time. Nothing has been contacted yet.</p>
      )}
    </section>
  )
}
