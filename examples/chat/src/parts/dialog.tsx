/** A modal dialog: the browser's own, so that focus stays inside, Esc closes it, and focus returns to where it was. */
import type { ComponentChildren } from "preact"
import { useId, useLayoutEffect, useRef } from "preact/hooks"
import { at } from "../names.ts"
import { isDesktop } from "../platform.ts"
import { IconButton } from "./button.tsx"

export interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly wide?: boolean
  readonly children: ComponentChildren
}

/** Nobody has focus: to where it belongs when a chat is opened. */
const restFocus = () => {
  if (document.activeElement !== document.body) return
  const field = document.querySelector<HTMLElement>(".composer-field:not(:disabled)")
  const rest = isDesktop() && field ? field : document.querySelector<HTMLElement>("[data-pane=main] h2")
  rest?.focus({ preventScroll: true })
}

export const Dialog = ({ title, onClose, wide, children }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useLayoutEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    // A press beside the dialog; for the keyboard there is Esc.
    const beside = (event: MouseEvent) => {
      if (event.target === dialog) onClose()
    }
    dialog?.addEventListener("click", beside)
    return () => {
      dialog?.removeEventListener("click", beside)
      dialog?.close()
      // The browser puts focus back where it was, unless that is gone by now.
      requestAnimationFrame(restFocus)
    }
  }, [])
  return (
    <dialog
      ref={element}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 id={heading} tabIndex={-1} autofocus>
            {title}
          </h2>
          <IconButton place={at.close} icon="close" onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
      </div>
    </dialog>
  )
}
