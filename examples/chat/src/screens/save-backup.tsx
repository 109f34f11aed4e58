/** Saving a backup: choose the secret, keep it somewhere, save the file. The words are shown once and kept nowhere. */
import { useEffect, useState } from "preact/hooks"
import { announcer } from "../announcer.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { NewPassphrase, usePassphrase } from "../parts/passphrase.tsx"
import { derivingWorker, saveFile } from "../platform.ts"
import { prefer } from "../preferences.ts"
import { shut, useMe } from "../ui.ts"
import { backupName, messageOf } from "../words.ts"

type By = "recoveryPhrase" | "passphrase"

export const SaveBackup = () => {
  const me = useMe()
  const [by, setBy] = useState<By>("recoveryPhrase")
  const [phrase, setPhrase] = useState("")
  const [written, setWritten] = useState(false)
  const chosen = usePassphrase()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  const [done, setDone] = useState(false)
  useEffect(() => {
    let open = true
    import("sotto/backup").then(
      ({ generateRecoveryPhrase }) => open && setPhrase(generateRecoveryPhrase()),
      (error: unknown) => open && setFailed(messageOf(error)),
    )
    return () => {
      open = false
    }
  }, [])
  const ready = by === "passphrase" ? chosen.good : written && phrase !== ""
  const save = async () => {
    setBusy(true)
    setFailed(undefined)
    try {
      const secrets = by === "passphrase" ? { passphrase: chosen.value } : { recoveryPhrase: phrase }
      const file = await (await me.backup(secrets, { worker: derivingWorker })).blob()
      saveFile(file, backupName(Date.now()))
      prefer({ backedUp: Date.now() })
      announcer.tell("The backup was saved.")
      setPhrase("")
      setDone(true)
    } catch (error) {
      setFailed(messageOf(error))
    } finally {
      setBusy(false)
    }
  }
  if (done) {
    return (
      <Dialog title={at.saveBackupDialog.name} onClose={shut}>
        <p>The backup is with your downloads. Keep it where you would find it without this device.</p>
        <p class="note">
          {by === "passphrase" ? "Without the passphrase" : "Without the 24 words"} nobody can open it, not even you.
          What you write from now on is not in it.
        </p>
        <div class="actions">
          <Button place={at.done} look="primary" onClick={shut} />
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={at.saveBackupDialog.name} onClose={shut}>
      <div class="segments" role="radiogroup" aria-label={at.backupSecret.name}>
        {(["recoveryPhrase", "passphrase"] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="backup-by" checked={by === one} disabled={busy} onChange={() => setBy(one)} />
            <span>{one === "passphrase" ? at.byPassphrase.name : at.byPhrase.name}</span>
          </label>
        ))}
      </div>
      {by === "passphrase" ? (
        <NewPassphrase chosen={chosen} onEnter={() => ready && void save()} />
      ) : (
        <>
          <p>Write these 24 words down, in this order. They are shown only now, and open this one file.</p>
          <ol class="phrase" aria-label={at.phrase.name}>
            {phrase.split(" ").map((word, index) => (
              <li key={index}>{word}</li>
            ))}
          </ol>
          <label class="check">
            <input type="checkbox" checked={written} onChange={(event) => setWritten(event.currentTarget.checked)} />
            <span>{at.wroteDown.name}</span>
          </label>
        </>
      )}
      {failed === undefined ? null : (
        <p class="note wrong" role="status">
          {failed}
        </p>
      )}
      <div class="actions">
        <Button place={at.saveFile} look="primary" busy={busy} disabled={!ready} onClick={() => void save()}>
          {busy ? "Saving…" : undefined}
        </Button>
        <Button place={at.cancel} look="quiet" onClick={shut} />
      </div>
    </Dialog>
  )
}
