/** A strip that names a cause and its remedy. Not an alert: that is for a changed identity alone. */
import type { ComponentChildren } from "preact"
import { Icon, type IconName } from "./icon.tsx"

export interface NoticeProps {
  readonly tone?: "plain" | "warn" | "danger"
  readonly icon?: IconName
  readonly children: ComponentChildren
  readonly actions?: ComponentChildren
}

export const Notice = ({ tone = "plain", icon, children, actions }: NoticeProps) => (
  <div class="notice" data-tone={tone}>
    {icon ? <Icon name={icon} /> : null}
    <div class="notice-body">
      <div class="notice-text">{children}</div>
      {actions ? <div class="notice-actions">{actions}</div> : null}
    </div>
  </div>
)
