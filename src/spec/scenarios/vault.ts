/** What a vault lets through, and what lies on a locked disk. Docs: storage.md, "The vault"; simulator.md, "Vaults". */
import type { Choice } from "../simulation/choice.ts"
import { base, open, PAIRED, send, toBob } from "./prelude.ts"
import type { Scenario } from "./scenario.ts"

const unlock = (wrong?: true): Choice => ["event", "bob", { do: "unlock", ...(wrong && { wrong }) }]
const ofBob = { peer: "bob", with: "", machine: "vault/own" } as const

export const lockAndUnlock: Scenario = {
  ...base,
  id: "lock-and-unlock",
  title: "Lock and unlock",
  vaults: ["bob"],
  holds: ["ST-2", "DL-3"],
  choices: [
    ...[unlock(), ["wait", 2_000] as const],
    ...PAIRED,
    ...[send("alice", "bob", "before you left"), ["wait", 1_000] as const],
    ["event", "bob", { do: "lock" }],
    ...[send("alice", "bob", "while you were away"), ["wait", 10_000] as const],
    ...[unlock(true), ["wait", 2_000] as const],
    ...[unlock(), ["wait", 60_000] as const],
  ],
  notes: {
    1: "Bob's storage has no vault yet. The key that he types makes one: a root key is drawn, and his wraps it.",
    2: "The vault is open. From here on everything that his engine commits is sealed before it lies on the disk.",
    7: "Bob locks. His conversations are closed, the keys wiped, and what is left of them is sealed records under random names.",
    9: "Alice's message is under way and comes to nobody: a locked app answers nothing, and tells nobody that it is there.",
    11: "A wrong key opens nothing. That one was tried is counted on the disk before it is tried, so ending the process takes nothing back.",
    13: "The right key: the vault opens, the conversation goes on where it stood, and the message that waited comes.",
  },
  expect: [
    { at: 1, ...ofBob, state: "unlocking" },
    { at: 2, ...ofBob, state: "open" },
    { at: 7, ...ofBob, state: "locked" },
    { at: 9, ...toBob, machine: "delivery/2", state: "underway" },
    { at: 9, peer: "bob", from: "alice", texts: [] },
    { at: 11, ...ofBob, state: "locked", atLeast: { wrong: 1 } },
    { at: "end", ...ofBob, state: "open" },
    { at: "end", ...toBob, machine: "session/main", state: open },
    { at: "end", ...toBob, machine: "delivery/2", state: "delivered" },
    { at: "end", peer: "bob", from: "alice", texts: ["before you left", "while you were away"] },
  ],
}
