/** Settings: privacy, connection, appearance, about. What is on this page takes effect at once, but for the connection. */
import { useEffect, useState } from "preact/hooks"
import { live } from "../live.ts"
import { at } from "../names.ts"
import { Button, IconButton } from "../parts/button.tsx"
import { Field } from "../parts/field.tsx"
import { Switch } from "../parts/switch.tsx"
import { prefer, preferences, type Theme } from "../preferences.ts"
import { go, route } from "../routes.ts"
import { opened, useMe } from "../ui.ts"
import { ConnectionSettings } from "./connection-settings.tsx"
import { Card } from "./details.tsx"
import { Diagnostics } from "./diagnostics.tsx"
import { LockSettings } from "./lock-settings.tsx"
import { StorageSettings } from "./storage-settings.tsx"

/** Above a section that was asked for, in pixels. */
const MARGIN = 16

export const Settings = () => {
  const section = route.value.page === "settings" ? route.value.section : undefined
  useEffect(() => {
    const target = document.getElementById(section ? `settings-${section}` : "settings-top")
    // `scrollIntoView` would scroll the page around it as well, which nobody could scroll back.
    const body = target?.closest(".settings-body")
    const { top = 0 } = body?.getBoundingClientRect() ?? {}
    if (target && body) body.scrollTop += target.getBoundingClientRect().top - top - MARGIN
    target?.focus({ preventScroll: true })
  }, [section])
  return (
    <section class="pane settings" aria-label="Settings" data-pane="main">
      <header class="bar">
        <IconButton place={at.back} icon="back" class="back" onClick={() => go({ page: "chats" })} />
        <h2 id="settings-top" tabIndex={-1}>
          Settings
        </h2>
      </header>
      <div class="settings-body">
        <div id="settings-privacy" tabIndex={-1}>
          <Privacy />
        </div>
        <div id="settings-connection" tabIndex={-1}>
          <ConnectionSettings />
        </div>
        <div id="settings-storage" tabIndex={-1}>
          <StorageSettings />
        </div>
        <div id="settings-lock" tabIndex={-1}>
          <LockSettings />
        </div>
        <div id="settings-appearance" tabIndex={-1}>
          <Appearance />
        </div>
        <div id="settings-diagnostics" tabIndex={-1}>
          <Diagnostics />
        </div>
        <div id="settings-about" tabIndex={-1}>
          <About />
        </div>
      </div>
    </section>
  )
}

const Privacy = () => {
  const me = useMe()
  const settings = live(me.settings).value
  const known = live(me.name).value
  const [name, setName] = useState(known)
  const [wrong, setWrong] = useState<string>()
  const rename = async () => {
    try {
      await me.rename(name.trim())
      setWrong(undefined)
    } catch (error) {
      setWrong(error instanceof Error ? error.message : "The name was not kept.")
    }
  }
  return (
    <Card title="Privacy">
      <div class="inline">
        <Field
          label={at.firstName.name}
          value={name}
          onInput={setName}
          onEnter={() => void rename()}
          maxLength={128}
          hint="The people you connect with see it."
          wrong={wrong}
        />
        <Button place={at.saveName} disabled={name.trim() === known} onClick={() => void rename()} />
      </div>
      <Switch
        place={at.receipts}
        on={settings.readReceipts}
        onChange={(readReceipts) => void me.configure({ readReceipts })}
        hint="Contacts see when you have read their messages."
      />
      <Switch
        place={at.typing}
        on={settings.typingNotices}
        onChange={(typingNotices) => void me.configure({ typingNotices })}
        hint="Contacts see that you are writing, before you send."
      />
    </Card>
  )
}

const themes: ReadonlyArray<readonly [Theme, string]> = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
]

const Appearance = () => (
  <Card title="Appearance">
    <div class="segments" role="radiogroup" aria-label={at.theme.name}>
      {themes.map(([theme, name]) => (
        <label key={theme}>
          <input
            type="radio"
            name="theme"
            checked={preferences.value.theme === theme}
            onChange={() => prefer({ theme })}
          />
          <span>{name}</span>
        </label>
      ))}
    </div>
    <Switch
      place={at.enterSends}
      on={preferences.value.enterSends}
      onChange={(enterSends) => prefer({ enterSends })}
      hint="Shift+Enter does the other: a new line, or sending."
    />
  </Card>
)

const About = () => {
  return (
    <Card title="About">
      <dl>
        <dt>Version</dt>
        <dd>{__VERSION__}</dd>
      </dl>
      <p class="note">
        Messages are encrypted four times, each time with keys of their own. How they are kept on this device is said
        under Lock.
      </p>
      <Button
        place={at.showShortcuts}
        onClick={() => {
          opened.value = { kind: "shortcuts" }
        }}
      />
    </Card>
  )
}
