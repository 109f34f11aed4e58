/**
 * Look inside: how the conversation is connected and protected at this moment, from a plain sentence down to single
 * transitions. Everything that comes from a machine passes through `show`, which refuses anything that looks like a key.
 */

import { useEffect, useState } from "preact/hooks"
import type { Contact } from "sotto"
import { ago } from "../days.ts"
import { at, called } from "../names.ts"
import { observe } from "../observed.ts"
import { Brackets } from "../parts/brackets.tsx"
import { IconButton } from "../parts/button.tsx"
import { useSample } from "../parts/now.ts"
import { StorageFacts } from "../parts/storage-facts.tsx"
import { go } from "../routes.ts"
import { pathSentence } from "../words.ts"
import { Card } from "./details.tsx"

export const Inside = ({ contact }: { readonly contact: Contact }) => {
  const [loaded, setLoaded] = useState<typeof import("./machinery.tsx")>()
  useEffect(() => {
    let open = true
    void import("./machinery.tsx").then((module) => {
      if (open) setLoaded(module)
    })
    return () => {
      open = false
    }
  }, [])
  return (
    <aside class="pane side inside" aria-label={at.inside.name} data-pane="side" tabIndex={-1}>
      <header class="bar">
        <h2>Look inside</h2>
        <IconButton place={at.close} icon="close" onClick={() => go({ page: "chat", id: contact.id })} />
      </header>
      <div class="side-body">
        <Sentence contact={contact} />
        <Path contact={contact} />
        <Card title="Four layers">
          <Brackets contact={contact} />
        </Card>
        <Card title="Storage">
          <StorageFacts compact />
        </Card>
        {loaded === undefined ? null : <loaded.Machinery contact={contact} />}
      </div>
    </aside>
  )
}

const Sentence = ({ contact }: { readonly contact: Contact }) => {
  const connection = useSample(contact.connection)
  const session = useSample(contact.session)
  const now = Date.now()
  const times = Object.values(observe(contact).peek().epochs).flatMap(({ since }) => since ?? [])
  const newest = times.length > 0 ? Math.max(...times) : undefined
  const { waiting } = session
  return (
    <p class="sentence">
      {pathSentence(connection)} {newest === undefined ? "" : `Keys changed ${ago(now - newest)}. `}
      {waiting === 0 ? "Nothing is waiting." : waiting === 1 ? "1 message waiting." : `${waiting} messages waiting.`}
    </p>
  )
}

const Path = ({ contact }: { readonly contact: Contact }) => {
  const connection = useSample(contact.connection)
  const now = Date.now()
  const up = connection.state === "direct" || connection.state === "relayed"
  return (
    <Card title="Path">
      <div class="path" data-state={connection.state}>
        <span class="path-end">You</span>
        <span class="path-line" aria-hidden="true" />
        {connection.state === "relayed" ? (
          <>
            <span class="path-end">TURN</span>
            <span class="path-line" aria-hidden="true" />
          </>
        ) : null}
        <span class="path-end">
          <bdi>{called(contact)}</bdi>
        </span>
      </div>
      <dl class="compact">
        <dt>Link</dt>
        <dd>{up ? "WebRTC data channel (DTLS)" : "none"}</dd>
        <dt>Round trip</dt>
        <dd>{connection.roundTrip === undefined ? "not known" : `${Math.round(connection.roundTrip)} ms`}</dd>
        <dt>Reconnects</dt>
        <dd>{connection.reconnects}</dd>
        {connection.nextAttempt === undefined || up ? null : (
          <>
            <dt>Next attempt</dt>
            <dd>{connection.nextAttempt > now ? `in ${Math.ceil((connection.nextAttempt - now) / 1000)} s` : "now"}</dd>
          </>
        )}
      </dl>
    </Card>
  )
}
