/** The last transitions, newest first, with pause and a copy that names nobody. */
import { timeOf } from "../days.ts"
import { type Inspector, KEPT, report } from "../inspector.ts"
import { at } from "../names.ts"
import { Button } from "./button.tsx"
import { CopyButton } from "./copy-button.tsx"

const fraction = (time: number) => `${timeOf(time)}:${((time % 60_000) / 1000).toFixed(1).padStart(4, "0")}`

export const Transitions = ({ inspector }: { readonly inspector: Inspector }) => {
  const lines = inspector.lines.value
  const paused = inspector.paused.value
  return (
    <section class="card">
      <h3>Transitions</h3>
      <div class="actions">
        <Button
          place={paused ? at.resume : at.pause}
          icon={paused ? "play" : "pause"}
          onClick={() => {
            inspector.paused.value = !paused
          }}
        />
        <CopyButton place={at.copyRedacted} text={() => report(lines)} />
      </div>
      {lines.length === 0 ? (
        <p class="note">The last {KEPT} steps of every machine appear here as they happen.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <ol class="transitions" tabIndex={0} aria-label="Transitions">
          {[...lines].reverse().map((line) => (
            <li key={line.number}>
              <span class="transition-head">
                <time>{fraction(line.at)}</time> <strong>{line.id}</strong>
              </span>
              <span>
                {line.event}: {line.from === "" ? "" : `${line.from} → `}
                {line.to}
              </span>
              {line.commands === "" ? null : <span class="transition-commands">{line.commands}</span>}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
