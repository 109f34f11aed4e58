/** Each machine as a rail: where it was, where it stands, where it can go; with age and last event. */
import type { Contact, MachineView } from "sotto"
import { ago } from "../days.ts"
import type { Inspector, Line } from "../inspector.ts"
import { live } from "../live.ts"
import { type Charts, nextStates } from "../rails.ts"
import { show, stateName } from "../redact.ts"
import { useNow } from "./now.ts"

/** Instances beyond this many (one a message under way) are counted, not drawn. */
const MAX_RAILS = 16

export interface RailsProps {
  readonly contact: Contact
  readonly inspector: Inspector
  readonly charts: Charts
}

export const Rails = ({ contact, inspector, charts }: RailsProps) => {
  // Drawn by the clock, not by the store: at most twice a second.
  const now = useNow(500)
  const machines = inspector.paused.value ? undefined : contact.machines.get()
  const past = inspector.past.value
  return <RailList machines={machines ?? []} paused={inspector.paused.value} past={past} charts={charts} now={now} />
}

interface RailListProps {
  readonly machines: ReadonlyArray<MachineView>
  readonly paused: boolean
  readonly past: ReadonlyMap<string, Line>
  readonly charts: Charts
  readonly now: number
}

const RailList = ({ machines, paused, past, charts, now }: RailListProps) => {
  if (paused) return <p class="note">Paused. Resume to see where the machines stand.</p>
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
                  {line === undefined ? "" : line.event}
                  {machine.since === undefined ? "" : ` · ${ago(now - machine.since)}`}
                </span>
              </p>
              <p class="rail">
                <span class="rail-past">{line === undefined || line.from === "" ? "start" : line.from}</span>
                <span class="rail-now">{stateName(machine.state)}</span>
                <span class="rail-next">{next.length === 0 ? "end" : next.map(show).join(", ")}</span>
              </p>
            </li>
          )
        })}
      </ul>
      {machines.length > MAX_RAILS ? <p class="note">and {machines.length - MAX_RAILS} more</p> : null}
    </>
  )
}
