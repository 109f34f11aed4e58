/**
 * Locked: a passphrase or a passkey opens it, wrong ones cost time, and there is no reset but erasing. It is there before the
 * SDK is: what can be typed meanwhile is tried as soon as there is something to try it with.
 */
import { signal } from "@preact/signals"
import { useEffect, useState } from "preact/hooks"
import type { Messenger, Unlock, VaultView } from "sotto"
import { live } from "../live.ts"
import { byPasskey, byPassphrase, whenOpen } from "../messenger.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Field } from "../parts/field.tsx"
import { preferences } from "../preferences.ts"
import { opened } from "../ui.ts"
import { messageOf, words } from "../words.ts"
import { EraseDialog } from "./export-and-erase.tsx"

/** What is shown until the vault itself can be asked. */
const unknown = signal<VaultView>({ state: "locked", wrong: 0, methods: [] })

export const Locked = ({ me }: { readonly me: Messenger | undefined }) => {
  const { methods, retryAt, state } = (me === undefined ? unknown : live(me.vault.state)).value
  const hasPasskey = me === undefined ? preferences.value.hasPasskey : methods.some(({ kind }) => kind === "passkey")
  const [secret, setSecret] = useState("")
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<string>()
  const [now, setNow] = useState(Date.now())
  const wait = state === "delayed" && retryAt !== undefined ? Math.max(0, Math.ceil((retryAt - now) / 1_000)) : 0
  useEffect(() => {
    if (retryAt === undefined) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [retryAt])
  const unlock = async (make: () => Promise<Unlock>) => {
    if (busy || wait > 0) return
    setBusy(true)
    setWrong(undefined)
    try {
      const messenger = await whenOpen()
      if (messenger?.status.get() === "locked") await messenger.unlock(await make())
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : ""
      setWrong(
        code === "unlockRefused" ? words.wrongPassphrase : code === "unlockDelayed" ? undefined : messageOf(error),
      )
      setNow(Date.now())
    }
    setBusy(false)
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
      {hasPasskey ? (
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
