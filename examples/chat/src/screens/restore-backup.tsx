/** Restoring a backup: the file, what opens it, and what came of it. Whole, or not at all. */
import { useId, useState } from "preact/hooks"
import { announcer } from "../announcer.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Field } from "../parts/field.tsx"
import { derivingWorker } from "../platform.ts"
import { go } from "../routes.ts"
import { shut, useMe } from "../ui.ts"
import { inBytes, messageOf } from "../words.ts"

export const RestoreBackup = () => {
  const me = useMe()
  const picker = useId()
  const [file, setFile] = useState<File>()
  const [secret, setSecret] = useState("")
  const [isPhrase, setPhrase] = useState(true)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  const restore = async () => {
    if (file === undefined || secret.trim() === "" || busy) return
    setBusy(true)
    setFailed(undefined)
    try {
      const { contacts } = await me.restore(file, isPhrase ? { recoveryPhrase: secret } : { passphrase: secret }, {
        worker: derivingWorker,
      })
      announcer.tell(contacts === 1 ? "Restored 1 chat." : `Restored ${contacts} chats.`)
      go({ page: "chats" })
      shut()
    } catch (error) {
      setFailed(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={at.restoreBackupDialog.name} onClose={() => !busy && shut()}>
      <p>Contacts, messages and settings come back at once. Each chat goes on as soon as you are both online.</p>
      <div class="field">
        <label for={picker}>{at.backupFile.name}</label>
        <input
          id={picker}
          class="input"
          type="file"
          disabled={busy}
          onChange={(event) => setFile(event.currentTarget.files?.[0])}
        />
        {file === undefined ? null : <p class="note">{inBytes(file.size)}</p>}
      </div>
      <div class="segments" role="radiogroup" aria-label={at.backupSecret.name}>
        {[true, false].map((phrase) => (
          <label key={String(phrase)}>
            <input
              type="radio"
              name="restore-by"
              checked={isPhrase === phrase}
              disabled={busy}
              onChange={() => {
                setPhrase(phrase)
                setSecret("")
              }}
            />
            <span>{phrase ? at.byPhrase.name : at.byPassphrase.name}</span>
          </label>
        ))}
      </div>
      {isPhrase ? (
        <Field
          key="phrase"
          label={at.enterPhrase.name}
          value={secret}
          onInput={setSecret}
          lines={3}
          hint="24 words in their order."
        />
      ) : (
        <Field
          key="passphrase"
          label={at.passphrase.name}
          value={secret}
          onInput={setSecret}
          onEnter={() => void restore()}
          type="password"
        />
      )}
      {failed === undefined ? null : (
        <p class="note wrong" role="status">
          {failed}
        </p>
      )}
      <div class="actions">
        <Button
          place={at.restoreNow}
          look="primary"
          busy={busy}
          disabled={file === undefined || secret.trim() === ""}
          onClick={() => void restore()}
        >
          {busy ? "Restoring…" : undefined}
        </Button>
        <Button place={at.cancel} look="quiet" disabled={busy} onClick={shut} />
      </div>
    </Dialog>
  )
}
