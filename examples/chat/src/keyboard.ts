/** The keyboard map: one listener for the whole app. */
import type { Messenger } from "sotto"
import { go, route, togglePane } from "./routes.ts"
import { neighbour } from "./screens/chats.tsx"
import { opened } from "./ui.ts"

const visible = (element: HTMLElement) => element.offsetParent !== null

const panes = () => [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter(visible)

/** What F6 puts the focus on, most wanted first: the field to write in, the open chat, any control. */
const STOPS = ["textarea:not(:disabled)", "[role=option][tabindex='0']", "input:not(:disabled), button:not(:disabled)"]

const enterPane = (pane: HTMLElement) => {
  if (pane.dataset["pane"] === "side") return pane.focus()
  const stops = STOPS.flatMap((selector) => [...pane.querySelectorAll<HTMLElement>(selector)])
  stops.find(visible)?.focus()
}

const nextPane = (step: 1 | -1) => {
  const all = panes()
  const now = all.findIndex((pane) => pane.contains(document.activeElement))
  const pane = all.at((now + step + all.length) % all.length)
  if (pane) enterPane(pane)
}

const toComposer = () => document.querySelector<HTMLElement>(".composer-field")?.focus()

/** Closes the side pane, or goes back to the composer. Dialogs and menus close themselves. */
const escape = () => {
  const now = route.peek()
  if (now.page === "chat" && now.pane !== undefined) go({ page: "chat", id: now.id })
  toComposer()
}

const focusSearch = () => {
  const field = document.getElementById("search")
  if (field instanceof HTMLElement && visible(field)) field.focus()
  else {
    go({ page: "chats" })
    requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("search")?.focus()))
  }
}

type Shortcut = (event: KeyboardEvent, me: Messenger) => (() => void) | undefined

const shortcutOf: Shortcut = (event, me) => {
  const control = event.ctrlKey || event.metaKey
  if (control && !event.altKey && event.key.toLowerCase() === "k") return focusSearch
  if (event.ctrlKey && event.key === "/") {
    return () => {
      opened.value = { kind: "shortcuts" }
    }
  }
  if (event.key === "F6") return () => nextPane(event.shiftKey ? -1 : 1)
  if (event.key === "Escape") return escape
  if (!event.altKey || control) return undefined
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const id = neighbour(me, event.key === "ArrowDown" ? 1 : -1)
    return () => id !== undefined && go({ page: "chat", id })
  }
  // By the place of the key: with Alt some layouts write another letter.
  if (event.code === "KeyN") {
    return () => {
      opened.value = { kind: "newChat" }
    }
  }
  if (event.code === "KeyI") return () => togglePane("inside")
  return undefined
}

export const followKeys = (me: Messenger): (() => void) => {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    if (document.querySelector("dialog[open], [popover]:popover-open")) return
    const run = shortcutOf(event, me)
    if (run === undefined) return
    event.preventDefault()
    run()
  }
  addEventListener("keydown", listen)
  return () => removeEventListener("keydown", listen)
}
