/** The pane of a machine: which one, its drawing as it was built into the site, and everybody in it. */
import { escape } from "../site/bytes.ts"
import { follow, showOn, whereabouts } from "./chart-view.ts"
import type { Shown } from "./shown.ts"
import { movedIn } from "./words.ts"

export class ChartPane {
  private readonly root: HTMLElement
  private readonly drawings = new Map<string, Promise<string>>()
  private shown = ""
  /** Which painting is the latest: a drawing may come after the next one was asked for. */
  private turn = 0

  /** `root`: its attribute `charts` says where the drawings are. */
  constructor(root: HTMLElement) {
    this.root = root
  }

  async paint(player: Shown, at: number, machine: string, follows: boolean): Promise<void> {
    const turn = ++this.turn
    const { root } = this
    paintNames(root.querySelector<HTMLSelectElement>(".machines")!, player, machine)
    const text = await this.drawing(machine)
    if (this.turn !== turn) return
    const holder = root.querySelector<HTMLElement>(".chart")!
    const isNew = this.shown !== machine
    if (isNew) {
      holder.innerHTML = text
      this.shown = machine
    }
    const svg = holder.querySelector("svg")
    if (svg === null) return
    showOn(svg, player, at, machine)
    const who = whereabouts(player, at, machine)
    holder.setAttribute(
      "aria-label",
      `Statechart of ${machine}. ${who.map(({ leaves, peer }) => `${peer} is in ${leaves.join(" and ")}`).join("; ")}`,
    )
    if (follows || isNew) follow(holder, svg)
  }

  private drawing(machine: string): Promise<string> {
    const known = this.drawings.get(machine)
    if (known !== undefined) return known
    const folder = this.root.getAttribute("charts") ?? "charts/"
    const drawing = fetch(`${folder}${encodeURIComponent(machine)}.svg`).then((answer) =>
      answer.ok ? answer.text() : "<p>There is no chart of this machine.</p>",
    )
    this.drawings.set(machine, drawing)
    return drawing
  }
}

/** Every machine that has moved. */
const paintNames = (select: HTMLSelectElement, player: Shown, machine: string): void => {
  const names = [...new Set(player.lines.flatMap((line) => movedIn(line)?.machine ?? []))].sort()
  const options = (names.length === 0 ? [machine] : names)
    .map((name) => `<option${name === machine ? " selected" : ""}>${escape(name)}</option>`)
    .join("")
  if (select.innerHTML !== options) select.innerHTML = options
  select.value = machine
}
