/** A process dies before its commit, after it, and between it and the wire. Docs: delivery.md, simulator.md, "Crashes". */
import { PAIRED } from "./prelude.ts"
import type { Scenario } from "./scenario.ts"

export const crash: Scenario = {
  id: "crash",
  title: "The power goes after Send",
  holds: ["DL-3", "SM-2"],
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

export const crashBefore: Scenario = {
  id: "crash-before-commit",
  title: "The power goes before it is on the disk",
  holds: ["DL-3", "SM-1", "SM-2"],
  seed: 4,
  peers: ["alice", "bob"],
  choices: [
    ...PAIRED,
    ["crash", "alice", "lost"],
    ["event", "alice", { do: "send", to: "bob", text: "never written" }],
    ["wait", 5_000],
    ["restart", "alice"],
    ["wait", 5_000],
    ["event", "alice", { do: "send", to: "bob", text: "written again" }],
    ["wait", 5_000],
  ],
  notes: {
    3: "Alice's process will die at its next commit, before it.",
    4: "The message was numbered and sealed in memory, and memory is gone. Send never answered: nothing was promised.",
    7: "Back again, the disk says that nothing happened. The ratchets are where they were.",
    9: "The same keys and numbers serve now: nothing that they sealed before ever left.",
  },
  expect: [
    { at: 7, peer: "alice", with: "bob", machine: "delivery/1", state: "none" },
    { at: "end", peer: "alice", with: "bob", machine: "delivery/1", state: "delivered" },
    { at: "end", peer: "bob", from: "alice", texts: ["written again"] },
  ],
}

export const crashAfter: Scenario = {
  id: "crash-after-commit",
  title: "The power goes as it reaches the disk",
  holds: ["DL-1", "DL-3", "SM-2"],
  seed: 4,
  peers: ["alice", "bob"],
  choices: [
    ...PAIRED,
    ["crash", "alice", "committed"],
    ["event", "alice", { do: "send", to: "bob", text: "just made it" }],
    ["wait", 5_000],
    ["restart", "alice"],
    ["wait", 60_000],
  ],
  notes: {
    3: "Alice's process will die at its next commit, after it and before it hears of it.",
    4: "The batch is durable: message, sealed frame, moved ratchets. Nobody was told, and nothing was transmitted.",
    7: "Loading finds the frame among what was to be performed, and performs it. It arrives once.",
  },
  expect: [
    { at: 5, peer: "bob", from: "alice", texts: [] },
    { at: "end", peer: "alice", with: "bob", machine: "delivery/1", state: "delivered" },
    { at: "end", peer: "bob", from: "alice", texts: ["just made it"] },
  ],
}
