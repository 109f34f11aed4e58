/** Storage and backup: what the browser promised, how much is kept, and the three files that can be made of it. */
import { shortDay } from "../days.ts"
import { live } from "../live.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Notice } from "../parts/notice.tsx"
import { StorageFacts } from "../parts/storage-facts.tsx"
import { preferences } from "../preferences.ts"
import { type Opened, opened, useMe } from "../ui.ts"
import { words } from "../words.ts"
import { Card } from "./details.tsx"

const show = (dialog: Opened) => () => {
  opened.value = dialog
}

export const StorageSettings = () => {
  const me = useMe()
  const health = live(me.storage.health).value
  const contacts = live(me.contacts).value
  const invites = live(me.invites).value
  const saved = preferences.value.backedUp
  const empty = contacts.length === 0 && invites.length === 0
  return (
    <Card title="Storage and backup">
      <StorageFacts>
        <dt>Last backup</dt>
        <dd>{saved === undefined ? "none from this browser" : shortDay(saved)}</dd>
      </StorageFacts>
      {health.durable && health.persisted === false ? (
        <Notice
          tone="warn"
          icon="alert"
          actions={<Button place={at.askToKeep} onClick={() => void me.storage.persist().catch(() => undefined)} />}
        >
          {words.notPersistent}
        </Notice>
      ) : null}
      {health.durable ? null : <Notice tone="warn">{words.notDurable}</Notice>}
      <p class="note">{words.backupHolds}</p>
      <div class="actions">
        <Button place={at.saveBackup} look="primary" onClick={show({ kind: "saveBackup" })} />
        <Button place={at.restoreBackup} disabled={!empty} onClick={show({ kind: "restoreBackup" })} />
      </div>
      {empty ? null : (
        <p class="note">A backup is restored into an empty profile only: on a new device, or after erasing.</p>
      )}
      <hr />
      <div class="actions">
        <Button place={at.exportReadable} look="quiet" onClick={show({ kind: "export" })} />
        <Button place={at.eraseProfile} look="danger" onClick={show({ kind: "erase" })} />
      </div>
    </Card>
  )
}
