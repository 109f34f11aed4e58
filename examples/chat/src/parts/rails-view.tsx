/** Each machine as a rail: where it was, where it stands, where it can go; with age and last event. */

import { useRef } from "preact/hooks"
import type { Contact, MachineView } from "sotto"
import { ago } from "../days.ts"
import type { Inspector, Line } from "../inspector.ts"
import { type Charts, nextStates } from "../rails.ts"
import { show, stateName } from "../redact.ts"
import { useSample } from "./now.ts"

/** Instances beyond this many (one a message under way) are counted, not drawn. */
const MAX_RAILS = 16

export interface RailsProps {
  readonly contact: Contact
  readonly inspector: Inspector
  readonly charts: Charts
}

export const Rails = ({ contact, inspector, charts }: RailsProps) => {
  const machines = useSample(contact.machines)
  const shown = useRef({ machines, now: Date.now() })
  if (!inspector.paused.value) shown.current = { machines, now: Date.now() }
  return <RailList {...shown.current} past={inspector.past.value} charts={charts} />
}

interface RailListProps {
  readonly machines: ReadonlyArray<MachineView>
  readonly past: ReadonlyMap<string, Line>
  readonly charts: Charts
  readonly now: number
}

const RailList = ({ machines, past, charts, now }: RailListProps) => {
  if (machines.length === 0) return <p class="note">None is running.</p>
  return (
    <>
      <ul class="rails">
        {machines.slice(0, MAX_RAILS).map((machine) => {
          const line = past.get(show(machine.id))
          const next = nextStates(charts, machine.machine, machine.state)
          return (
            <li key={machine.id}>
              <p class="rail-name">
                <strong>{show(machine.id)}</strong>
                <span>
                  {[line?.event, machine.since === undefined ? "" : ago(now - machine.since)]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </p>
              <ol class="rail">
                <li class="rail-past">{line === undefined || line.from === "" ? "start" : line.from}</li>
                <li class="rail-now" aria-current="step">
                  {stateName(machine.state)}
                </li>
                <li class="rail-next">{next.length === 0 ? "end" : next.map(show).join(", ")}</li>
              </ol>
            </li>
          )
        })}
      </ul>
      {machines.length > MAX_RAILS ? <p class="note">and {machines.length - MAX_RAILS} more</p> : null}
    </>
  )
}
