/** Two people meet: an invite, four messages, and four layers of keys. Docs: protocol.md, "Handshake". */
import type { Scenario } from "./scenario.ts"

export const pairing: Scenario = {
  id: "pairing",
  title: "Two people meet",
  holds: ["HS-2"],
  seed: 1,
  peers: ["alice", "bob"],
  choices: [
    ["event", "alice", { do: "pair", with: "bob" }],
    ["."],
    ["."],
    ["."],
    ["."],
    ["."],
    ["."],
    ["wait", 1_000],
    ["event", "bob", { do: "send", to: "alice", text: "Is this you?" }],
    ["wait", 100],
  ],
  notes: {
    1: "Alice has made an invite, and Bob has used it. He dials the address in it.",
    7: "Hello, Bundle and Accept have gone by; from here on both have keys, and prove it to each other.",
    8: "Both are done. What belonged to the handshake alone is erased.",
  },
  expect: [
    { at: 1, peer: "bob", with: "alice", machine: "joiner/main", state: "pairing" },
    { at: "end", peer: "alice", with: "bob", machine: "session/main", state: "conversation.established.open" },
    { at: "end", peer: "bob", with: "alice", machine: "session/main", state: "conversation.established.open" },
    { at: "end", peer: "bob", with: "alice", machine: "joiner/main", state: "none" },
    { at: "end", peer: "bob", with: "alice", machine: "delivery/1", state: "delivered" },
  ],
}
