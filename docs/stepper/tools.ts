/** Everything that may happen next, in groups: a person's own first, what fate and attackers do behind a word each. HTML as text. */
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { escape } from "../site/bytes.ts"
import type { Shown } from "./shown.ts"
import { wordsOf } from "./words.ts"

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const button = (choice: Choice, words = capital(wordsOf(choice))): string =>
  `<button data-choice="${escape(JSON.stringify(choice))}">${escape(words)}</button>`

const ON_FRAMES = new Set<string>(["drop", "duplicate", "corrupt", "delay", "reflect", "strip", "flood", "replay"])
/** These have a place of their own. */
const ELSEWHERE = new Set<string>([".", "restart", "reconnect"])
const ATTACKS = new Set<string>(["intercept", "copy", "putBack", "steal", "lose", "replace"])
const FATE = new Set<string>(["crash", "tab", "takeBack", "clock", "cut", "partition", "restore"])

/** What people do most; the rest of what they do is one word further. */
const isCommon = (choice: Choice): boolean =>
  choice[0] === "event" && ["pair", "send", "read", "unlock", "continue", "unblock"].includes(choice[2].do)

const group = (title: string, choices: ReadonlyArray<Choice>, open: ReadonlySet<string>): string =>
  choices.length === 0
    ? ""
    : `<details class="group" data-group="${title}"${open.has(title) ? " open" : ""}><summary>${title}</summary><div>${choices.map((choice) => button(choice)).join("")}</div></details>`

/** `open`: the groups that are unfolded. */
export const toolsFor = (
  player: Shown,
  at: number,
  selected: number | undefined,
  text: string,
  open: ReadonlySet<string>,
): string => {
  if (player.recorded !== undefined) return `<p class="hint">${escape(player.recorded)}</p>`
  const { enabled } = player.moments[at]!
  const free = enabled.filter(([what]) => !ON_FRAMES.has(what) && !ELSEWHERE.has(what))
  const people = free.filter(isCommon)
  const more = free.filter((choice) => choice[0] === "event" && !isCommon(choice))
  const canWrite = people.some((choice) => choice[0] === "event" && choice[2].do === "send")
  const words = canWrite
    ? `<label>Text <input class="text" maxlength="200" autocomplete="off" value="${escape(text)}"></label>`
    : ""
  const isLast = at === player.choices.length
  const hint = isLast ? "" : `<p class="hint">A choice here begins another run from this moment.</p>`
  return `${frameTools(player, at, selected)}<div class="people-do">${words}${people.map((choice) => button(choice)).join("")}${button(["wait", 60_000])}</div><div class="groups">${group("People", more, open)}${group(
    "Fate",
    free.filter(([what]) => FATE.has(what)),
    open,
  )}${group(
    "Attackers",
    free.filter(([what]) => ATTACKS.has(what)),
    open,
  )}</div>${hint}`
}

const SHORT: Readonly<Record<string, string>> = {
  drop: "Drop",
  duplicate: "Duplicate",
  delay: "Delay 1 s",
  corrupt: "Corrupt",
  reflect: "Send back",
  strip: "Take a layer out",
  flood: "Flood with copies",
}

/** For the frame that is chosen: what may befall it, or that somebody says it again. */
const frameTools = (player: Shown, at: number, selected: number | undefined): string => {
  const frame = player.frames.find(({ id }) => id === selected)
  if (frame === undefined || frame.id < 0) return ""
  const here = player.moments[at]!.enabled.filter(
    (choice) => ON_FRAMES.has(choice[0]) && (choice as readonly [string, number])[1] === frame.id,
  )
  const isPast = frame.endLine !== undefined && frame.endLine < player.moments[at]!.lines
  const again = isPast ? button(["replay", frame.id], "Say it again") : ""
  const all = here.map((choice) => button(choice, SHORT[choice[0]] ?? choice[0])).join("") + again
  return all === "" ? "" : `<div class="tools"><b>${escape(frame.kind)} #${frame.id}</b>${all}</div>`
}
