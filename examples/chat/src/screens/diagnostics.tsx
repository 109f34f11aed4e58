/** Diagnostics: what works here and what does not, with the remedy, and a report without names or addresses. */
import { useEffect, useState } from "preact/hooks"
import { announcer } from "../announcer.ts"
import { type Check, diagnose, type Outcome, report } from "../diagnostics.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { CopyButton } from "../parts/copy-button.tsx"
import { useMe } from "../ui.ts"
import { Card } from "./details.tsx"

const OUTCOME: Readonly<Record<Outcome, string>> = {
  waiting: "Checking",
  pass: "Works",
  fail: "Does not work",
  none: "Not set",
}

export const Diagnostics = () => {
  const me = useMe()
  const [checks, setChecks] = useState<ReadonlyArray<Check>>([])
  const [run, setRun] = useState(0)
  useEffect(() => {
    if (run === 0) return
    let open = true
    void diagnose(me, (found) => open && setChecks(found)).then(() => {
      if (open) announcer.tell("The checks are done.")
    })
    return () => {
      open = false
    }
  }, [me, run])
  const running = checks.some(({ outcome }) => outcome === "waiting")
  return (
    <Card title="Diagnostics">
      <p class="note">
        Checks this browser and the services that you chose. It contacts those services and nobody else.
      </p>
      {checks.length === 0 ? null : (
        <ul class="checks" aria-label={at.checks.name} aria-busy={running}>
          {checks.map(({ detail, outcome, remedy, what }) => (
            <li key={what} data-outcome={outcome}>
              <strong>{what}</strong> <span class="outcome">{OUTCOME[outcome]}</span>
              <p class="note">
                {detail}
                {remedy === undefined ? "" : ` ${remedy}`}
              </p>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        <Button place={at.runChecks} busy={running} onClick={() => setRun(run + 1)} />
        {checks.length === 0 || running ? null : (
          <CopyButton place={at.copyReport} look="quiet" text={() => report(me, checks)} />
        )}
      </div>
    </Card>
  )
}
