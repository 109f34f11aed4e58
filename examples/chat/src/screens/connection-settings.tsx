/** Which service introduces the two devices to each other, and which servers help them find a path. */
import { useState } from "preact/hooks"
import { reopen } from "../messenger.ts"
import { at } from "../names.ts"
import { Button, IconButton } from "../parts/button.tsx"
import { Field } from "../parts/field.tsx"
import { Switch } from "../parts/switch.tsx"
import { type Broker, brokerInUse, type IceServer, isIceUrl, ownBroker, prefer, preferences } from "../preferences.ts"
import { Card } from "./details.tsx"

const empty: Broker = { host: "", port: 443, path: "/", key: "peerjs", secure: true }

export const ConnectionSettings = () => (
  <Card title="Connection">
    <BrokerForm />
    <hr />
    <IceForm />
    <hr />
    <Switch
      place={at.relayOnly}
      on={preferences.value.relayOnly}
      onChange={(relayOnly) => {
        prefer({ relayOnly })
        void reopen()
      }}
      hint="Hides your network address from contacts. Needs a TURN server; without one nothing connects."
    />
  </Card>
)

const BrokerForm = () => {
  const used = brokerInUse() ?? empty
  const [draft, setDraft] = useState({ ...used, port: String(used.port) })
  const port = Number(draft.port)
  const host = draft.host.trim()
  const wrongHost = /^[A-Za-z0-9.:[\]-]{1,253}$/.test(host)
    ? undefined
    : "A host name, without https:// and without a path."
  const wrongPort = Number.isInteger(port) && port > 0 && port < 65_536 ? undefined : "A number from 1 to 65535."
  const changed =
    host !== used.host ||
    port !== used.port ||
    draft.path !== used.path ||
    draft.key !== used.key ||
    draft.secure !== used.secure
  const save = (broker: Broker | undefined) => {
    prefer({ broker })
    const next = broker ?? ownBroker() ?? empty
    setDraft({ ...next, port: String(next.port) })
    void reopen()
  }
  return (
    <div class="form">
      <p class="note">
        The connection service introduces two devices to each other. It sees network addresses and when you are online,
        never contents, names or who you are.
      </p>
      <div class="inline">
        <Field
          label={at.host.name}
          value={draft.host}
          onInput={(value) => setDraft({ ...draft, host: value })}
          inputMode="url"
          wrong={wrongHost}
        />
        <Field
          label={at.port.name}
          value={draft.port}
          onInput={(value) => setDraft({ ...draft, port: value })}
          inputMode="numeric"
          wrong={wrongPort}
        />
      </div>
      <div class="inline">
        <Field label={at.path.name} value={draft.path} onInput={(path) => setDraft({ ...draft, path })} />
        <Field label={at.key.name} value={draft.key} onInput={(key) => setDraft({ ...draft, key })} />
      </div>
      <Switch place={at.tls} on={draft.secure} onChange={(secure) => setDraft({ ...draft, secure })} />
      <div class="actions">
        <Button
          place={at.saveService}
          look="primary"
          disabled={!changed || wrongHost !== undefined || wrongPort !== undefined}
          onClick={() => save({ ...draft, host, port })}
        />
        {preferences.value.broker === undefined ? null : (
          <Button place={at.ownService} look="quiet" onClick={() => save(undefined)} />
        )}
      </div>
    </div>
  )
}

const IceForm = () => {
  const servers = preferences.value.iceServers
  const [draft, setDraft] = useState({ urls: "", username: "", credential: "" })
  const url = draft.urls.trim()
  const wrong = url === "" || isIceUrl(url) ? undefined : "Such as stun:host:3478 or turns:host:5349?transport=tcp."
  const change = (iceServers: ReadonlyArray<IceServer>) => {
    prefer({ iceServers })
    void reopen()
  }
  const add = () => {
    if (url === "" || wrong !== undefined) return
    change([
      ...servers,
      {
        urls: url,
        ...(draft.username ? { username: draft.username } : {}),
        ...(draft.credential ? { credential: draft.credential } : {}),
      },
    ])
    setDraft({ urls: "", username: "", credential: "" })
  }
  return (
    <div class="form">
      <h4>STUN and TURN servers</h4>
      <p class="note">
        Without one, devices connect in the same network and where routers allow it. STUN learns your address; TURN also
        carries the encrypted data.
      </p>
      {servers.length > 0 ? (
        <ul class="servers" aria-label={at.servers.name}>
          {servers.map((server, index) => (
            <li key={`${index}-${server.urls}`}>
              <code>{server.urls}</code>
              <IconButton
                place={{ role: "button", name: `Remove ${server.urls}` }}
                icon="close"
                onClick={() => change(servers.filter((_, other) => other !== index))}
              />
            </li>
          ))}
        </ul>
      ) : null}
      <Field
        label={at.serverUrl.name}
        value={draft.urls}
        onInput={(urls) => setDraft({ ...draft, urls })}
        onEnter={add}
        placeholder="turn:host:3478"
        wrong={wrong}
      />
      {url.startsWith("turn") ? (
        <div class="inline">
          <Field label={at.user.name} value={draft.username} onInput={(username) => setDraft({ ...draft, username })} />
          <Field
            label={at.password.name}
            type="password"
            value={draft.credential}
            onInput={(credential) => setDraft({ ...draft, credential })}
            hint="Kept unlocked in this browser."
          />
        </div>
      ) : null}
      <div class="actions">
        <Button place={at.addServer} disabled={url === "" || wrong !== undefined} onClick={add} />
      </div>
    </div>
  )
}
