/**
 * Look inside: how the conversation is connected and protected at this moment, from a plain sentence down to single
 * transitions. Everything that comes from a machine passes through `show`, which refuses anything that looks like a key.
 */

import { useEffect, useState } from "preact/hooks"
import type { Contact } from "sotto"
import type { Recorder } from "sotto/recording"
import { ago } from "../days.ts"
import { type Inspector, inspectContact } from "../inspector.ts"
import { at, called } from "../names.ts"
import { observe } from "../observed.ts"
import { Brackets } from "../parts/brackets.tsx"
import { Button, IconButton } from "../parts/button.tsx"
import { useSample } from "../parts/now.ts"
import { Rails } from "../parts/rails-view.tsx"
import { StorageFacts } from "../parts/storage-facts.tsx"
import { Transitions } from "../parts/transitions.tsx"
import { saveFile } from "../platform.ts"
import { type Charts, chartsIn, namesIn } from "../rails.ts"
import { learn } from "../redact.ts"
import { go } from "../routes.ts"
import { useMe } from "../ui.ts"
import { pathSentence } from "../words.ts"
import { Card } from "./details.tsx"

const everyTick = (run: () => void, milliseconds: number) => {
  const timer = setInterval(run, milliseconds)
  return () => clearInterval(timer)
}

export const Inside = ({ contact }: { readonly contact: Contact }) => {
  const me = useMe()
  const [seen, setSeen] = useState<{
    readonly inspector: Inspector
    readonly charts: Charts
    readonly recorder: Recorder
  }>()
  useEffect(() => {
    let stop: (() => void) | undefined
    let open = true
    // The statecharts first: their names are the only long words that may be shown.
    void Promise.all([import("sotto/machines"), import("sotto/recording")]).then(([exported, { record }]) => {
      if (!open) return
      learn(namesIn(exported))
      const inspector = inspectContact(me, contact.id, { repeat: everyTick })
      const recorder = record(me)
      stop = () => {
        inspector.stop()
        recorder.stop()
      }
      setSeen({ inspector, charts: chartsIn(exported), recorder })
    })
    return () => {
      open = false
      stop?.()
    }
  }, [me, contact.id])
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
        {seen === undefined ? null : (
          <>
            <Card title="Machines">
              <Rails contact={contact} inspector={seen.inspector} charts={seen.charts} />
            </Card>
            <Transitions inspector={seen.inspector} />
            <Recording recorder={seen.recorder} />
          </>
        )}
      </div>
    </aside>
  )
}

/** Of everything that happens while this is open: whoever looks into a fault can step through it. */
const Recording = ({ recorder }: { readonly recorder: Recorder }) => (
  <Card title="Recording">
    <p class="note">
      What happened since this was opened, as a file for a bug report. It has no names, texts, addresses or keys in it,
      but tells when something happened. Open it with: sotto inspect FILE.
    </p>
    <Button
      place={at.saveRecording}
      onClick={() => saveFile(new Blob([recorder.text()], { type: "application/jsonl" }), "sotto-recording.jsonl")}
    />
  </Card>
)

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
