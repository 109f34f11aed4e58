/** The first screen: who are you, if you like, and what to expect. Straight in; nothing is contacted. */
import { useEffect, useState } from "preact/hooks"
import { load, open } from "../messenger.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Field } from "../parts/field.tsx"
import { NewPassphrase, usePassphrase } from "../parts/passphrase.tsx"
import { Switch } from "../parts/switch.tsx"
import { arrivedInvite } from "../routes.ts"
import { opened } from "../ui.ts"

/** The engine's limit for a name, in bytes of UTF-8. */
const MAX_NAME = 128

export const FirstRun = () => {
  const [name, setName] = useState("")
  useEffect(() => {
    load().catch(() => undefined)
  }, [])
  const [locks, setLocks] = useState(false)
  const chosen = usePassphrase()
  const tooLong = new TextEncoder().encode(name.trim()).length > MAX_NAME
  const start = () => {
    if (tooLong || (locks && !chosen.good)) return
    void open({ ...(name.trim() === "" ? {} : { name: name.trim() }), ...(locks ? { passphrase: chosen.value } : {}) })
  }
  return (
    <main class="welcome">
      <img class="logo" src="./icon.svg" alt="" width="72" height="72" />
      <h1>Sotto</h1>
      <p class="lead">Private messages between two devices. No account, and no server that can read them.</p>
      {arrivedInvite.value === undefined ? null : (
        <p class="note">You followed an invite. You can look at it in the next step, before anything is contacted.</p>
      )}
      <Field
        label={at.firstName.name}
        value={name}
        onInput={setName}
        onEnter={start}
        autofocus
        maxLength={MAX_NAME}
        hint="Optional. The people you connect with will see it; nobody else."
        wrong={tooLong ? "This name is too long." : undefined}
      />
      <Switch
        place={at.lockAtAll}
        on={locks}
        onChange={setLocks}
        hint="Everything kept here is then encrypted, and opened by it alone. You can also do this later."
      />
      {locks ? <NewPassphrase chosen={chosen} onEnter={start} /> : null}
      <Button place={at.start} look="primary" disabled={locks && !chosen.good} onClick={start} />
      <Button
        place={at.restoreBackup}
        look="quiet"
        onClick={() => {
          opened.value = { kind: "restoreBackup" }
          void open({})
        }}
      />
      <ul class="facts">
        <li>
          <strong>Everything stays on this device.</strong> If you clear this browser's data, your messages are gone.
          There is no reset and no copy elsewhere, unless you save a backup: Settings, Storage and backup.
        </li>
        <li>
          <strong>Without a passphrase nothing is locked.</strong> Whoever can open this browser profile can read what
          is in it. There is no reset for a passphrase that is forgotten.
        </li>
        <li>
          <strong>Both of you need to be online.</strong> Messages wait here until you are.
        </li>
      </ul>
    </main>
  )
}
