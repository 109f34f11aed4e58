/** From clicks, keys and fields to what they mean. Nothing is decided here: see element.ts. */
import type { LayerName } from "../../src/core/layers/layer.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"

/** What somebody can do with the stepper. */
export interface Actions {
  readonly go: (at: number | "first" | "back" | "last") => void
  readonly step: () => void
  readonly play: () => void
  readonly again: (same: boolean) => void
  readonly compare: () => void
  readonly choose: (choice: Choice) => void
  readonly showFrame: (id: number) => void
  /** Goes to the step that wrote this line. */
  readonly goToLine: (line: number) => void
  readonly showPane: (name: string) => void
  readonly showMachine: (name: string) => void
  readonly showContact: (contact: number | undefined) => void
  readonly showRatchets: (shown: boolean) => void
  readonly useKeys: (layer: LayerName, used: boolean) => void
  readonly openFile: (file: File | undefined) => void
  readonly write: (text: string) => void
  readonly unfold: (group: string, open: boolean) => void
}

const CLICKED = "[data-do], [data-go], [data-choice], [data-frame], [data-line], button[data-pane]"

export const listen = (root: HTMLElement, actions: Actions): void => {
  root.addEventListener("click", ({ target }) => {
    const clicked = target instanceof Element ? target.closest<HTMLElement>(CLICKED) : null
    if (clicked !== null) onClick(clicked, actions)
  })
  root.addEventListener("change", ({ target }) => onChange(target, actions))
  root.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return
    if (target.type === "range") actions.go(Number(target.value))
    else if (target.classList.contains("text")) actions.write(target.value)
  })
  root.addEventListener("keydown", (event) => onKey(event, actions))
  const onToggle = ({ target }: Event) => {
    const name = target instanceof HTMLDetailsElement ? target.dataset["group"] : undefined
    if (name !== undefined) actions.unfold(name, (target as HTMLDetailsElement).open)
  }
  root.addEventListener("toggle", onToggle, true)
  root.addEventListener("submit", (event) => event.preventDefault())
}

const onClick = (clicked: HTMLElement, actions: Actions): void => {
  const { choice, do: does, frame, go, line, pane } = clicked.dataset
  if (does === "first" || does === "back" || does === "last") actions.go(does)
  else if (does === "step") actions.step()
  else if (does === "play") actions.play()
  else if (does === "again" || does === "fresh") actions.again(does === "again")
  else if (does === "compare") actions.compare()
  else if (go !== undefined) actions.go(Number(go))
  else if (choice !== undefined) actions.choose(JSON.parse(choice) as Choice)
  else if (frame !== undefined) actions.showFrame(Number(frame))
  else if (line !== undefined) actions.goToLine(Number(line))
  else if (pane !== undefined) actions.showPane(pane)
}

const onChange = (target: EventTarget | null, actions: Actions): void => {
  if (target instanceof HTMLSelectElement) {
    if (target.classList.contains("machines")) actions.showMachine(target.value)
    else if (target.classList.contains("only"))
      actions.showContact(target.value === "" ? undefined : Number(target.value))
  } else if (target instanceof HTMLInputElement) {
    const layer = target.dataset["keys"]
    if (target.type === "file") actions.openFile(target.files?.[0])
    else if (target.classList.contains("ratchets")) actions.showRatchets(target.checked)
    else if (layer !== undefined) actions.useKeys(layer as LayerName, target.checked)
  }
}

const onKey = (event: KeyboardEvent, actions: Actions): void => {
  const { target } = event
  if (!(target instanceof Element) || event.altKey || event.ctrlKey || event.metaKey) return
  const frame = target.closest<SVGElement>("[data-frame]")
  const id = Number(frame?.dataset["frame"])
  if ((event.key === "Enter" || event.key === " ") && frame !== null) actions.showFrame(id)
  else if (event.key === "Delete" && frame !== null) actions.choose(["drop", id])
  else if (target.closest("input, select, summary, .chart") !== null) return
  else if (event.key === "ArrowRight") actions.step()
  else if (event.key === "ArrowLeft") actions.go("back")
  else return
  event.preventDefault()
}
