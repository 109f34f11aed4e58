/** Lock: when it locks by itself, and the ways to unlock it. A passphrase always stays. */
import { useId, useState } from "preact/hooks"
import type { Unlock, UnlockMethod } from "sotto"
import { announcer } from "../announcer.ts"
import { live } from "../live.ts"
import { byPasskey, byPassphrase, sealProfile } from "../messenger.ts"
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
  const stop = () => {
    setChanging(false)
    setFailed(undefined)
    chosen.set("")
    chosen.setAgain("")
  }
  if (state === "none") return <TurnOn />
  const attempt = async (what: string, run: () => Promise<unknown>) => {
    setBusy(true)
    setFailed(undefined)
    try {
      await run()
      announcer.tell(what)
      stop()
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
      {changing ? (
        <div class="actions">
          <Button place={at.savePassphrase} look="primary" busy={busy} disabled={!chosen.good} onClick={change} />
          <Button place={at.cancel} look="quiet" disabled={busy} onClick={stop} />
        </div>
      ) : (
        <div class="actions">
          <Button place={at.changePassphrase} busy={busy} onClick={() => setChanging(true)} />
          <Button place={at.addPasskey} busy={busy} onClick={() => void add("The passkey was added.", byPasskey)} />
          <Button place={at.lock} look="quiet" onClick={() => void me.lock()} />
        </div>
      )}
    </Card>
  )
}

/** A profile that is not sealed yet. Sealing closes and opens it again, so this screen is gone meanwhile. */
const TurnOn = () => {
  const chosen = usePassphrase()
  const [choosing, setChoosing] = useState(false)
  const turnOn = () => chosen.good && void sealProfile(chosen.value)
  const stop = () => {
    setChoosing(false)
    chosen.set("")
    chosen.setAgain("")
  }
  return (
    <Card title="Lock">
      <p>
        This profile is not locked: whoever can open this browser profile can read it. With a passphrase, everything
        that is kept here is encrypted, and opened by it alone. Your chats go on as they are.
      </p>
      {choosing ? (
        <>
          <NewPassphrase chosen={chosen} onEnter={turnOn} />
          <p class="note">What was kept unencrypted until now is erased, as far as this browser lets Sotto erase.</p>
          <div class="actions">
            <Button place={at.encryptNow} look="primary" disabled={!chosen.good} onClick={turnOn} />
            <Button place={at.cancel} look="quiet" onClick={stop} />
          </div>
        </>
      ) : (
        <div class="actions">
          <Button place={at.turnLockOn} look="primary" onClick={() => setChoosing(true)} />
        </div>
      )}
    </Card>
  )
}

const nameOf = ({ kind, label }: UnlockMethod): string => label || (kind === "passkey" ? "Passkey" : "Passphrase")
