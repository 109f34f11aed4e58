/** The facts of a moment: what comes of it, invariants, conversations, variables. HTML as text, all of it escaped. */

import { type Expectation, missedBy, type Scenario, sentenceOf } from "../../src/spec/scenarios/scenario.ts"
import type { VaultInView } from "../../src/spec/simulation/view.ts"
import { escape, ruleLink } from "../site/bytes.ts"
import { whereabouts } from "./chart-view.ts"
import type { Moment, Shown } from "./shown.ts"
import { LAYER_LABELS, START, timeOf } from "./words.ts"

/** A value of a machine's context, and whether the last step changed it. */
const variable = (name: string, value: unknown, before: unknown): string => {
  const text = JSON.stringify(value) ?? "–"
  const changed = before !== undefined && JSON.stringify(before) !== text
  return `<div class="${changed ? "changed" : ""}"><dt>${escape(name)}</dt><dd>${changed ? `<s>${escape(JSON.stringify(before))}</s> ` : ""}${escape(text)}</dd></div>`
}

const variablesOf = (player: Shown, at: number, machine: string): string => {
  const before = at === 0 ? [] : whereabouts(player, at - 1, machine)
  return whereabouts(player, at, machine)
    .map(({ context, id, leaves, peer, timers }) => {
      const due = timers.map(
        (timer) => `${/^xstate\.after\.([^.]+)/.exec(timer.event)?.[1] ?? timer.event} at ${timeOf(timer.due - START)}`,
      )
      const old = (before.find((one) => one.id === id && one.peer === peer)?.context ?? {}) as Record<string, unknown>
      const values = Object.entries((context ?? {}) as Record<string, unknown>)
        .map(([name, value]) => variable(name, value, old[name]))
        .join("")
      return `<div><h3>${escape(peer)}: ${escape(id)}</h3><p>${escape(leaves.join(" + "))}${due.length === 0 ? "" : ` · ◷ ${escape(due.join(", "))}`}</p><dl class="variables">${values}</dl></div>`
    })
    .join("")
}

const allOf = ({ view, watched }: Moment) => [...view.invariants, ...watched]

const invariantsOf = (player: Shown, at: number): string =>
  allOf(player.moments[at]!)
    .map(({ holds, id, says }) => {
      const first = player.moments.findIndex((then) => allOf(then).some((one) => one.id === id && !one.holds))
      const since =
        first >= 0 && first <= at ? ` <button data-go="${first}">broken first in step ${first}</button>` : ""
      return `<li class="${holds ? "holds" : "broken"}"><b>${holds ? "✓" : "✗"}</b> ${ruleLink(id)} ${escape(says)}${since}</li>`
    })
    .join("")

const elsewhereIn = ({ elsewhere = [] }: Shown, isOpen: boolean): string =>
  elsewhere.length === 0
    ? ""
    : `<details class="group elsewhere" data-group="elsewhere"${isOpen ? " open" : ""}><summary>${elsewhere.length} more, which tests ask elsewhere</summary><ul class="invariants">${elsewhere.map(({ id, says, why }) => `<li>${ruleLink(id)} ${escape(says)} <em>(${escape(why)})</em></li>`).join("")}</ul></details>`

/** What anybody finds who has the disk. */
const sealedOf = (name: string, { sealed }: VaultInView): string =>
  `<div><h3>${escape(name)}'s disk</h3><p>${
    sealed.records === 0
      ? "Nothing lies there yet: the first unlock makes a vault."
      : `${sealed.records} records of a vault, ${sealed.bytes.toLocaleString("en")} bytes. But for its header and the count of wrong tries all of them are sealed, under random names.`
  }</p></div>`

const conversationsOf = (player: Shown, at: number): string =>
  player.moments[at]!.view.peers.flatMap(({ contacts, name, vault }) => [
    ...(vault === undefined ? [] : [sealedOf(name, vault)]),
    ...contacts.map(
      ({ history, with: other }) =>
        `<div><h3>${escape(name)} with ${escape(other)}</h3>${
          history.length === 0
            ? `<p class="hint">Nothing yet.</p>`
            : `<ul>${history.map(({ from, state, text }) => `<li><b>${escape(from)}</b> ${escape(text)}${state === undefined ? "" : ` <em>${escape(state)}</em>`}</li>`).join("")}</ul>`
        }</div>`,
    ),
  ]).join("")

const theftsOf = (player: Shown, at: number): string => {
  const { thefts } = player.moments[at]!.view
  if (thefts.length === 0) return ""
  const lines = thefts.map(({ closed, latest, layer, of, opened, with: other }) => {
    const now = latest === undefined ? "nothing to try yet" : latest ? "the latest opened" : "the latest stayed closed"
    return `<li class="${latest === true ? "broken" : "holds"}">${escape(of)}'s <b>${LAYER_LABELS[layer]}</b> keys, on what ${escape(other)} seals: ${opened} opened, ${closed} closed; ${now}</li>`
  })
  return `<div><h2>Thieves</h2><ul class="thefts">${lines.join("")}</ul></div>`
}

/** What a scenario comes to: each expectation once its moment has come, and whether it is the run that the tests saw. */
export interface Goals {
  readonly scenario: Scenario
  /** How many steps there were after each of its choices. */
  readonly marks: ReadonlyArray<number>
  readonly hash: string | undefined
}

const goalsOf = (player: Shown, at: number, { hash, marks, scenario }: Goals): string => {
  const end = marks.at(-1) ?? 0
  const stepOf = (expected: Expectation) => (expected.at === "end" ? end : (marks[expected.at] ?? end))
  const lines = scenario.expect.map((expected) => {
    const step = stepOf(expected)
    const moment = player.moments[step]
    const met =
      at < step || moment === undefined
        ? undefined
        : missedBy(expected, moment.view, player.lines.slice(0, moment.lines)).length === 0
    const mark = met === undefined ? "…" : met ? "✓" : "✗"
    return `<li class="${met === false ? "broken" : "holds"}"><b>${mark}</b> ${escape(sentenceOf(expected))} <button data-go="${step}">step ${step}</button></li>`
  })
  const same =
    at < end || hash === undefined
      ? ""
      : `<li class="${hash === player.hash?.(end) ? "holds" : "broken"}"><b>${hash === player.hash?.(end) ? "✓" : "✗"}</b> it is the run that the tests saw</li>`
  return `<div><h2>What comes of it</h2><ul class="goals">${lines.join("")}${same}</ul><p>It shows ${scenario.holds.map(ruleLink).join(", ")}.</p></div>`
}

export interface FactsOptions {
  readonly machine: string
  readonly ratchets: boolean
  readonly compared: string | undefined
  readonly goals: Goals | undefined
  /** What is unfolded. */
  readonly groups: ReadonlySet<string>
}

export const factsPane = (player: Shown, at: number, options: FactsOptions): string => {
  const { compared, goals, machine, ratchets } = options
  const invariants = invariantsOf(player, at)
  const conversations = conversationsOf(player, at)
  const variables = variablesOf(player, at, machine)
  return `<div class="facts-grid">
    ${goals === undefined ? "" : goalsOf(player, at, goals)}
    ${invariants === "" ? "" : `<div class="all"><h2>Invariants, as of now</h2><ul class="invariants">${invariants}</ul>${elsewhereIn(player, options.groups.has("elsewhere"))}</div>`}
    ${theftsOf(player, at)}
    <div><h2>Conversations</h2>${conversations === "" ? `<p class="hint">Nobody knows anybody yet.</p>` : conversations}</div>
    <div><h2>Hidden variables of ${escape(machine)}</h2>${variables === "" ? `<p class="hint">Nobody has this machine now.</p>` : variables}</div>
    ${runOf(player, at, ratchets)}
  </div>${compared ?? ""}`
}

const runOf = (player: Shown, at: number, ratchets: boolean): string => {
  const check = `<p><label><input type="checkbox" class="ratchets"${ratchets ? " checked" : ""}> show the ratchets' steps</label></p>`
  if (player.recorded !== undefined) return `<div><h2>This recording</h2>${check}</div>`
  const { crypto, peers, seed, vaults = [] } = player.setup
  const option = (value: string, words: string, now: string) =>
    `<option value="${value}"${value === now ? " selected" : ""}>${words}</option>`
  return `<div><h2>This run</h2>
    <p>SHA-256 of all that happened and of how things stand: <code class="hash">${escape(player.hash?.(at) ?? "")}</code></p>
    ${check}
    <p><button data-do="compare">Compare with the undamaged run</button></p>
    <form class="setup"><label>Seed <input class="seed" inputmode="numeric" maxlength="9" value="${seed}"></label>
      <label>People <select class="count">${option("2", "two", String(peers.length))}${option("3", "three", String(peers.length))}</select></label>
      <label>Primitives <select class="crypto">${option("fast", "fast stand-ins", crypto)}${option("real", "those of production", crypto)}</select></label>
      <label><input type="checkbox" class="sealed"${vaults.length > 0 ? " checked" : ""}> with vaults</label>
      <button data-do="again">The same again</button> <button data-do="fresh">A new run</button></form>
    <p class="hint">${crypto === "real" ? "What seals is what seals in production." : "Stand-ins have the same shapes and refusals, and protect nothing: for long runs."}</p></div>`
}
