/** The panes beside diagram and chart: what may happen, the bytes of a frame, and the facts of a moment. HTML as text, all of it escaped. */
import { describe } from "../../src/spec/describe/describe.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { bytesHtml, escape } from "../site/bytes.ts"
import { whereabouts } from "./chart-view.ts"
import type { Player } from "./player.ts"
import { START, timeOf, wordsOf } from "./words.ts"

const button = (choice: Choice, words = wordsOf(choice)): string =>
  `<button data-choice="${escape(JSON.stringify(choice))}">${escape(words)}</button>`

const ON_FRAMES = new Set<string>(["drop", "duplicate", "corrupt", "delay"])
/** These have a place of their own. */
const ELSEWHERE = new Set<string>([".", "crash", "restart", "partition", "reconnect"])

export const toolsFor = (player: Player, at: number, selected: number | undefined, text: string): string => {
  const { enabled, view } = player.moments[at]!
  const people = enabled.filter(([what]) => !ON_FRAMES.has(what) && !ELSEWHERE.has(what))
  const canWrite = people.some((choice) => choice[0] === "event" && choice[2].do === "send")
  const frame = view.frames.find(({ id }) => id === selected)
  const tools =
    frame === undefined
      ? ""
      : `<div class="tools"><b>${escape(frame.kind)} #${frame.id}</b>${button(["drop", frame.id], "Drop")}${button(["duplicate", frame.id], "Duplicate")}${button(["delay", frame.id, 1_000], "Delay 1 s")}${button(["corrupt", frame.id], "Corrupt")}</div>`
  const words = canWrite
    ? `<label>Text <input class="text" maxlength="200" autocomplete="off" value="${escape(text)}"></label>`
    : ""
  const isLast = at === player.choices.length
  const hint = isLast ? "" : `<p class="hint">A choice here begins another run from this moment.</p>`
  return `${tools}<div class="people-do">${words}${people.map((choice) => button(choice)).join("")}${button(["wait", 60_000])}</div>${hint}`
}

export const bytesPane = (player: Player, selected: number | undefined): string => {
  const frame = player.frames.find(({ id }) => id === selected)
  if (frame === undefined)
    return `<h2>Bytes</h2><p class="hint">Choose a frame in the diagram: its bytes open here, layer by layer.</p>`
  const { bytes, from, kind, plaintexts, to } = frame
  const title = `<h2>${escape(kind)} <small>${escape(from)} → ${escape(to)} · ${bytes.length.toLocaleString("en-US")} bytes</small></h2>`
  if (bytes.length === 0)
    return `${title}<p class="hint">It left while there was no way: its bytes were never under way.</p>`
  return `${title}${bytesHtml(
    `The bytes of ${kind}`,
    describe(bytes, (layer) => plaintexts[layer]),
    bytes,
  )}${sightOf(kind)}`
}

/** What others learn from such a frame. Docs: threat-model.md. */
const sightOf = (kind: string): string => {
  const [watcher, thief] = ["hello", "bundle", "accept"].includes(kind)
    ? [
        "all of it: it travels in the open beneath the link's own encryption. Without the invite's secret nothing in it can be changed unnoticed.",
        "no more.",
      ]
    : ["probe", "echo"].includes(kind)
      ? ["all of it: a random number, which says nothing.", "no more."]
      : [
          "its kind, its index, and its length, which tells the padding bucket. No name, no text.",
          "the next layer's ciphertext. The text needs all four.",
        ]
  return `<dl class="sight"><dt>Whoever carries the frame sees</dt><dd>${watcher}</dd><dt>A thief of one layer's keys sees</dt><dd>${thief}</dd></dl>`
}

export const factsPane = (
  player: Player,
  at: number,
  options: { readonly machine: string; readonly ratchets: boolean; readonly compared: string | undefined },
): string => {
  const { view } = player.moments[at]!
  const invariants = view.invariants
    .map(({ holds, id, says }) => {
      const first = player.moments.findIndex(({ view: then }) =>
        then.invariants.some((one) => one.id === id && !one.holds),
      )
      return `<li class="${holds ? "holds" : "broken"}"><b>${holds ? "✓" : "✗"} ${escape(id)}</b> ${escape(says)}${first >= 0 && first <= at ? ` (broken first in step ${first})` : ""}</li>`
    })
    .join("")
  const conversations = view.peers
    .flatMap(({ contacts, name }) =>
      contacts.map(
        ({ history, with: other }) =>
          `<div><h3>${escape(name)} with ${escape(other)}</h3>${
            history.length === 0
              ? `<p class="hint">Nothing yet.</p>`
              : `<ul>${history.map(({ from, state, text }) => `<li><b>${escape(from)}</b> ${escape(text)}${state === undefined ? "" : ` <em>${escape(state)}</em>`}</li>`).join("")}</ul>`
          }</div>`,
      ),
    )
    .join("")
  const variables = whereabouts(player, at, options.machine)
    .map(({ context, id, leaves, peer, timers }) => {
      const due = timers.map(
        (timer) => `${/^xstate\.after\.([^.]+)/.exec(timer.event)?.[1] ?? timer.event} at ${timeOf(timer.due - START)}`,
      )
      return `<div><h3>${escape(peer)}: ${escape(id)}</h3><p>${escape(leaves.join(" + "))}${due.length === 0 ? "" : ` · ◷ ${escape(due.join(", "))}`}</p><code>${escape(JSON.stringify(context))}</code></div>`
    })
    .join("")
  const isReal = player.setup.crypto === "real"
  return `<div class="facts-grid">
    <div><h2>Invariants</h2><ul class="invariants">${invariants}</ul></div>
    <div><h2>Conversations</h2>${conversations === "" ? `<p class="hint">Nobody knows anybody yet.</p>` : conversations}</div>
    <div><h2>Hidden variables</h2>${variables === "" ? `<p class="hint">Nobody has this machine now.</p>` : variables}</div>
    <div><h2>This run</h2>
      <p>Seed ${player.setup.seed}, ${isReal ? "the primitives of production" : "fast stand-ins for the primitives, which protect nothing"}. Trace <code>${escape(view.trace)}</code>.</p>
      <p><label><input type="checkbox" class="ratchets"${options.ratchets ? " checked" : ""}> show the ratchets' steps</label></p>
      <p><button data-do="real">${isReal ? "Use fast stand-ins" : "Use real primitives"}</button> <button data-do="compare">Compare with the undamaged run</button></p>
      ${options.compared ?? ""}
    </div>
  </div>`
}

/** What fate and the network did; everything else is what people did. */
const DAMAGE = new Set<string>([
  "drop",
  "duplicate",
  "corrupt",
  "delay",
  "partition",
  "reconnect",
  "cut",
  "crash",
  "restart",
  "clock",
  "tab",
])

/** The same people, the same seed, nothing damaged, up to the same time: conversations beside each other. */
export const comparison = async (player: Player, at: number, other: Player): Promise<string> => {
  await other.begin()
  const here = player.moments[at]!.view
  for (const [i, choice] of player.choices.slice(0, at).entries()) {
    if (DAMAGE.has(choice[0])) continue
    // What people do, they do at the same time.
    const time = player.moments[i]!.view.now
    const behind = time - other.moments.at(-1)!.view.now
    if (behind > 0) await other.do(["wait", behind])
    if (choice[0] === "event") await other.do(choice)
  }
  const left = here.now - other.moments.at(-1)!.view.now
  if (left > 0) await other.do(["wait", left])
  const there = other.moments.at(-1)!.view
  other.close()
  const said = (view: typeof here, name: string) =>
    (view.peers.find((one) => one.name === name)?.contacts ?? []).flatMap(({ history }) =>
      history.map(({ from, state, text }) => `${from}: ${text}${state === undefined ? "" : ` (${state})`}`),
    )
  const rows = here.peers.map(({ name }) => {
    const [ours, theirs] = [said(here, name), said(there, name)]
    const cell = (lines: ReadonlyArray<string>) => (lines.length === 0 ? "–" : lines.map(escape).join("<br>"))
    return `<tr><th scope="row">${escape(name)}</th><td>${cell(ours)}</td><td>${cell(theirs)}</td><td>${ours.join() === theirs.join() ? "the same" : "differs"}</td></tr>`
  })
  return `<table class="compared"><thead><tr><th scope="col">shown to</th><th scope="col">this run</th><th scope="col">undamaged</th><th scope="col"></th></tr></thead><tbody>${rows.join("")}</tbody></table>`
}
