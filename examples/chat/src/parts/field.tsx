/** A labelled text field, with a hint below it or what is wrong with it. */
import { useId } from "preact/hooks"

export interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onInput?: (value: string) => void
  readonly onEnter?: () => void
  readonly hint?: string
  readonly wrong?: string | undefined
  readonly placeholder?: string
  readonly lines?: number
  readonly mono?: boolean
  readonly readOnly?: boolean
  readonly autofocus?: boolean
  readonly type?: "text" | "password"
  readonly inputMode?: "text" | "numeric" | "url"
  readonly maxLength?: number
}

export const Field = (props: FieldProps) => {
  const id = useId()
  const note = props.wrong ?? props.hint
  const common = {
    id,
    value: props.value,
    placeholder: props.placeholder ?? "",
    readOnly: props.readOnly ?? false,
    autofocus: props.autofocus ?? false,
    maxLength: props.maxLength ?? 8192,
    spellcheck: false,
    autocomplete: "off" as const,
    class: props.mono ? "input mono" : "input",
    "aria-describedby": note ? `${id}-note` : undefined,
    "aria-invalid": props.wrong ? ("true" as const) : undefined,
    onFocus: (event: FocusEvent) => {
      if (props.readOnly) (event.currentTarget as HTMLInputElement).select()
    },
    onInput: (event: Event) => props.onInput?.((event.currentTarget as HTMLInputElement).value),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" || event.isComposing || props.onEnter === undefined) return
      event.preventDefault()
      props.onEnter()
    },
  }
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.lines ? (
        <textarea {...common} rows={props.lines} />
      ) : props.type === "password" ? (
        <input {...common} type="password" />
      ) : (
        <input {...common} type="text" inputMode={props.inputMode ?? "text"} />
      )}
      {note ? (
        <p id={`${id}-note`} class={props.wrong ? "note wrong" : "note"}>
          {note}
        </p>
      ) : null}
    </div>
  )
}
