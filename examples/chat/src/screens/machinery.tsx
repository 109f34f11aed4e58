/** The machinery of a conversation as it runs, with what drew it: loaded when somebody looks. */

import { useEffect, useState } from "preact/hooks"
import type { Contact } from "sotto"
import type { Recorder } from "sotto/recording"
import { type Inspector, inspectContact } from "../inspector.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Rails } from "../parts/rails-view.tsx"
import { Transitions } from "../parts/transitions.tsx"
import { saveFile } from "../platform.ts"
import { type Charts, chartsIn, namesIn } from "../rails.ts"
import { learn } from "../redact.ts"
import { useMe } from "../ui.ts"
import { Card } from "./details.tsx"

const everyTick = (run: () => void, milliseconds: number) => {
  const timer = setInterval(run, milliseconds)
  return () => clearInterval(timer)
}

export const Machinery = ({ contact }: { readonly contact: Contact }) => {
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
  if (seen === undefined) return null
  return (
    <>
      <Card title="Machines">
        <Rails contact={contact} inspector={seen.inspector} charts={seen.charts} />
      </Card>
      <Transitions inspector={seen.inspector} />
      <Recording recorder={seen.recorder} />
    </>
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
