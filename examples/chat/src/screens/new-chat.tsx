/** Two ways to begin: one makes an invite, the other uses it. */

import { at } from "../names.ts"
import { Dialog } from "../parts/dialog.tsx"
import { Icon, type IconName } from "../parts/icon.tsx"
import { type Opened, opened, shut } from "../ui.ts"

const choices: ReadonlyArray<{
  readonly icon: IconName
  readonly title: string
  readonly text: string
  readonly opens: Opened
}> = [
  {
    icon: "link",
    title: at.createInvite.name,
    text: "Get a link or a code, and give it to somebody you know.",
    opens: { kind: "invite" },
  },
  {
    icon: "scan",
    title: at.useInvite.name,
    text: "You were given a link or a code.",
    opens: { kind: "use" },
  },
  {
    icon: "hand",
    title: at.byHand.name,
    text: "Swap two codes yourselves. No service is contacted at all.",
    opens: { kind: "invite", byHand: true },
  },
]

export const NewChat = () => (
  <Dialog title={at.newChatDialog.name} onClose={shut}>
    <div class="choices">
      {choices.map(({ icon, title, text, opens }) => (
        <button
          key={title}
          type="button"
          class="choice"
          aria-describedby={`choice-${icon}`}
          onClick={() => {
            opened.value = opens
          }}
        >
          <Icon name={icon} size={24} />
          <span>
            <strong>{title}</strong>
            <small id={`choice-${icon}`} aria-hidden="true">
              {text}
            </small>
          </span>
        </button>
      ))}
    </div>
  </Dialog>
)
