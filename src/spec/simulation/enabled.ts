/** Everything that a person, the network, fate or an attacker could do next. Docs: simulator.md, "The driver". */
import type { Choice } from "./choice.ts"
import { INWARDS } from "./opening.ts"
import { statusOf } from "./peer.ts"
import type { Tabs } from "./tabs.ts"
import { kindOf, type Viewed } from "./view.ts"

type Seen = Pick<Viewed, "agenda" | "disks" | "intents" | "life" | "network" | "peers" | "vaults"> & {
  readonly tabs: Tabs
}

const FIVE_MINUTES = 300_000
const HOUR = 3_600_000

export const enabledNow = (seen: Seen): ReadonlyArray<Choice> => [
  ...(seen.agenda.next() === undefined ? [] : [["."] as const]),
  ...seen.peers.flatMap((peer) => ofPerson(seen, peer)),
  ...seen.peers.flatMap((peer) => ofProcess(seen, peer)),
  ...ofNetwork(seen),
]

const ofPerson = ({ intents, life, peers, vaults }: Seen, peer: string): ReadonlyArray<Choice> => {
  const choices: Array<Choice> = []
  const status = statusOf(life(peer))
  const isSealed = vaults.has(peer)
  if (status === "locked" || status === "elsewhere") {
    // A person who is typing, or has to wait, can do nothing.
    const vault = life(peer)?.engine?.vault.view.get().state
    if (isSealed && (vault === "unlocking" || vault === "delayed")) return []
    const wrong: Choice = ["event", peer, { do: "unlock", wrong: true }]
    return [["event", peer, { do: "unlock" }], ...(isSealed && vault === "locked" ? [wrong] : [])]
  }
  if (status !== "ready") return []
  for (const other of peers) {
    if (other === peer) continue
    if (!intents.arePaired(peer, other)) choices.push(["event", peer, { do: "pair", with: other }])
    if (intents.invite(peer, other) !== undefined) choices.push(["event", peer, { do: "cancel", with: other }])
    const contact = intents.contact(peer, other)
    if (contact === undefined) continue
    const { state } = contact.session.get()
    choices.push(["event", peer, { do: "send", to: other, text: "hello" }])
    if (contact.unread.get() > 0) choices.push(["event", peer, { do: "read", from: other }])
    if (state === "paused") choices.push(["event", peer, { do: "continue", with: other }])
    choices.push(["event", peer, { do: "renewKeys", with: other }])
    choices.push(["event", peer, { do: "timer", with: other, after: FIVE_MINUTES, from: "sending" }])
    if (contact.pairedAt() !== undefined)
      choices.push(["event", peer, { do: state === "blocked" ? "unblock" : "block", with: other }])
  }
  if (isSealed) choices.push(["event", peer, { do: "autoLock", after: FIVE_MINUTES }])
  choices.push(["event", peer, { do: "lock" }], ["event", peer, { do: "close" }])
  return choices
}

const ofProcess = ({ disks, intents, life, peers, tabs, vaults }: Seen, peer: string): ReadonlyArray<Choice> => {
  const status = statusOf(life(peer))
  const copied: ReadonlyArray<Choice> = disks.get(peer)?.isCopied() === true ? [["putBack", peer]] : []
  if (status === "dead") return [["restart", peer], ...copied]
  const hasKeys = peers.some((other) => intents.contact(peer, other)?.pairedAt() !== undefined)
  return [
    ["crash", peer],
    ["crash", peer, "lost"],
    ["crash", peer, "committed"],
    ["tab", peer, false],
    ["tab", peer, true],
    ...(tabs.waiting(peer) === undefined ? [] : [["takeBack", peer] as const]),
    ["clock", peer, HOUR],
    ["clock", peer, -HOUR],
    ...(vaults.has(peer) ? [] : [["copy", peer] as const]),
    ...copied,
    ...(hasKeys ? INWARDS.map((layer): Choice => ["steal", peer, layer]) : []),
    ...(hasKeys && !vaults.has(peer)
      ? ([
          ["lose", peer],
          ["restore", peer],
          ["replace", peer],
        ] satisfies ReadonlyArray<Choice>)
      : []),
  ]
}

/** What befalls a frame under way, and ways between people. */
const ofNetwork = ({ network, peers }: Seen): ReadonlyArray<Choice> => [
  ...network
    .flying()
    .flatMap(
      ({ bytes, id }): ReadonlyArray<Choice> => [
        ["drop", id],
        ["duplicate", id],
        ["corrupt", id],
        ["delay", id, 1_000],
        ["reflect", id],
        ["flood", id, 100],
        ...(kindOf(bytes) === "hello" ? [["strip", id] as const] : []),
      ],
    ),
  ...(network.parted().length > 0
    ? [["reconnect"] as const]
    : [["partition"] as const, ...peers.map((peer) => ["partition", peer] as const)]),
  ...(network.links().length > 0 ? [["cut"] as const] : []),
  ["intercept", !network.intercepted],
]
