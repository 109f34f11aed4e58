/** Buttons. A button with an icon alone still has a name. */
import type { ComponentChildren, Ref } from "preact"
import type { Place } from "../names.ts"
import { Icon, type IconName } from "./icon.tsx"

export interface ButtonProps {
  readonly place: Place & { readonly role: "button" }
  readonly onClick: () => void
  readonly look?: "primary" | "plain" | "danger" | "quiet"
  readonly icon?: IconName
  readonly busy?: boolean
  readonly disabled?: boolean
  /** Said for a moment instead of the name, such as "Copied". */
  readonly children?: ComponentChildren
}

export const Button = ({ place, onClick, look = "plain", icon, busy, disabled, children }: ButtonProps) => (
  <button
    type="button"
    class={`button ${look}`}
    onClick={onClick}
    disabled={disabled || busy}
    aria-busy={busy ? "true" : undefined}
  >
    {icon ? <Icon name={icon} size={18} /> : null}
    <span>{children ?? place.name}</span>
  </button>
)

export interface IconButtonProps {
  readonly place: Place & { readonly role: "button" }
  readonly icon: IconName
  readonly onClick: (event: MouseEvent) => void
  readonly pressed?: boolean
  readonly shortcut?: string
  readonly class?: string
  readonly disabled?: boolean
  readonly refer?: Ref<HTMLButtonElement>
}

export const IconButton = (props: IconButtonProps) => (
  <button
    type="button"
    ref={props.refer ?? null}
    class={`icon-button ${props.class ?? ""}`}
    aria-label={props.place.name}
    title={props.shortcut ? `${props.place.name} (${props.shortcut})` : props.place.name}
    aria-pressed={props.pressed}
    disabled={props.disabled}
    onClick={props.onClick}
  >
    <Icon name={props.icon} />
  </button>
)
