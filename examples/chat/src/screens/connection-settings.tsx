/** Which service introduces the two devices to each other, and which servers help them find a path. */
import { useState } from "preact/hooks"
import { reopen } from "../messenger.ts"
import { at } from "../names.ts"
import { Button, IconButton } from "../parts/button.tsx"
import { Field } from "../parts/field.tsx"
import { Switch } from "../parts/switch.tsx"
import {
  type Broker,
  brokerInUse,
  type IceServer,
  isIceUrl,
  isTurn,
  ownBroker,
  prefer,
  preferences,
} from "../preferences.ts"
import { Card } from "./details.tsx"

const empty: Broker = { host: "", port: 443, path: "/", key: "peerjs", secure: true }

export const ConnectionSettings = () => (
  <Card title="Connection">
    <BrokerForm />
    <hr />
    <IceForm />
    <hr />
    <RelayOnly />
  </Card>
)

const RelayOnly = () => {
  const { iceServers, relayOnly } = preferences.value
  return (
    <Switch
      place={at.relayOnly}
      on={relayOnly}
      disabled={!iceServers.some(isTurn)}
      onChange={(wanted) => {
        prefer({ relayOnly: wanted })
        void reopen()
      }}
      hint="Hides your network address from contacts. Needs a TURN server above."
    />
  )
}

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
  const turn = isTurn({ urls: url })
  const incomplete = url === "" || wrong !== undefined || (turn && (draft.username === "" || draft.credential === ""))
  const change = (iceServers: ReadonlyArray<IceServer>) => {
    prefer({ iceServers })
    void reopen()
  }
  /** The last TURN server stays while everything must go through one: nothing is ever switched to direct silently. */
  const needed = (server: IceServer) =>
    preferences.value.relayOnly && isTurn(server) && servers.filter(isTurn).length === 1
  const add = () => {
    if (incomplete) return
    change([...servers, turn ? { ...draft, urls: url } : { urls: url }])
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
                disabled={needed(server)}
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
      {turn ? (
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
        <Button place={at.addServer} disabled={incomplete} onClick={add} />
      </div>
    </div>
  )
}
