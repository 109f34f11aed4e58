/** A message is lost, the next one is not: it waits for the first, which goes again. Docs: protocol.md, "Delivery". */
import type { Scenario } from "./scenario.ts"

export const loss: Scenario = {
  id: "loss",
  title: "A message is lost, and comes after all",
  holds: ["DL-2", "DL-7"],
  seed: 2,
  peers: ["alice", "bob"],
  choices: [
    ["event", "alice", { do: "pair", with: "bob" }],
    ["wait", 5_000],
    ["partition"],
    ["event", "alice", { do: "send", to: "bob", text: "the first" }],
    ["reconnect"],
    ["event", "alice", { do: "send", to: "bob", text: "the second" }],
    ["wait", 100],
    ["wait", 2_000],
  ],
  notes: {
    4: "It left into a network that was parted, and nobody will tell Alice so.",
    7: "The second is here, and is not shown: its number says that one is missing. Bob says what he has.",
    8: "After a second the first went again, the same bytes. Both are shown, in their order.",
  },
  expect: [
    { at: 4, peer: "alice", with: "bob", machine: "delivery/1", state: "underway.sent" },
    { at: 7, peer: "alice", with: "bob", machine: "delivery/2", state: "delivered" },
    { at: 7, peer: "alice", with: "bob", machine: "delivery/1", state: "underway.sent" },
    { at: "end", peer: "alice", with: "bob", machine: "delivery/1", state: "delivered" },
  ],
}
