/** This run beside the one in which nothing was damaged: what is shown to whom, where the machines are, and where they part. */
import { nameOf } from "../../src/core/messenger/contact-view.ts"
import type { Line } from "../../src/spec/simulation/record.ts"
import type { View } from "../../src/spec/simulation/view.ts"
import { escape } from "../site/bytes.ts"
import { addressOf } from "./address.ts"
import type { Player } from "./player.ts"
import { isFrame, START, shortOf, timeOf } from "./words.ts"

/** What people do; everything else is damage. A restart counts where somebody closed their app. */
const PEOPLE = new Set<string>(["event", "restart"])

const said = (view: View, name: string): ReadonlyArray<string> =>
  (view.peers.find((one) => one.name === name)?.contacts ?? []).flatMap(({ history }) =>
    history.map(({ from, state, text }) => `${from}: ${text}${state === undefined ? "" : ` (${state})`}`),
  )

const standing = (view: View): ReadonlyMap<string, string> =>
  new Map(
    view.peers.flatMap(({ contacts, name }) =>
      contacts.flatMap(({ machines, with: other }) =>
        machines.map(({ id, state }) => [`${name}'s ${id} with ${other}`, nameOf(state)] as const),
      ),
    ),
  )

const cell = (lines: ReadonlyArray<string>): string => (lines.length === 0 ? "–" : lines.map(escape).join("<br>"))

const row = (name: string, ours: ReadonlyArray<string>, theirs: ReadonlyArray<string>): string =>
  `<tr><th scope="row">${escape(name)}</th><td>${cell(ours)}</td><td>${cell(theirs)}</td><td>${ours.join() === theirs.join() ? "the same" : "differs"}</td></tr>`

/** The same people, the same seed, nothing damaged, up to the same time. `other` is a fresh player of the same setup. */
export const comparison = async (player: Player, at: number, other: Player): Promise<string> => {
  await other.begin()
  const here = player.moments[at]!.view
  const now = () => other.moments.at(-1)!.view.now
  for (const [i, choice] of player.choices.slice(0, at).entries()) {
    if (!PEOPLE.has(choice[0])) continue
    // What people do, they do at the same time.
    const behind = player.moments[i]!.view.now - now()
    if (behind > 0) await other.do(["wait", behind])
    await other.do(choice)
  }
  if (here.now > now()) await other.do(["wait", here.now - now()])
  const there = other.moments.at(-1)!.view
  const ours = player.lines.slice(0, player.moments[at]!.lines)
  const frames = (lines: ReadonlyArray<Line>) => [
    String(lines.filter((line) => isFrame(line) && line.what.startsWith("⇢")).length),
  ]
  const parting = ours.findIndex(({ at: when, peer, what }, i) => {
    const same = other.lines[i]
    return same === undefined || same.at !== when || same.peer !== peer || same.what !== what
  })
  const first = parting < 0 ? undefined : player.moments.findIndex(({ lines }) => lines > parting)
  const [mine, others] = [standing(here), standing(there)]
  const machines = [...new Set([...mine.keys(), ...others.keys()])]
    .filter((id) => mine.get(id) !== others.get(id))
    .map((id) => row(id, [mine.get(id) ?? "not there"], [others.get(id) ?? "not there"]))
  const rows = here.peers.map(({ name }) => row(`shown to ${name}`, said(here, name), said(there, name)))
  const address = addressOf({
    setup: player.setup,
    choices: other.choices,
    at: other.choices.length,
    frame: undefined,
    machine: undefined,
  })
  const undamaged = other.lines
  other.close()
  const where =
    parting < 0
      ? "<p>Nothing differs: this run is undamaged.</p>"
      : `<p>They part at ${timeOf(ours[parting]!.at)}: ${escape(`${ours[parting]!.peer} ${shortOf(ours[parting]!)}`)} <button data-go="${first}">step ${first}</button></p>`
  return `<div class="comparison"><h2>Beside the undamaged run, at ${timeOf(here.now - START)}</h2>${where}<div class="wide" role="region" tabindex="0" aria-label="Comparison"><table class="compared"><thead><tr><th scope="col">what</th><th scope="col">this run</th><th scope="col">undamaged</th><th scope="col">which is</th></tr></thead><tbody>${rows.join("")}${row("frames sent", frames(ours), frames(undamaged))}${machines.join("")}</tbody></table></div><p><a href="${escape(address)}">Step through the undamaged run</a></p></div>`
}
