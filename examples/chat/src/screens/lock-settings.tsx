/** Lock: when it locks by itself, and the ways to unlock it. A passphrase always stays. */
import { useId, useState } from "preact/hooks"
import type { Unlock, UnlockMethod } from "sotto"
import { announcer } from "../announcer.ts"
import { live } from "../live.ts"
import { byPasskey, byPassphrase } from "../messenger.ts"
import { at, of } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { NewPassphrase, usePassphrase } from "../parts/passphrase.tsx"
import { useMe } from "../ui.ts"
import { messageOf } from "../words.ts"
import { Card } from "./details.tsx"

const TIMES: ReadonlyArray<readonly [number | null, string]> = [
  [null, "Never"],
  [60_000, "After 1 minute"],
  [5 * 60_000, "After 5 minutes"],
  [15 * 60_000, "After 15 minutes"],
  [60 * 60_000, "After 1 hour"],
]

export const LockSettings = () => {
  const me = useMe()
  const { methods, state } = live(me.vault.state).value
  const { autoLock } = live(me.settings).value
  const chooser = useId()
  const chosen = usePassphrase()
  const [changing, setChanging] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  if (state === "none") {
    return (
      <Card title="Lock">
        <p>
          This profile is not locked: whoever can open this browser profile can read it. To lock it, save a backup,
          erase the profile, choose a passphrase at the first screen, and restore.
        </p>
      </Card>
    )
  }
  const attempt = async (what: string, run: () => Promise<unknown>) => {
    setBusy(true)
    setFailed(undefined)
    try {
      await run()
      announcer.tell(what)
      setChanging(false)
      chosen.set("")
      chosen.setAgain("")
    } catch (error) {
      setFailed(messageOf(error))
    } finally {
      setBusy(false)
    }
  }
  const add = (what: string, make: () => Promise<Unlock>) => attempt(what, async () => me.vault.addMethod(await make()))
  const known = methods.find(({ kind }) => kind === "passphrase")
  const change = () => {
    if (!chosen.good || known === undefined) return
    const next = chosen.value
    void attempt("The passphrase was changed.", async () => me.vault.changeMethod(known.id, await byPassphrase(next)))
  }
  return (
    <Card title="Lock">
      <div class="field">
        <label for={chooser}>{at.autoLock.name}</label>
        <select
          id={chooser}
          class="input"
          value={String(autoLock)}
          onChange={({ currentTarget }) => {
            const after = currentTarget.value === "null" ? null : Number(currentTarget.value)
            void me.configure({ autoLock: after }).catch((error: unknown) => setFailed(messageOf(error)))
          }}
        >
          {TIMES.map(([time, name]) => (
            <option key={name} value={String(time)}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <ul class="checks" aria-label={at.unlockMethods.name}>
        {methods.map((method) => (
          <li key={method.id}>
            {nameOf(method)}{" "}
            {method.kind === "passkey" ? (
              <Button
                place={of.removeMethod(nameOf(method))}
                look="quiet"
                busy={busy}
                onClick={() => void attempt("The passkey was removed.", () => me.vault.removeMethod(method.id))}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {changing ? <NewPassphrase chosen={chosen} onEnter={change} /> : null}
      {failed === undefined ? null : (
        <p class="note wrong" role="status">
          {failed}
        </p>
      )}
      <div class="actions">
        {changing ? (
          <Button place={at.savePassphrase} look="primary" busy={busy} disabled={!chosen.good} onClick={change} />
        ) : (
          <Button place={at.changePassphrase} busy={busy} onClick={() => setChanging(true)} />
        )}
        <Button place={at.addPasskey} busy={busy} onClick={() => void add("The passkey was added.", byPasskey)} />
        <Button place={at.lock} look="quiet" onClick={() => void me.lock()} />
      </div>
    </Card>
  )
}

const nameOf = ({ kind, label }: UnlockMethod): string => label || (kind === "passkey" ? "Passkey" : "Passphrase")
