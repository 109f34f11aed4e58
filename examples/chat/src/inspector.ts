/**
 * What "Look inside" listens to while it is open: the last transitions of one contact, published at most twice a second. Each
 * is redacted on arrival; what was refused is never kept.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { InspectedTransition, Messenger } from "sotto"
import { show, stateName } from "./redact.ts"

/** How many transitions are kept. */
export const KEPT = 200
/** Milliseconds between two publications. */
export const PACE = 500

/** A transition in words. */
export interface Line {
  readonly number: number
  readonly at: number
  readonly machine: string
  readonly id: string
  readonly event: string
  readonly from: string
  readonly to: string
  readonly commands: string
}

export const lineOf = (number: number, transition: InspectedTransition): Line => ({
  number,
  at: transition.at,
  machine: show(transition.machine),
  id: show(transition.id),
  // XState names a timer's event after the delay and the state: the delay says enough.
  event: show(transition.event.replace(/^xstate\.after\.([^.]+)\..*$/, "after $1")),
  from: transition.from === undefined ? "" : stateName(transition.from),
  to: stateName(transition.to),
  commands: transition.commands.slice(0, 8).map(show).join(", "),
})

/** For the clipboard: no names, no addresses, times relative to the first line. */
export const report = (lines: ReadonlyArray<Line>): string => {
  const start = lines[0]?.at ?? 0
  return lines
    .map(({ at, id, event, from, to, commands }) =>
      [`+${((at - start) / 1000).toFixed(3)} s`, id, event, from === "" ? to : `${from} → ${to}`, commands]
        .filter(Boolean)
        .join("  "),
    )
    .join("\n")
}

export interface Inspector {
  readonly lines: ReadonlySignal<ReadonlyArray<Line>>
  /** The state before the present one, by instance id. */
  readonly past: ReadonlySignal<ReadonlyMap<string, Line>>
  /** When set, nothing is published; listening goes on. */
  readonly paused: Signal<boolean>
  readonly stop: () => void
}

export const inspectContact = (
  me: Pick<Messenger, "inspect">,
  contact: string,
  clock: { readonly repeat: (run: () => void, milliseconds: number) => () => void },
): Inspector => {
  const lines = signal<ReadonlyArray<Line>>([])
  const past = signal<ReadonlyMap<string, Line>>(new Map())
  const paused = signal(false)
  let kept: Array<Line> = []
  let lastChange = new Map<string, Line>()
  let count = 0
  let fresh = false
  const leave = me.inspect((transition) => {
    if (transition.contact !== contact) return
    const line = lineOf(++count, transition)
    kept.push(line)
    if (kept.length > 2 * KEPT) kept = kept.slice(-KEPT)
    if (line.from !== line.to) {
      lastChange.delete(line.id)
      lastChange.set(line.id, line)
      if (lastChange.size > KEPT) lastChange = new Map([...lastChange].slice(-KEPT))
    }
    fresh = true
  })
  const leaveClock = clock.repeat(() => {
    if (!fresh || paused.peek()) return
    fresh = false
    lines.value = kept.slice(-KEPT)
    past.value = new Map(lastChange)
  }, PACE)
  return {
    lines,
    past,
    paused,
    stop: () => {
      leave()
      leaveClock()
    },
  }
}
