/** The four layers as nested brackets around the message: what each is for, where it stands, how old its keys are. No score. */

import type { ComponentChildren } from "preact"
import type { Contact } from "sotto"
import { ago } from "../days.ts"
import { observe } from "../observed.ts"
import { show } from "../redact.ts"
import { layerWords } from "../words.ts"
import { useSample } from "./now.ts"

export const Brackets = ({ contact }: { readonly contact: Contact }) => {
  const session = useSample(contact.session)
  const { epochs } = observe(contact).peek()
  const now = Date.now()
  let inner: ComponentChildren = <p class="bracket-core">message</p>
  for (const [layer, name, purpose] of [...layerWords].reverse()) {
    const view = session.layers.find((one) => one.layer === layer)
    const since = epochs[layer]?.since
    inner = (
      <fieldset class="bracket" aria-label={`${name} layer`}>
        <p class="bracket-name">
          <strong>{name}</strong> <span>{view === undefined ? "not started" : show(view.state)}</span>
        </p>
        <p class="bracket-text">{purpose}</p>
        {view === undefined ? null : (
          <p class="bracket-numbers">
            Keys: epoch {view.epoch}, {since === undefined ? "unchanged since you opened Sotto" : ago(now - since)} ·
            sent {view.sent} · received {view.received}
            {view.skipped > 0 ? ` · ${view.skipped} kept for late frames` : ""}
          </p>
        )}
        {inner}
      </fieldset>
    )
  }
  return <div class="brackets">{inner}</div>
}
