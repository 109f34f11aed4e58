/** A switch with its label and a line that says what turning it means. */
import { useId } from "preact/hooks"
import type { Place } from "../names.ts"

export interface SwitchProps {
  readonly place: Place & { readonly role: "switch" }
  readonly on: boolean
  readonly onChange: (on: boolean) => void
  readonly hint?: string
  readonly disabled?: boolean
}

export const Switch = ({ place, on, onChange, hint, disabled }: SwitchProps) => {
  const id = useId()
  return (
    <div class="switch-row">
      <div>
        <label for={id}>{place.name}</label>
        {hint ? (
          <p class="note" id={`${id}-hint`}>
            {hint}
          </p>
        ) : null}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={on}
        disabled={disabled}
        aria-checked={on}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  )
}
