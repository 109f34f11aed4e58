/** Two people meet: an invite, four messages, and four layers of keys; or it comes to nothing. Docs: protocol.md, "Handshake". */
import { base, PAIR } from "./prelude.ts"
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

const DAY = 24 * 60 * 60_000

export const takenBack: Scenario = {
  ...base,
  id: "taken-back",
  title: "An invite is taken back",
  holds: ["HS-6"],
  choices: [
    ["crash", "bob"],
    PAIR,
    ["event", "alice", { do: "cancel", with: "bob" }],
    ["restart", "bob"],
    ["wait", 10_000],
    ["crash", "bob"],
    ["wait", DAY],
    ["restart", "bob"],
    ["wait", 1_000],
  ],
  notes: {
    2: "Alice has made an invite. Bob's app is not open: nobody has used it.",
    3: "She takes it back. Its keys are erased with everything else that it needed, and nobody listens at its address any more.",
    5: "Bob uses it all the same. Nobody answers where he dials, and he keeps trying.",
    9: "A day later the invite has run out by its own time as well, and his app says that pairing came to nothing.",
  },
  expect: [
    { at: 3, peer: "alice", hears: "pairingFailed" },
    { at: 5, peer: "bob", with: "alice", machine: "joiner/main", state: "pairing.awaitingLink" },
    { at: "end", peer: "bob", hears: "pairingFailed" },
    { at: "end", peer: "bob", with: "alice", machine: "session/main", state: "conversation.failed" },
  ],
}
