/** A process dies between its commit and the wire: what it had accepted leaves when it is back. Docs: delivery.md. */
import type { Scenario } from "./scenario.ts"

export const crash: Scenario = {
  id: "crash",
  title: "The power goes after Send",
  seed: 3,
  peers: ["alice", "bob"],
  choices: [
    ["event", "alice", { do: "pair", with: "bob" }],
    ["wait", 5_000],
    ["partition"],
    ["event", "alice", { do: "send", to: "bob", text: "remember me" }],
    ["crash", "alice"],
    ["reconnect"],
    ["wait", 60_000],
    ["restart", "alice"],
    ["wait", 60_000],
  ],
  notes: {
    4: "Send was answered: the message, the sealed frame and the moved ratchets are on the disk, all of them or none.",
    5: "Nothing of Alice's process runs any more, not even to say goodbye.",
    8: "Loading is the whole recovery: the same frame goes out that was sealed before.",
  },
  expect: [
    { at: 4, peer: "alice", with: "bob", machine: "delivery/1", state: "underway" },
    { at: 8, peer: "alice", with: "bob", machine: "delivery/1", state: "underway" },
    { at: "end", peer: "alice", with: "bob", machine: "delivery/1", state: "delivered" },
  ],
}
