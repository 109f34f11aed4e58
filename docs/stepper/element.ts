/**
 * `<sotto-stepper>`: two or three peers with the real engine in the reader's browser, to be stepped, damaged, wound back and linked
 * to. No framework; the engine is loaded when the element is. Everything that is shown follows from the player and `at`.
 */
import type { LayerName } from "../../src/core/layers/layer.ts"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import type { Scenario } from "../../src/spec/scenarios/scenario.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { addressOf } from "./address.ts"
import { onDrag } from "./drag.ts"
import { type Actions, listen } from "./inputs.ts"
import { fetchRecording, loadRun } from "./loading.ts"
import { Painter } from "./painting.ts"
import type { Player } from "./player.ts"
import { type Shown, setupOf } from "./shown.ts"
import { MAX_FILE, SKELETON } from "./skeleton.ts"
import { isRatchet, LAYERS, movedIn, wordsOf } from "./words.ts"

/** Milliseconds between steps that go by themselves. */
const PACE = 650

export class SottoStepper extends HTMLElement {
  /** What is shown, and what runs where it is a run. */
  private player: Shown | undefined
  private running: Player | undefined
  /** Of a recording: its text, and the contact that is shown alone. */
  private recording: string | undefined
  /** Where it came from, unless from a file. */
  private fetched: string | undefined
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
  private shownHash = ""
  private readonly painter = new Painter(this)

  connectedCallback(): void {
    this.scenario = scenarios.find(({ id }) => id === this.getAttribute("scenario"))
    this.innerHTML = SKELETON
    listen(this, this.actions)
    onDrag(this, this.actions.choose, () => this.player?.moments[this.at]?.view)
    new ResizeObserver(() => this.paint()).observe(this.one(".space-holder"))
    addEventListener("hashchange", () => {
      if (location.hash !== this.shownHash) this.load()
    })
    this.load()
  }

  private readonly actions: Actions = {
    go: (at) =>
      this.go(at === "first" ? 0 : at === "back" ? this.at - 1 : at === "last" ? Number.MAX_SAFE_INTEGER : at),
    step: () => this.step(),
    play: () => this.play(),
    again: (same) => this.again(same),
    compare: () => this.compare(),
    choose: (choice) => this.choose(this.withText(choice)),
    showFrame: (id) => {
      this.frame = id
      this.paint()
    },
    goToLine: (line) => this.go(this.player?.moments.findIndex(({ lines }) => lines > line) ?? 0),
    showPane: (name) => {
      this.one(".stepper").dataset["pane"] = name
      for (const button of this.querySelectorAll<HTMLElement>("button[data-pane]"))
        button.setAttribute("aria-pressed", String(button.dataset["pane"] === name))
      this.paint()
    },
    showMachine: (name) => {
      this.machine = name
      this.follows = false
      this.paint()
    },
    showContact: (contact) => {
      this.only = contact
      this.load()
    },
    showRatchets: (shown) => {
      this.ratchets = shown
      this.paint()
    },
    useKeys: (layer, used) => {
      if (used) this.keys.add(layer)
      else this.keys.delete(layer)
      this.paint()
    },
    openFile: (file) => this.openFile(file),
    write: (text) => {
      this.text = text
    },
    unfold: (group, open) => {
      if (open) this.groups.add(group)
      else this.groups.delete(group)
    },
  }

  private one<E extends Element = HTMLElement>(selector: string): E {
    return this.querySelector<E>(selector)!
  }

  /** Whether the machine that is shown is that of whoever moved last. */
  private get follows(): boolean {
    return this.one<HTMLInputElement>(".follows").checked
  }

  private set follows(does: boolean) {
    this.one<HTMLInputElement>(".follows").checked = does
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
      await (this.hasAttribute("recording") ? this.loadRecording() : this.loadRun())
      this.dataset["ready"] = "yes"
    })
  }

  private async loadRun(): Promise<void> {
    const { scenario } = this
    const [{ at, frame, machine, marks, player, problem }, { bytesPane }] = await Promise.all([
      loadRun(location.hash, scenario),
      import("./bytes-pane.ts"),
    ])
    this.running?.close()
    this.bytesPane = bytesPane
    this.problem(problem)
    this.marks = marks
    this.running = player
    this.player = player
    this.frame = frame
    this.machine = machine ?? (scenario === undefined ? "joiner" : this.machine)
    this.follows = machine === undefined
    this.compared = undefined
    this.go(at)
  }

  /** From the address that `sotto inspect` gives, or from the file that was chosen. */
  private async loadRecording(): Promise<void> {
    const fields = new URLSearchParams(location.hash.replace(/^#/, ""))
    const from = fields.get("r")
    this.one(".file").hidden = false
    if (from !== null && from !== this.fetched) {
      this.fetched = from
      this.recording = await fetchRecording(from)
      if (this.recording === undefined) this.problem("The recording is not there any more: run sotto inspect again.")
    }
    if (this.recording === undefined) return
    const [{ recorded }, { bytesPane }] = await Promise.all([import("./recorded.ts"), import("./bytes-pane.ts")])
    this.bytesPane = bytesPane
    const shown = recorded(this.recording, this.only)
    this.problem(typeof shown === "string" ? shown : undefined)
    if (typeof shown === "string") {
      this.recording = undefined
      return
    }
    this.player = shown
    this.paintWhose(shown.contacts ?? [])
    this.machine = fields.get("m") ?? "session"
    this.follows = !fields.has("m")
    this.go(Number(fields.get("at") ?? shown.choices.length) || 0)
  }

  private openFile(file: File | undefined): void {
    if (file === undefined) return
    this.enqueue(async () => {
      const isSmall = file.size <= MAX_FILE
      this.problem(isSmall ? undefined : "This file is too large for a recording.")
      if (!isSmall) return
      this.recording = await file.text()
      this.only = undefined
      // The address names no file: it would bring back what was looked at before.
      this.fetched = undefined
      history.replaceState(null, "", location.pathname)
      await this.loadRecording()
    })
  }

  private go(at: number): void {
    const { player } = this
    if (player === undefined) return
    this.at = Math.min(Math.max(at, 0), player.choices.length)
    if (this.follows) {
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

  private withText(choice: Choice): Choice {
    if (choice[0] !== "event" || choice[2].do !== "send") return choice
    return ["event", choice[1], { ...choice[2], text: this.text === "" ? "hello" : this.text }]
  }

  private step(): void {
    if (this.player !== undefined && this.at < this.player.choices.length) this.go(this.at + 1)
    else if (this.running !== undefined) this.choose(["."])
  }

  private play(): void {
    const stop = () => {
      clearTimeout(this.playing)
      this.playing = undefined
      this.paint()
    }
    if (this.playing !== undefined) {
      stop()
      return
    }
    const tick = () => {
      const { player } = this
      const isOver =
        player === undefined || (this.at >= player.choices.length && player.moments[this.at]?.view.agenda.length === 0)
      if (isOver || !this.isConnected) return stop()
      this.step()
      this.playing = setTimeout(tick, PACE)
    }
    this.playing = setTimeout(tick, 0)
    this.paint()
  }

  /** Another run, as the form says: with the same choices, or from the beginning. */
  private again(same: boolean): void {
    const player = this.running
    if (player === undefined) return
    const count = Number(this.one<HTMLSelectElement>(".setup .count").value)
    const peers = ["alice", "bob", "carol"].slice(0, count)
    const sealed = this.one<HTMLInputElement>(".setup .sealed").checked
    const setup = setupOf({
      seed: Number(this.one<HTMLInputElement>(".setup .seed").value) | 0,
      crypto: this.one<HTMLSelectElement>(".setup .crypto").value === "real" ? "real" : "fast",
      peers,
      // Those who had a vault have it again, with the same choices.
      ...(sealed && { vaults: player.setup.vaults ?? peers }),
    })
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
    const { player } = this
    if (player === undefined) return
    const { at, bytesPane, compared, follows, frame, groups, keys, machine, marks, ratchets, scenario, text } = this
    const [isRun, isPlaying] = [this.running !== undefined, this.playing !== undefined]
    this.painter.paint({
      ...{ at, bytesPane, compared, follows, frame, groups, keys, machine, marks, player, ratchets, scenario, text },
      ...{ isRun, isPlaying },
    })
    this.paintAddress(player)
  }

  /** The contacts of a recording, to choose from. */
  private paintWhose(contacts: ReadonlyArray<number>): void {
    this.one(".whose").hidden = contacts.length < 2
    const one = (value: string, words: string) =>
      `<option value="${value}"${value === String(this.only ?? "") ? " selected" : ""}>${words}</option>`
    const all = contacts.map((contact) => one(String(contact), contact === 0 ? "the device" : `contact ${contact}`))
    this.one(".only").innerHTML = one("", "the busiest") + all.join("")
  }

  private paintAddress(player: Shown): void {
    const { at, frame } = this
    const machine = this.follows ? undefined : this.machine
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
}

customElements.define("sotto-stepper", SottoStepper)
