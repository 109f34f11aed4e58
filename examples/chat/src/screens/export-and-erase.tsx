/** Two things that cannot be taken back: a copy that anybody can read, and the end of this profile. */
import { useState } from "preact/hooks"
import { announcer } from "../announcer.ts"
import { eraseProfile } from "../messenger.ts"
import { at, type Place } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Notice } from "../parts/notice.tsx"
import { saveFile } from "../platform.ts"
import { shut, useMe } from "../ui.ts"
import { exportName, messageOf } from "../words.ts"

export const ExportDialog = () => {
  const me = useMe()
  const [format, setFormat] = useState<"html" | "json">("html")
  const [sure, setSure] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  const save = async () => {
    setBusy(true)
    try {
      saveFile(await (await me.export({ format })).blob(), exportName(Date.now(), format))
      announcer.tell("The readable copy was saved.")
      shut()
    } catch (error) {
      setFailed(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={at.exportDialog.name} onClose={shut}>
      <Notice tone="warn" icon="alert">
        This file is not encrypted. Everyone who gets it, and every program on this device, can read all your messages
        and your contacts' messages to you.
      </Notice>
      <p class="note">It cannot be restored. For that, save a backup.</p>
      <div class="segments" role="radiogroup" aria-label={at.exportFormat.name}>
        {(["html", "json"] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="export-format" checked={format === one} onChange={() => setFormat(one)} />
            <span>{one === "html" ? "Page to read (HTML)" : "Data (JSON)"}</span>
          </label>
        ))}
      </div>
      <Sure place={at.exportSure} sure={sure} choose={setSure} failed={failed} />
      <div class="actions">
        <Button place={at.exportNow} look="danger" busy={busy} disabled={!sure} onClick={() => void save()} />
        <Button place={at.cancel} look="quiet" onClick={shut} />
      </div>
    </Dialog>
  )
}

export const EraseDialog = () => {
  const [sure, setSure] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  const erase = async () => {
    setBusy(true)
    try {
      await eraseProfile()
    } catch (error) {
      setFailed(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={at.eraseDialog.name} onClose={() => !busy && shut()}>
      <p>
        Every contact, message, key and setting of this profile is erased from this browser. Nobody can bring it back
        without a backup. The people you wrote with keep what they have; they are not told.
      </p>
      <Sure place={at.eraseSure} sure={sure} choose={setSure} failed={failed} />
      <div class="actions">
        <Button place={at.eraseNow} look="danger" busy={busy} disabled={!sure} onClick={() => void erase()} />
        <Button place={at.cancel} look="quiet" disabled={busy} onClick={shut} />
      </div>
    </Dialog>
  )
}

interface SureProps {
  readonly place: Place
  readonly sure: boolean
  readonly choose: (sure: boolean) => void
  readonly failed: string | undefined
}

/** The box that must be ticked first, and why it did not work. */
const Sure = ({ place, sure, choose, failed }: SureProps) => (
  <>
    <label class="check">
      <input type="checkbox" checked={sure} onChange={(event) => choose(event.currentTarget.checked)} />
      <span>{place.name}</span>
    </label>
    {failed === undefined ? null : (
      <p class="note wrong" role="status">
        {failed}
      </p>
    )}
  </>
)
