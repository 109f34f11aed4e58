/**
 * `<sotto-stepper>`: two or three peers with the real engine in the reader's browser, to be stepped, damaged, wound back and linked
 * to. No framework; the engine is loaded when the element is. Everything that is shown follows from the player and `at`.
 */
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { resolved, type Scenario } from "../../src/spec/scenarios/scenario.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { escape } from "../site/bytes.ts"
import { addressOf, placeIn } from "./address.ts"
import { follow, showOn, whereabouts } from "./chart-view.ts"
import { diagram } from "./diagram.ts"
import { onDrag } from "./drag.ts"
import { bytesPane, comparison, factsPane, toolsFor } from "./panes.ts"
import type { Player, Setup } from "./player.ts"
import { isRatchet, movedIn, START, shortOf, timeOf, wordsOf } from "./words.ts"

const FREE: Setup = { seed: 1, peers: ["alice", "bob"], crypto: "fast" }
/** Milliseconds between steps that go by themselves. */
const PACE = 650

const SKELETON = `
<div class="stepper" data-pane="time">
  <p class="problem" role="alert" hidden></p>
  <div class="people"></div>
  <p class="lesson" hidden></p>
  <div class="tabs" role="group" aria-label="What is shown">
    <button data-pane="time" aria-pressed="true">Frames</button><button data-pane="machine" aria-pressed="false">Machine</button><button data-pane="bytes" aria-pressed="false">Bytes</button><button data-pane="facts" aria-pressed="false">Facts</button>
  </div>
  <div class="stage">
    <section class="pane machine" aria-label="Machine">
      <div class="machine-bar"><label>Machine <select></select></label><label><input type="checkbox" class="follows" checked> follow</label></div>
      <div class="chart" role="region" tabindex="0" aria-label="Statechart"></div>
    </section>
    <section class="pane time" aria-label="Frames">
      <div class="space-holder" role="region" tabindex="0" aria-label="What happened"></div>
    </section>
  </div>
  <div class="controls" role="group" aria-label="Time">
    <button data-do="first" aria-label="To the beginning" title="To the beginning">«</button><button data-do="back" aria-label="One step back" title="One step back (←)">‹</button><button data-do="step" class="primary" title="One step (→)">Step</button><button data-do="play" aria-pressed="false">Play</button><button data-do="last" aria-label="To the end" title="To the end">»</button>
    <input type="range" min="0" max="0" value="0" aria-label="Step"><output></output>
  </div>
  <div class="choices" role="group" aria-label="What may happen"></div>
  <section class="pane bytes" aria-label="Bytes"></section>
  <section class="pane facts" aria-label="Facts"></section>
  <p class="spoken" aria-live="polite"></p>
</div>`

export class SottoStepper extends HTMLElement {
  private player: Player | undefined
  private scenario: Scenario | undefined
  /** How many steps there were after each of the scenario's choices. */
  private marks: ReadonlyArray<number> = []
  private at = 0
  private frame: number | undefined
  private machine = "joiner"
  private text = "hello"
  private ratchets = false
  private compared: string | undefined
  private playing: ReturnType<typeof setTimeout> | undefined
  private work: Promise<void> = Promise.resolve()
  private readonly charts = new Map<string, Promise<string>>()
  private chartShown = ""

  connectedCallback(): void {
    this.scenario = scenarios.find(({ id }) => id === this.getAttribute("scenario"))
    this.innerHTML = SKELETON
    this.addEventListener("click", (event) => this.onClick(event))
    this.addEventListener("change", (event) => this.onChange(event))
    this.addEventListener("input", (event) => this.onInput(event))
    this.addEventListener("keydown", (event) => this.onKey(event))
    onDrag(
      this,
      (choice) => this.choose(choice),
      () => this.player?.moments[this.at]?.view,
    )
    new ResizeObserver(() => this.paint()).observe(this.one(".space-holder"))
    addEventListener("hashchange", () => {
      if (location.hash !== this.shownHash) this.load()
    })
    this.load()
  }

  private shownHash = ""

  private one<E extends Element = HTMLElement>(selector: string): E {
    return this.querySelector<E>(selector)!
  }

  /** One after the other: the engine is asynchronous, and a second click must not overtake the first. */
  private enqueue(act: () => Promise<void>): void {
    this.work = this.work.then(act).catch((error: unknown) => {
      this.problem(
        `Something went wrong here: ${error instanceof Error ? error.message : String(error)}. Reload the page.`,
      )
    })
  }

  private problem(text: string | undefined): void {
    const box = this.one(".problem")
    box.hidden = text === undefined
    box.textContent = text ?? ""
  }

  private load(): void {
    this.enqueue(async () => {
      const { Player } = await import("./player.ts")
      const place = placeIn(location.hash)
      this.problem(typeof place === "string" ? place : undefined)
      const linked = typeof place === "object" ? place : undefined
      const { scenario } = this
      const setup =
        linked?.setup ?? (scenario === undefined ? FREE : { ...FREE, seed: scenario.seed, peers: scenario.peers })
      this.player?.close()
      const player = new Player(setup)
      await player.begin()
      this.marks = []
      if (linked === undefined && scenario !== undefined) {
        const marks: Array<number> = [0]
        for (const choice of scenario.choices) {
          await player.do(resolved(choice, player.moments.at(-1)!.view))
          marks.push(player.choices.length)
        }
        this.marks = marks
      }
      for (const [i, choice] of (linked?.choices ?? []).entries()) {
        if (await player.do(choice)) continue
        this.problem(`Choice ${i + 1} of this link (${wordsOf(choice)}) is not possible here: it ends before it.`)
        break
      }
      this.player = player
      this.frame = linked?.frame
      this.machine = linked?.machine ?? (scenario === undefined ? "joiner" : this.machine)
      this.one<HTMLInputElement>(".follows").checked = linked?.machine === undefined
      this.compared = undefined
      this.go(Math.min(linked?.at ?? 0, player.choices.length))
      this.dataset["ready"] = "yes"
    })
  }

  private go(at: number): void {
    const { player } = this
    if (player === undefined) return
    this.at = Math.min(Math.max(at, 0), player.choices.length)
    if (this.one<HTMLInputElement>(".follows").checked) {
      const moves = player.lines.slice(0, player.moments[this.at]!.lines).findLast((line) => {
        const moved = movedIn(line)
        return moved !== undefined && (this.ratchets || !isRatchet(line))
      })
      const moved = moves === undefined ? undefined : movedIn(moves)
      if (moved !== undefined) this.machine = moved.machine
    }
    this.paint()
  }

  /** Does it after what is shown now; what came later in the run is gone. */
  private choose(choice: Choice): void {
    this.enqueue(async () => {
      const { player } = this
      if (player === undefined) return
      await player.backTo(this.at)
      const isDone = await player.do(choice)
      this.problem(isDone ? undefined : `Not possible now: ${wordsOf(choice)}.`)
      this.compared = undefined
      this.go(player.choices.length)
    })
  }

  private step(): void {
    if (this.player !== undefined && this.at < this.player.choices.length) this.go(this.at + 1)
    else this.choose(["."])
  }

  private play(): void {
    if (this.playing !== undefined) {
      clearTimeout(this.playing)
      this.playing = undefined
      this.paint()
      return
    }
    const tick = () => {
      const { player } = this
      const isOver =
        player === undefined || (this.at >= player.choices.length && player.moments[this.at]?.view.agenda.length === 0)
      if (isOver || !this.isConnected) {
        this.playing = undefined
        this.paint()
        return
      }
      this.step()
      this.playing = setTimeout(tick, PACE)
    }
    this.playing = setTimeout(tick, 0)
    this.paint()
  }

  private onClick(event: Event): void {
    const target =
      event.target instanceof Element
        ? event.target.closest<HTMLElement>("[data-do], [data-choice], [data-frame], [data-line], button[data-pane]")
        : null
    if (target === null || this.player === undefined) return
    const { choice, do: does, frame, line, pane } = target.dataset
    const steps = this.player.choices.length
    if (does === "first") this.go(0)
    else if (does === "back") this.go(this.at - 1)
    else if (does === "last") this.go(steps)
    else if (does === "step") this.step()
    else if (does === "play") this.play()
    else if (does === "real") this.again(this.player.setup.crypto === "real" ? "fast" : "real")
    else if (does === "compare") this.compare()
    else if (choice !== undefined) this.choose(this.withText(JSON.parse(choice) as Choice))
    else if (frame !== undefined) {
      this.frame = Number(frame)
      this.paint()
    } else if (line !== undefined) this.go(this.player.moments.findIndex(({ lines }) => lines > Number(line)))
    else if (pane !== undefined) {
      this.one(".stepper").dataset["pane"] = pane
      for (const button of this.querySelectorAll("button[data-pane]"))
        button.setAttribute("aria-pressed", String(button === target))
      this.paint()
    }
  }

  private withText(choice: Choice): Choice {
    if (choice[0] !== "event" || choice[2].do !== "send") return choice
    return ["event", choice[1], { ...choice[2], text: this.text === "" ? "hello" : this.text }]
  }

  private onChange(event: Event): void {
    const { target } = event
    if (target instanceof HTMLSelectElement) {
      this.machine = target.value
      this.one<HTMLInputElement>(".follows").checked = false
      this.paint()
    } else if (target instanceof HTMLInputElement && target.classList.contains("ratchets")) {
      this.ratchets = target.checked
      this.paint()
    }
  }

  private onInput(event: Event): void {
    const { target } = event
    if (!(target instanceof HTMLInputElement)) return
    if (target.type === "range") this.go(Number(target.value))
    else if (target.classList.contains("text")) this.text = target.value
  }

  private onKey(event: KeyboardEvent): void {
    const { target } = event
    if (!(target instanceof Element) || event.altKey || event.ctrlKey || event.metaKey) return
    const frame = target.closest<SVGElement>("[data-frame]")
    if ((event.key === "Enter" || event.key === " ") && frame !== null) {
      this.frame = Number(frame.dataset["frame"])
      this.paint()
      this.querySelector<SVGElement>(`[data-frame="${this.frame}"]`)?.focus()
    } else if (target.closest("input, select, .chart") !== null) return
    else if (event.key === "ArrowRight") this.step()
    else if (event.key === "ArrowLeft") this.go(this.at - 1)
    else return
    event.preventDefault()
  }

  /** The same run with other primitives. */
  private again(crypto: Setup["crypto"]): void {
    const { player } = this
    if (player === undefined) return
    location.hash = addressOf({
      setup: { ...player.setup, crypto },
      choices: player.choices,
      at: this.at,
      frame: this.frame,
      machine: undefined,
    })
  }

  private compare(): void {
    this.enqueue(async () => {
      const { player } = this
      if (player === undefined) return
      const { Player } = await import("./player.ts")
      this.compared = await comparison(player, this.at, new Player(player.setup))
      this.paint()
    })
  }

  private paint(): void {
    const { at, player } = this
    const moment = player?.moments[at]
    if (player === undefined || moment === undefined) return
    const { view } = moment
    this.dataset["trace"] = view.trace
    this.dataset["at"] = String(at)
    this.dataset["steps"] = String(player.choices.length)

    this.one(".people").innerHTML = view.peers
      .map(({ contacts, name, status }, i) => {
        const dead = status === "dead"
        const sessions = contacts.map((one) => one.session).join(", ")
        const choice: Choice = dead ? ["restart", name] : ["crash", name]
        return `<div class="person peer-${i}${dead ? " dead" : ""}"><b><i>${escape(name.charAt(0).toUpperCase())}</i>${escape(name)}</b><span>${escape(dead ? "no process" : sessions === "" ? status : sessions)}</span><button data-choice="${escape(JSON.stringify(choice))}">${dead ? "Restart" : "Crash"}</button></div>`
      })
      .join("")
    const parted = view.parted.length > 0
    this.one(".people").insertAdjacentHTML(
      "beforeend",
      `<button class="net" aria-pressed="${parted}" data-choice="${escape(JSON.stringify([parted ? "reconnect" : "partition"]))}">${parted ? "✂ parted: reconnect" : "⌁ cut the network"}</button>`,
    )
    this.paintLesson()
    const holder = this.one(".space-holder")
    const width = Math.max(300, holder.clientWidth - 2)
    holder.innerHTML = diagram(player, { width, at, selected: this.frame, ratchets: this.ratchets })
    const now = holder.querySelector(".present") ?? [...holder.querySelectorAll(".row:not(.later)")].at(-1)
    if (now !== undefined && now !== null)
      holder.scrollTop +=
        now.getBoundingClientRect().top - holder.getBoundingClientRect().top - holder.clientHeight * 0.6

    const range = this.one<HTMLInputElement>("input[type=range]")
    range.max = String(player.choices.length)
    range.value = String(at)
    this.one("output").textContent = `${at} / ${player.choices.length} · ${timeOf(view.now - START)}`
    const play = this.one("[data-do=play]")
    play.textContent = this.playing === undefined ? "Play" : "Pause"
    play.setAttribute("aria-pressed", String(this.playing !== undefined))
    this.one(".choices").innerHTML = toolsFor(player, at, this.frame, this.text)
    this.one(".bytes").innerHTML = bytesPane(player, this.frame)
    this.one(".facts").innerHTML = factsPane(player, at, {
      machine: this.machine,
      ratchets: this.ratchets,
      compared: this.compared,
    })
    const last = player.lines.slice(player.moments[at - 1]?.lines ?? 0, moment.lines)
    this.one(".spoken").textContent =
      last.length === 0
        ? ""
        : last
            .slice(-3)
            .map((line) => `${line.peer} ${shortOf(line)}`)
            .join(". ")
    this.shownHash = addressOf({
      setup: player.setup,
      choices: player.choices,
      at,
      frame: this.frame,
      machine: this.one<HTMLInputElement>(".follows").checked ? undefined : this.machine,
    })
    const isPlain =
      this.marks.length > 0 && at === 0 && this.frame === undefined && player.choices.length === this.marks.at(-1)
    if (!isPlain) history.replaceState(null, "", this.shownHash)
    void this.paintChart()
  }

  private paintLesson(): void {
    const lesson = this.one(".lesson")
    const { notes = {} } = this.scenario ?? {}
    const heard = this.marks.findLastIndex((mark, i) => mark <= this.at && (i === 0 || notes[i] !== undefined))
    const text = heard > 0 ? notes[heard] : undefined
    lesson.hidden = text === undefined
    lesson.textContent = text ?? ""
  }

  private async paintChart(): Promise<void> {
    const { at, machine, player } = this
    if (player === undefined) return
    const names = [...new Set(player.lines.flatMap((line) => movedIn(line)?.machine ?? []))].sort()
    const select = this.one<HTMLSelectElement>("select")
    const options = (names.length === 0 ? [machine] : names)
      .map((name) => `<option${name === machine ? " selected" : ""}>${escape(name)}</option>`)
      .join("")
    if (select.innerHTML !== options) select.innerHTML = options
    select.value = machine
    const holder = this.one(".chart")
    let chart = this.charts.get(machine)
    if (chart === undefined) {
      const file = `${this.getAttribute("charts") ?? "charts/"}${encodeURIComponent(machine)}.svg`
      chart = fetch(file).then((answer) => (answer.ok ? answer.text() : "<p>There is no chart of this machine.</p>"))
      this.charts.set(machine, chart)
    }
    const text = await chart
    if (this.machine !== machine || this.at !== at) return
    if (this.chartShown !== machine) {
      holder.innerHTML = text
      this.chartShown = machine
    }
    const svg = holder.querySelector("svg")
    if (svg === null) return
    showOn(svg, player, at, machine)
    const who = whereabouts(player, at, machine)
    holder.setAttribute(
      "aria-label",
      `Statechart of ${machine}. ${who.map(({ leaves, peer }) => `${peer} is in ${leaves.join(" and ")}`).join("; ")}`,
    )
    if (this.one<HTMLInputElement>(".follows").checked) follow(holder, svg)
  }
}

customElements.define("sotto-stepper", SottoStepper)
