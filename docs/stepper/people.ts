/** Who takes part, how they stand, and the network between them. HTML as text, all of it escaped. */
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { View } from "../../src/spec/simulation/view.ts"
import { escape } from "../site/bytes.ts"
import { letterOf } from "./words.ts"

const button = (choice: Choice, words: string, more = ""): string =>
  `<button${more} data-choice="${escape(JSON.stringify(choice))}">${words}</button>`

/** `isRun`: something may happen to them. */
export const peopleBar = (view: View, isRun: boolean): string => {
  const people = view.peers.map(({ contacts, name, status, vault }, i) => {
    const dead = status === "dead"
    const sessions = contacts.map((one) => one.session).join(", ")
    const stands = status === "locked" && vault !== undefined ? `vault: ${vault.state}` : status
    const act = isRun ? button(dead ? ["restart", name] : ["crash", name], dead ? "Restart" : "Crash") : ""
    return `<div class="person peer-${i}${dead ? " dead" : ""}"><b><i>${escape(letterOf(name))}</i>${escape(name)}</b><span>${escape(dead ? "no process" : sessions === "" ? stands : sessions)}</span>${act}</div>`
  })
  if (!isRun) return people.join("")
  const parted = view.parted.length > 0
  const net = button(
    [parted ? "reconnect" : "partition"],
    parted ? "✂ parted: reconnect" : "⌁ cut the network",
    ` class="net" aria-pressed="${parted}"`,
  )
  return people.join("") + net
}
