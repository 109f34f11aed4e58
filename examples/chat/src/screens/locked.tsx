/** Locked: a passphrase or a passkey opens it, wrong ones cost time, and there is no reset but erasing. */
import { useEffect, useState } from "preact/hooks"
import type { Messenger, Unlock } from "sotto"
import { live } from "../live.ts"
import { byPasskey, byPassphrase } from "../messenger.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Field } from "../parts/field.tsx"
import { opened } from "../ui.ts"
import { messageOf, words } from "../words.ts"
import { EraseDialog } from "./export-and-erase.tsx"

export const Locked = ({ me }: { readonly me: Messenger }) => {
  const { methods, retryAt, state } = live(me.vault.state).value
  const [secret, setSecret] = useState("")
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<string>()
  const [now, setNow] = useState(Date.now())
  const wait = state === "delayed" && retryAt !== undefined ? Math.max(0, Math.ceil((retryAt - now) / 1_000)) : 0
  useEffect(() => {
    if (retryAt === undefined) return
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [retryAt])
  const unlock = async (make: () => Promise<Unlock>) => {
    if (busy || wait > 0) return
    setBusy(true)
    setWrong(undefined)
    try {
      await me.unlock(await make())
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : ""
      setWrong(
        code === "unlockRefused" ? words.wrongPassphrase : code === "unlockDelayed" ? undefined : messageOf(error),
      )
      setNow(Date.now())
      setBusy(false)
    }
  }
  const withPassphrase = () => secret !== "" && void unlock(() => byPassphrase(secret))
  return (
    <main class="welcome">
      <img class="logo" src="./icon.svg" alt="" width="56" height="56" />
      <h1>Sotto is locked</h1>
      <Field
        label={at.passphrase.name}
        value={secret}
        onInput={setSecret}
        onEnter={withPassphrase}
        type="password"
        autofocus
        wrong={wrong}
      />
      {wait > 0 ? (
        <p class="note" role="status">
          {words.noReset(wait)}
        </p>
      ) : null}
      <Button
        place={at.unlock}
        look="primary"
        busy={busy}
        disabled={secret === "" || wait > 0}
        onClick={withPassphrase}
      >
        {busy ? "Unlocking…" : undefined}
      </Button>
      {methods.some(({ kind }) => kind === "passkey") ? (
        <Button place={at.unlockWithPasskey} disabled={busy || wait > 0} onClick={() => void unlock(byPasskey)} />
      ) : null}
      <p class="note">Forgotten? There is no reset. You can erase this profile and restore a backup.</p>
      <Button
        place={at.eraseProfile}
        look="quiet"
        onClick={() => {
          opened.value = { kind: "erase" }
        }}
      />
      {opened.value?.kind === "erase" ? <EraseDialog /> : null}
    </main>
  )
}
