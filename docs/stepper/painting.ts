/** Paints every pane for a moment of a run. What had the focus keeps it. */
import type { LayerName } from "../../src/core/layers/layer.ts"
import { hashes } from "../../src/spec/scenarios/hashes.ts"
import type { Scenario } from "../../src/spec/scenarios/scenario.ts"
import { ChartPane } from "./chart-pane.ts"
import { diagram } from "./diagram.ts"
import { factsPane } from "./panes.ts"
import { peopleBar } from "./people.ts"
import type { Shown } from "./shown.ts"
import { toolsFor } from "./tools.ts"
import { START, shortOf, timeOf } from "./words.ts"

/** What is shown, and how. */
export interface Sight {
  readonly player: Shown
  readonly at: number
  /** The frame whose bytes are shown, and with whose keys. */
  readonly frame: number | undefined
  readonly keys: ReadonlySet<LayerName>
  readonly machine: string
  readonly follows: boolean
  readonly ratchets: boolean
  /** What somebody would write. */
  readonly text: string
  /** The groups of choices that are unfolded. */
  readonly groups: ReadonlySet<string>
  readonly compared: string | undefined
  readonly scenario: Scenario | undefined
  /** How many steps there were after each of the scenario's choices. */
  readonly marks: ReadonlyArray<number>
  readonly isRun: boolean
  readonly isPlaying: boolean
  /** Absent until it is loaded. */
  readonly bytesPane: typeof import("./bytes-pane.ts")["bytesPane"] | undefined
}

/** What tells one thing that is painted anew from another. */
const MARKS = ["data-choice", "data-frame", "data-keys", "data-do", "data-go", "data-group"]

export class Painter {
  private readonly root: HTMLElement
  private readonly chart: ChartPane

  constructor(root: HTMLElement) {
    this.root = root
    this.chart = new ChartPane(root)
  }

  paint(sight: Sight): void {
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null
    this.paintAll(sight)
    if (focused === null || focused.isConnected) return
    // What had the focus was painted anew: the same thing has it again, or else the next step.
    const same = MARKS.flatMap((name) => {
      const value = focused.getAttribute(name)
      return value === null ? [] : [`[${name}="${CSS.escape(value)}"]`]
    })
    const classes = focused.className === "" ? [] : [`.${[...focused.classList].map(CSS.escape).join(".")}`]
    const again = [...same, ...classes].map((selector) => this.root.querySelector(selector))
    const next = again.find((element) => element !== null) ?? this.one("[data-do=step]")
    ;(next as HTMLElement | SVGElement).focus({ preventScroll: true })
  }

  private one<E extends Element = HTMLElement>(selector: string): E {
    return this.root.querySelector<E>(selector)!
  }

  private paintAll(sight: Sight): void {
    const { at, bytesPane, compared, frame, groups, isRun, keys, machine, marks, player, ratchets, scenario, text } =
      sight
    const { dataset } = this.root
    dataset["hash"] = player.hash?.(at) ?? ""
    dataset["at"] = String(at)
    dataset["steps"] = String(player.choices.length)

    this.one(".people").innerHTML = peopleBar(player.moments[at]!.view, isRun)
    this.paintDiagram(sight)
    this.paintTime(sight)
    this.one(".choices").innerHTML = toolsFor(player, at, frame, text, groups)
    this.one(".bytes").innerHTML = bytesPane?.(player, frame, keys) ?? ""
    const isItsRun = scenario !== undefined && marks.length > 0 && player.choices.length === marks.at(-1)
    const goals = isItsRun ? { scenario, marks, hash: hashes[scenario.id] } : undefined
    this.one(".facts").innerHTML = factsPane(player, at, { machine, ratchets, compared, goals, groups })
    this.paintWords(sight)
    void this.chart.paint(player, at, machine, sight.follows)
  }

  private paintDiagram({ at, frame, player, ratchets }: Sight): void {
    const holder = this.one(".space-holder")
    const width = Math.max(300, holder.clientWidth - 2)
    holder.innerHTML = diagram(player, { width, at, selected: frame, ratchets })
    const now = holder.querySelector(".present") ?? [...holder.querySelectorAll(".row:not(.later)")].at(-1)
    if (now !== undefined && now !== null)
      holder.scrollTop +=
        now.getBoundingClientRect().top - holder.getBoundingClientRect().top - holder.clientHeight * 0.6
  }

  private paintTime({ at, isPlaying, player }: Sight): void {
    const range = this.one<HTMLInputElement>("input[type=range]")
    range.max = String(player.choices.length)
    range.value = String(at)
    this.one("output").textContent =
      `${at} / ${player.choices.length} · ${timeOf(player.moments[at]!.view.now - START)}`
    const play = this.one("[data-do=play]")
    play.textContent = isPlaying ? "Pause" : "Play"
    play.setAttribute("aria-pressed", String(isPlaying))
  }

  /** What there is to notice, and, for who hears the page, that and what the last step did. */
  private paintWords({ at, marks, player, scenario }: Sight): void {
    const { notes = {} } = scenario ?? {}
    const heard = marks.findLastIndex((mark, i) => mark <= at && (i === 0 || notes[i] !== undefined))
    const text = heard > 0 ? (notes[heard] ?? "") : ""
    const lesson = this.one(".lesson")
    const isNew = lesson.textContent !== text
    lesson.hidden = text === ""
    lesson.textContent = text
    const last = player.lines.slice(player.moments[at - 1]?.lines ?? 0, player.moments[at]!.lines)
    const did = last.slice(-3).map((line) => `${line.peer} ${shortOf(line)}`)
    this.one(".spoken").textContent = [...did, ...(isNew && text !== "" ? [text] : [])].join(". ")
  }
}
