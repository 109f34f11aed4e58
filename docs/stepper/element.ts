/**
 * `<sotto-stepper>`: two or three peers with the real engine in the reader's browser, to be stepped, damaged, wound back and linked
 * to. No framework; the engine is loaded when the element is. Everything that is shown follows from the player and `at`.
 */

import type { LayerName } from "../../src/core/layers/layer.ts"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { hashes } from "../../src/spec/scenarios/hashes.ts"
import { resolved, type Scenario } from "../../src/spec/scenarios/scenario.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { View } from "../../src/spec/simulation/view.ts"
import { escape } from "../site/bytes.ts"
import { addressOf, HASH_DIGITS, placeIn } from "./address.ts"
import { follow, showOn, whereabouts } from "./chart-view.ts"
import { diagram } from "./diagram.ts"
import { onDrag } from "./drag.ts"
import { factsPane } from "./panes.ts"
import type { Player } from "./player.ts"
import type { Setup, Shown } from "./shown.ts"
import { MAX_FILE, SKELETON } from "./skeleton.ts"
import { toolsFor } from "./tools.ts"
import { isRatchet, LAYERS, letterOf, movedIn, START, shortOf, timeOf, wordsOf } from "./words.ts"

const FREE: Setup = { seed: 1, peers: ["alice", "bob"], crypto: "fast" }
const RECORDED = `<h2>Bytes</h2><p class="hint">A recording has no frames in it, so that it gives nothing away.</p>`
/** Milliseconds between steps that go by themselves. */
const PACE = 650

export class SottoStepper extends HTMLElement {
  /** What is shown, and what runs where it is a run. */
  private player: Shown | undefined
  private running: Player | undefined
  /** Of a recording: its text, and the contact that is shown alone. */
  private recording: string | undefined
  private only: number | undefined
  private bytesPane: typeof import("./bytes-pane.ts")["bytesPane"] | undefined
  private readonly keys = new Set<LayerName>(LAYERS)
  private readonly groups = new Set<string>()
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
    this.addEventListener("toggle", (event) => this.onToggle(event), true)
    this.addEventListener("submit", (event) => event.preventDefault())
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
    this.enqueue(() => (this.hasAttribute("recording") ? this.loadRecording() : this.loadRun()))
  }

  private async loadRun(): Promise<void> {
    const [{ Player }, { bytesPane }] = await Promise.all([import("./player.ts"), import("./bytes-pane.ts")])
    this.bytesPane = bytesPane
    const place = placeIn(location.hash)
    this.problem(typeof place === "string" ? place : undefined)
    const linked = typeof place === "object" ? place : undefined
    const { scenario } = this
    const { crypto = "fast", peers, seed } = scenario ?? FREE
    this.running?.close()
    const player = new Player(linked?.setup ?? { crypto, peers, seed })
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
    let isWhole = true
    // A wait in a link may be many steps; where it stands is said in choices.
    const steps = [0]
    for (const [i, choice] of (linked?.choices ?? []).entries()) {
      const isDone = await player.do(choice)
      steps.push(player.choices.length)
      if (isDone) continue
      this.problem(`Choice ${i + 1} of this link (${wordsOf(choice)}) is not possible here: it ends before it.`)
      isWhole = false
      break
    }
    const { hash } = linked ?? {}
    if (isWhole && hash !== undefined && !player.hash(player.choices.length).startsWith(hash.slice(0, HASH_DIGITS)))
      this.problem("The same choices led elsewhere when this link was made: what runs here has changed since.")
    this.running = player
    this.player = player
    this.frame = linked?.frame
    this.machine = linked?.machine ?? (scenario === undefined ? "joiner" : this.machine)
    this.one<HTMLInputElement>(".follows").checked = linked?.machine === undefined
    this.compared = undefined
    this.go(linked === undefined ? 0 : (steps[linked.at] ?? player.choices.length))
    this.dataset["ready"] = "yes"
  }

  /** From the address that `sotto inspect` gives, or from the file that was chosen. */
  private async loadRecording(): Promise<void> {
    const fields = new URLSearchParams(location.hash.replace(/^#/, ""))
    const from = fields.get("r")
    this.one(".file").hidden = false
    if (this.recording === undefined && from !== null) {
      const at = new URL(from, location.href)
      const answer = at.origin === location.origin ? await fetch(at).catch(() => undefined) : undefined
      if (answer?.ok === true) this.recording = await answer.text()
      else this.problem("The recording is not there any more: run sotto inspect again.")
    }
    if (this.recording !== undefined) {
      const { recorded } = await import("./recorded.ts")
      const shown = recorded(this.recording, this.only)
      this.problem(typeof shown === "string" ? shown : undefined)
      if (typeof shown === "string") this.recording = undefined
      else {
        this.player = shown
        this.paintWhose(shown.contacts ?? [])
        this.machine = fields.get("m") ?? "session"
        this.one<HTMLInputElement>(".follows").checked = !fields.has("m")
        this.go(Math.min(Number(fields.get("at") ?? shown.choices.length) || 0, shown.choices.length))
      }
    }
    this.dataset["ready"] = "yes"
  }

  private paintWhose(contacts: ReadonlyArray<number>): void {
    this.one(".whose").hidden = contacts.length < 2
    const one = (value: string, words: string) =>
      `<option value="${value}"${value === String(this.only ?? "") ? " selected" : ""}>${words}</option>`
    const all = contacts.map((contact) => one(String(contact), contact === 0 ? "the device" : `contact ${contact}`))
    this.one(".only").innerHTML = one("", "the busiest") + all.join("")
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
      const player = this.running
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
    else if (this.running !== undefined) this.choose(["."])
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
        ? event.target.closest<HTMLElement>(
            "[data-do], [data-go], [data-choice], [data-frame], [data-line], button[data-pane]",
          )
        : null
    if (target === null || this.player === undefined) return
    const { choice, do: does, frame, go, line, pane } = target.dataset
    const steps = this.player.choices.length
    if (does === "first") this.go(0)
    else if (does === "back") this.go(this.at - 1)
    else if (does === "last") this.go(steps)
    else if (does === "step") this.step()
    else if (does === "play") this.play()
    else if (does === "again") this.again(true)
    else if (does === "fresh") this.again(false)
    else if (does === "compare") this.compare()
    else if (go !== undefined) this.go(Number(go))
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
    if (target instanceof HTMLSelectElement && target.classList.contains("machines")) {
      this.machine = target.value
      this.one<HTMLInputElement>(".follows").checked = false
      this.paint()
    } else if (target instanceof HTMLSelectElement && target.classList.contains("only")) {
      this.only = target.value === "" ? undefined : Number(target.value)
      this.load()
    } else if (target instanceof HTMLInputElement && target.type === "file") this.chooseFile(target.files?.[0])
    else if (target instanceof HTMLInputElement && target.classList.contains("ratchets")) {
      this.ratchets = target.checked
      this.paint()
    } else if (target instanceof HTMLInputElement && target.dataset["keys"] !== undefined) {
      const layer = target.dataset["keys"] as LayerName
      if (target.checked) this.keys.add(layer)
      else this.keys.delete(layer)
      this.paint()
    }
  }

  private chooseFile(file: File | undefined): void {
    if (file === undefined) return
    this.enqueue(async () => {
      const isSmall = file.size <= MAX_FILE
      this.problem(isSmall ? undefined : "This file is too large for a recording.")
      if (!isSmall) return
      this.recording = await file.text()
      this.only = undefined
      await this.loadRecording()
    })
  }

  private onToggle({ target }: Event): void {
    if (!(target instanceof HTMLDetailsElement)) return
    const name = target.dataset["group"]
    if (name === undefined) return
    if (target.open) this.groups.add(name)
    else this.groups.delete(name)
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
    } else if (event.key === "Delete" && frame !== null) this.choose(["drop", Number(frame.dataset["frame"])])
    else if (target.closest("input, select, summary, .chart") !== null) return
    else if (event.key === "ArrowRight") this.step()
    else if (event.key === "ArrowLeft") this.go(this.at - 1)
    else return
    event.preventDefault()
  }

  /** Another run, as the form says: with the same choices, or from the beginning. */
  private again(same: boolean): void {
    const player = this.running
    if (player === undefined) return
    const count = Number(this.one<HTMLSelectElement>(".setup .count").value)
    const setup: Setup = {
      seed: Number(this.one<HTMLInputElement>(".setup .seed").value) | 0,
      crypto: this.one<HTMLSelectElement>(".setup .crypto").value === "real" ? "real" : "fast",
      peers: ["alice", "bob", "carol"].slice(0, count),
    }
    const [choices, at] = same ? [player.choices, this.at] : [[], 0]
    location.hash = addressOf({ setup, choices, at, frame: same ? this.frame : undefined, machine: undefined })
  }

  private compare(): void {
    this.enqueue(async () => {
      const player = this.running
      if (player === undefined) return
      const [{ Player }, { comparison }] = await Promise.all([import("./player.ts"), import("./comparison.ts")])
      this.compared = await comparison(player, this.at, new Player(player.setup))
      this.paint()
    })
  }

  private paint(): void {
    const focused = this.contains(document.activeElement) ? document.activeElement : null
    this.paintAll()
    if (focused === null || focused.isConnected) return
    // What had the focus was painted anew: the same thing has it again, or else the next step.
    const same = ["data-choice", "data-frame", "data-keys", "data-do", "data-go", "data-group"].flatMap((name) => {
      const value = focused.getAttribute(name)
      return value === null ? [] : [`[${name}="${CSS.escape(value)}"]`]
    })
    const name = focused.className === "" ? undefined : `.${[...focused.classList].map(CSS.escape).join(".")}`
    const again = [...same, name].map((selector) => (selector === undefined ? null : this.querySelector(selector)))
    const next = again.find((element) => element !== null) ?? this.one("[data-do=step]")
    ;(next as HTMLElement | SVGElement).focus({ preventScroll: true })
  }

  private paintAll(): void {
    const { at, player } = this
    const moment = player?.moments[at]
    if (player === undefined || moment === undefined) return
    const { view } = moment
    this.dataset["hash"] = player.hash?.(at) ?? ""
    this.dataset["at"] = String(at)
    this.dataset["steps"] = String(player.choices.length)

    this.paintPeople(view)
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
    this.one(".choices").innerHTML = toolsFor(player, at, this.frame, this.text, this.groups)
    this.one(".bytes").innerHTML = this.bytesPane?.(player, this.frame, this.keys) ?? RECORDED
    this.one(".facts").innerHTML = factsPane(player, at, {
      machine: this.machine,
      ratchets: this.ratchets,
      compared: this.compared,
      goals:
        this.scenario !== undefined && this.marks.length > 0 && player.choices.length === this.marks.at(-1)
          ? { scenario: this.scenario, marks: this.marks, hash: hashes[this.scenario.id] }
          : undefined,
    })
    const last = player.lines.slice(player.moments[at - 1]?.lines ?? 0, moment.lines)
    this.one(".spoken").textContent =
      last.length === 0
        ? ""
        : last
            .slice(-3)
            .map((line) => `${line.peer} ${shortOf(line)}`)
            .join(". ")
    this.paintAddress(player)
    void this.paintChart()
  }

  private paintPeople(view: View): void {
    const isRun = this.running !== undefined
    const people = view.peers.map(({ contacts, name, status }, i) => {
      const dead = status === "dead"
      const sessions = contacts.map((one) => one.session).join(", ")
      const choice: Choice = dead ? ["restart", name] : ["crash", name]
      const button = `<button data-choice="${escape(JSON.stringify(choice))}">${dead ? "Restart" : "Crash"}</button>`
      return `<div class="person peer-${i}${dead ? " dead" : ""}"><b><i>${escape(letterOf(name))}</i>${escape(name)}</b><span>${escape(dead ? "no process" : sessions === "" ? status : sessions)}</span>${isRun ? button : ""}</div>`
    })
    const parted = view.parted.length > 0
    const net = `<button class="net" aria-pressed="${parted}" data-choice="${escape(JSON.stringify([parted ? "reconnect" : "partition"]))}">${parted ? "✂ parted: reconnect" : "⌁ cut the network"}</button>`
    this.one(".people").innerHTML = people.join("") + (isRun ? net : "")
  }

  private paintAddress(player: Shown): void {
    const { at, frame } = this
    const machine = this.one<HTMLInputElement>(".follows").checked ? undefined : this.machine
    if (player.recorded !== undefined) {
      const fields = new URLSearchParams(location.hash.replace(/^#/, ""))
      fields.set("at", String(at))
      if (machine === undefined) fields.delete("m")
      else fields.set("m", machine)
      this.shownHash = `#${fields}`
    } else {
      const { choices, setup } = player
      this.shownHash = addressOf({ setup, choices, at, frame, machine, hash: player.hash?.(choices.length) })
    }
    const isPlain =
      this.marks.length > 0 && at === 0 && frame === undefined && player.choices.length === this.marks.at(-1)
    if (!isPlain) history.replaceState(null, "", this.shownHash)
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
    const select = this.one<HTMLSelectElement>(".machines")
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
