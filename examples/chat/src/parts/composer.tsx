/** Where a message is written. The draft stays with the conversation until it is sent or the page is closed. */
import type { RefObject } from "preact"
import { useEffect, useLayoutEffect, useState } from "preact/hooks"
import { at, of } from "../names.ts"
import { preferences } from "../preferences.ts"
import { drafts } from "../ui.ts"
import { IconButton } from "./button.tsx"
import { Icon } from "./icon.tsx"

/** The engine's limit: 64 KiB of UTF-8. */
const MAX_BYTES = 65_536
/** Lines before the field scrolls. */
const MAX_HEIGHT = 160

const encoder = new TextEncoder()

/** What is being written: an answer to a message, or another text for it. */
export interface Writing {
  readonly kind: "reply" | "edit"
  readonly who: string
  readonly text: string
  readonly onStop: () => void
}

export interface ComposerProps {
  readonly id: string
  readonly who: string
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly onSend: (text: string) => Promise<void>
  readonly onTyping: (typing: boolean) => void
  readonly writing?: Writing | undefined
  /** A reason why nothing can be sent now. */
  readonly closed?: string | undefined
}

export const Composer = ({ id, who, field, onSend, onTyping, writing, closed }: ComposerProps) => {
  const [text, setText] = useState(drafts.get(id) ?? "")
  const [problem, setProblem] = useState<string>()
  const { enterSends } = preferences.value

  const write = (value: string) => {
    setText(value)
    if (value === "") drafts.delete(id)
    else drafts.set(id, value)
    onTyping(value !== "")
  }

  useLayoutEffect(() => {
    const area = field.current
    if (area === null) return
    area.style.height = "auto"
    area.style.height = `${Math.min(area.scrollHeight, MAX_HEIGHT)}px`
  }, [text])
  useEffect(() => () => onTyping(false), [])

  const send = async () => {
    const whole = text.trim()
    if (whole === "" || closed !== undefined) return
    // 64 Ki characters are never fewer bytes.
    if (whole.length > MAX_BYTES || encoder.encode(whole).length > MAX_BYTES) {
      return setProblem("This is longer than one message can be (64 KiB). Send it in parts.")
    }
    setProblem(undefined)
    write("")
    field.current?.focus()
    try {
      await onSend(whole)
    } catch (error) {
      const since = drafts.get(id)
      write(since === undefined ? whole : `${whole}\n${since}`)
      setProblem(error instanceof Error ? error.message : "The message was not kept. Try again.")
    }
  }

  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape" && writing !== undefined) {
      event.preventDefault()
      event.stopPropagation()
      return writing.onStop()
    }
    if (event.key !== "Enter" || event.isComposing) return
    if (event.shiftKey === enterSends) return
    event.preventDefault()
    void send()
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {problem ? (
        <p class="note wrong" role="status">
          {problem}
        </p>
      ) : null}
      {writing ? (
        <div class="writing">
          <Icon name={writing.kind} size={16} />
          <span class="writing-what" dir="auto">
            {writing.kind === "edit" ? "Editing: " : `To ${writing.who}: `}
            <bdi>{writing.text}</bdi>
          </span>
          <IconButton
            place={writing.kind === "edit" ? at.stopEditing : at.stopReplying}
            icon="close"
            onClick={writing.onStop}
          />
        </div>
      ) : null}
      <div class="composer-row">
        <textarea
          ref={field}
          class="composer-field"
          rows={1}
          dir="auto"
          value={text}
          placeholder={closed ?? "Message"}
          aria-label={of.composer(who).name}
          disabled={closed !== undefined}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={key}
          onBlur={() => onTyping(false)}
        />
        <IconButton
          place={at.send}
          icon="send"
          class="send"
          disabled={closed !== undefined || text.trim() === ""}
          onClick={() => void send()}
        />
      </div>
    </form>
  )
}
