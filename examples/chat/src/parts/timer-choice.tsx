/** How messages of a conversation disappear: after how long, counted from what. */
import { useId, useState } from "preact/hooks"
import type { Contact, DisappearingTimer } from "sotto"
import { live } from "../live.ts"
import { at, called } from "../names.ts"
import { timerWords, words } from "../words.ts"

const MINUTE = 60_000
const CHOICES = [5 * MINUTE, 60 * MINUTE, 480 * MINUTE, 1_440 * MINUTE, 10_080 * MINUTE, 40_320 * MINUTE]

export const TimerChoice = ({ contact }: { readonly contact: Contact }) => {
  const timer = live(contact.timer).value
  const [problem, setProblem] = useState<string>()
  const ids = [useId(), useId()] as const
  const from = timer?.from ?? "reading"
  const who = called(contact)
  const set = (after: number | null, counted: DisappearingTimer["from"]) =>
    void contact.setTimer({ after, from: counted }).then(
      () => setProblem(undefined),
      (error: unknown) => setProblem(error instanceof Error ? error.message : "The timer could not be set. Try again."),
    )
  // The peer's app may know lengths that this one does not offer.
  const choices =
    timer === undefined || CHOICES.includes(timer.after) ? CHOICES : [...CHOICES, timer.after].sort((a, b) => a - b)
  return (
    <div class="field">
      <label for={ids[0]}>{at.disappearing.name}</label>
      <select
        id={ids[0]}
        class="input"
        value={timer?.after ?? 0}
        onChange={({ currentTarget: { value } }) => set(value === "0" ? null : Number(value), from)}
      >
        <option value={0}>Off</option>
        {choices.map((after) => (
          <option key={after} value={after}>
            {timerWords(after)}
          </option>
        ))}
      </select>
      {timer === undefined ? null : (
        <>
          <label for={ids[1]}>{at.countedFrom.name}</label>
          <select
            id={ids[1]}
            class="input"
            value={from}
            onChange={({ currentTarget: { value } }) => set(timer.after, value as DisappearingTimer["from"])}
          >
            <option value="reading">when they are read</option>
            <option value="sending">when they are sent</option>
          </select>
        </>
      )}
      <p class={problem ? "note wrong" : "note"} role={problem ? "status" : undefined}>
        {problem ?? `New messages disappear on both sides. ${words.canKeep(who)}`}
      </p>
    </div>
  )
}
