/** Words for what happens in a run. */
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { Line } from "../../src/spec/simulation/record.ts"

export const START = Date.UTC(2030, 0, 1)

/** Virtual time since the beginning of the run. */
export const timeOf = (ms: number): string =>
  ms < 60_000
    ? `${(ms / 1_000).toFixed(2)} s`
    : ms < 7_200_000
      ? `${(ms / 60_000).toFixed(1)} min`
      : `${(ms / 3_600_000).toFixed(1)} h`

/** From the outside in. */
export const LAYERS = ["aes", "kem", "signal", "mls"] as const
export const LAYER_LABELS = { mls: "MLS", signal: "Signal", kem: "KEM", aes: "AES" } as const

/** What stands for somebody in a small circle: a letter, or the number of who has no name. */
export const letterOf = (name: string): string => (/\d$/.exec(name)?.[0] ?? name.charAt(0)).toUpperCase()

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What a choice does, for a button. */
export const wordsOf = (choice: Choice): string => {
  switch (choice[0]) {
    case ".":
      return "next"
    case "wait":
      return `wait ${timeOf(choice[1])}`
    case "event": {
      const [, peer, event] = choice
      const who = capital(peer)
      switch (event.do) {
        case "pair":
          return `${who} invites ${capital(event.with)}`
        case "send":
          return `${who} writes to ${capital(event.to)}`
        case "read":
          return `${who} reads`
        case "unlock":
          return event.wrong === true ? `${who} tries a wrong key` : `${who} unlocks`
        case "lock":
          return `${who} locks`
        case "autoLock":
          return event.after === undefined
            ? `${who} has the app stay open`
            : `${who} has the app lock after ${timeOf(event.after)}`
        case "rename":
          return `${who} takes another name`
        case "close":
          return `${who} closes the app`
        case "renewKeys":
          return `${who} wants new keys with ${capital(event.with)}`
        case "timer":
          return event.after === undefined
            ? `${who} has messages stay`
            : `${who} has messages disappear after ${timeOf(event.after)}`
        case "continue":
          return `${who} goes on with ${capital(event.with)} unverified`
        case "block":
        case "unblock":
          return `${who} ${event.do}s ${capital(event.with)}`
        case "cancel":
          return `${who} takes the invite for ${capital(event.with)} back`
      }
      return who
    }
    case "drop":
    case "duplicate":
    case "corrupt":
      return `${choice[0]} frame ${choice[1]}`
    case "delay":
      return `delay frame ${choice[1]} by ${timeOf(choice[2])}`
    case "partition":
      return choice[1] === undefined ? "cut everybody off" : `cut ${capital(choice[1])} off`
    case "reconnect":
      return "reconnect"
    case "cut":
      return "end all links"
    case "crash":
      return `${capital(choice[1])}'s process dies${choice[2] === undefined ? "" : choice[2] === "lost" ? " before its next commit" : choice[2] === "committed" ? " right after its next commit" : " in the middle of its next commit"}`
    case "reflect":
      return `send frame ${choice[1]} back to its sender`
    case "strip":
      return `take a layer out of frame ${choice[1]}`
    case "replay":
      return typeof choice[1] === "number" ? `say frame ${choice[1]} again` : `say the last ${choice[1]} again`
    case "flood":
      return `flood with ${choice[2]} damaged copies of frame ${choice[1]}`
    case "intercept":
      return choice[1] ? "stand in the middle of new links" : "stop standing in the middle"
    case "lose":
      return `${capital(choice[1])}'s keys are lost`
    case "restore":
      return `${capital(choice[1])} comes back from a backup`
    case "replace":
      return `${capital(choice[1])} comes back as somebody else`
    case "copy":
      return `copy ${capital(choice[1])}'s disk`
    case "putBack":
      return `put ${capital(choice[1])}'s old disk back`
    case "steal":
      return `steal ${capital(choice[1])}'s ${LAYER_LABELS[choice[2]]} keys`
    case "restart":
      return `${capital(choice[1])} starts again`
    case "tab":
      return `${capital(choice[1])} opens another tab${choice[2] ? " and uses it there" : ""}`
    case "takeBack":
      return `${capital(choice[1])} goes on in the tab that waits`
    case "clock":
      return `${capital(choice[1])}'s clock jumps ${choice[2] < 0 ? "back" : "ahead"} by ${timeOf(Math.abs(choice[2]))}`
  }
}

/** A transition of a machine, as the record writes it down. */
export interface Moved {
  readonly id: string
  readonly machine: string
  readonly event: string
  readonly from: ReadonlyArray<string>
  readonly to: ReadonlyArray<string>
  readonly commands: string
}

const RATCHETS = new Set(["doubleRatchet", "braid", "kemRatchet"])

export const movedIn = ({ what }: Line): Moved | undefined => {
  const match = /^(([a-zA-Z]+)\/\S+) (\S+): (.*?)→ ([^[]*?)(?: \[(.*)\])?$/.exec(what)
  if (match === null) return undefined
  const [, id = "", machine = "", event = "", from = "", to = "", commands = ""] = match
  const paths = (text: string) =>
    text
      .trim()
      .split(" ")
      .filter((path) => path !== "")
  return { id, machine, event: eventOf(event), from: paths(from), to: paths(to), commands }
}

/** `xstate.after.repeat.joiner.pairing` is the timer `repeat`. */
const eventOf = (type: string): string => /^xstate\.after\.([^.]+)\./.exec(type)?.[1] ?? type

export const isTimer = ({ what }: Line): boolean => what.includes(" xstate.after.")
export const isRatchet = (line: Line): boolean => RATCHETS.has(movedIn(line)?.machine ?? "")
export const isFrame = ({ what }: Line): boolean => /^[⇢⇠] /.test(what)

/** In a few words, for a row of the diagram. */
export const shortOf = (line: Line): string => {
  const moved = movedIn(line)
  if (moved === undefined) return line.what
  const clock = isTimer(line) ? "◷ " : ""
  const last = moved.to.map((path) => path.split(".").at(-1)).join(" + ")
  const changed = moved.from.join() === moved.to.join() ? "" : ` → ${last}`
  return `${moved.machine}: ${clock}${moved.event}${changed}`
}
