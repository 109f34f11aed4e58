/** Message info, and the list of keys. */
import type { Message } from "sotto"
import { dateAndTime } from "../days.ts"
import { live } from "../live.ts"
import { at } from "../names.ts"
import { Dialog } from "../parts/dialog.tsx"
import { isApple } from "../platform.ts"
import { preferences } from "../preferences.ts"
import { shut } from "../ui.ts"
import { deliveryWord } from "../words.ts"

export const MessageInfo = ({ message, who }: { readonly message: Message; readonly who: string }) => (
  <Dialog title={at.messageInfo.name} onClose={shut}>
    <dl>
      <dt>From</dt>
      <dd>{message.from === "me" ? "You" : who}</dd>
      <dt>Written</dt>
      <dd>{dateAndTime(message.at)}, by the sender's clock</dd>
      {message.state ? (
        <>
          <dt>State</dt>
          <dd>{deliveryWord[live(message.state).value]}</dd>
        </>
      ) : null}
      <dt>Length</dt>
      <dd>{new TextEncoder().encode(message.text).length.toLocaleString()} bytes</dd>
    </dl>
    {message.state ? (
      <p class="note">
        “Delivered” and “Read” are set only by answers that {who} sealed with the keys of this conversation.
      </p>
    ) : null}
  </Dialog>
)

export const Shortcuts = () => {
  const control = isApple() ? "⌘" : "Ctrl"
  const { enterSends } = preferences.value
  const keys: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
    [[control, "K"], "Search chats"],
    [["Alt", "↑ ↓"], "Previous or next chat"],
    [["Alt", "N"], "New chat"],
    [["Alt", "I"], "Look inside"],
    [["F6"], "Next pane"],
    [enterSends ? ["Enter"] : ["Shift", "Enter"], "Send"],
    [enterSends ? ["Shift", "Enter"] : ["Enter"], "New line"],
    [["Esc"], "Close what is on top, then back to the message"],
    [["Shift", "F10"], "Message actions"],
    [["Ctrl", "/"], "This list"],
  ]
  return (
    <Dialog title={at.shortcuts.name} onClose={shut}>
      <dl class="keys">
        {keys.map(([combination, meaning]) => (
          <div key={meaning}>
            <dt>
              {combination.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
