/** Tabs, locks, clocks, and people and links that come and go. Docs: simulator.md, storage.md. */
import { base, open, PAIRED, send, toAlice, toBob } from "./prelude.ts"
import type { Scenario } from "./scenario.ts"

export const twoTabs: Scenario = {
  ...base,
  id: "two-tabs",
  title: "Two tabs of one person",
  holds: ["ST-3", "SM-3"],
  choices: [...PAIRED, ["tab", "alice", false], ["wait", 1_000], send("bob", "alice", "which tab?"), ["wait", 1_000]],
  notes: {
    3: "The storage has one writer. The second tab sees that, and waits.",
    6: "The first tab goes on as if nothing were.",
  },
  expect: [
    { at: "end", ...toBob, machine: "session/main", state: open },
    { at: "end", ...toAlice, machine: "delivery/1", state: "delivered" },
  ],
}

export const takenOver: Scenario = {
  ...base,
  id: "taken-over",
  title: "The other tab takes over",
  holds: ["SM-1", "SM-3"],
  choices: [...PAIRED, ["tab", "alice", true], ["wait", 5_000], send("bob", "alice", "which tab?"), ["wait", 5_000]],
  notes: {
    3: "The new tab asks for the storage and gets a higher fencing number. Whatever the old one still tries to commit fails.",
    6: "It loads, and goes on with the same ratchets: no key is used twice.",
  },
  expect: [
    { at: "end", ...toBob, machine: "session/main", state: open },
    { at: "end", ...toAlice, machine: "delivery/1", state: "delivered" },
  ],
}

export const locked: Scenario = {
  ...base,
  id: "locked",
  title: "A message to a locked app",
  holds: ["DL-3"],
  choices: [
    ...PAIRED,
    ["event", "bob", { do: "lock" }],
    send("alice", "bob", "while you were away"),
    ["wait", 30_000],
    ["event", "bob", { do: "unlock" }],
    ["wait", 60_000],
  ],
  notes: {
    3: "Bob has locked his app: nothing of his runs, nothing is open.",
    5: "Alice's message waits and is repeated.",
    7: "He unlocks, and it comes.",
  },
  expect: [
    { at: 5, ...toBob, machine: "delivery/1", state: "underway" },
    { at: "end", ...toBob, machine: "delivery/1", state: "delivered" },
  ],
}

export const clocks: Scenario = {
  ...base,
  id: "clocks",
  title: "A clock that is a day off",
  holds: ["DL-2"],
  choices: [
    ...PAIRED,
    ["clock", "bob", -86_400_000],
    send("alice", "bob", "what time is it?"),
    ["wait", 1_000],
    ["clock", "bob", 172_800_000],
    send("bob", "alice", "no idea"),
    ["wait", 5_000],
  ],
  notes: {
    3: "Bob's device thinks it is yesterday.",
    6: "And now tomorrow.",
    8: "Nothing depends on it: order comes from numbers, and times of messages prove nothing.",
  },
  expect: [
    { at: 5, ...toBob, machine: "delivery/1", state: "delivered" },
    { at: "end", ...toAlice, machine: "delivery/1", state: "delivered" },
  ],
}

export const reconnect: Scenario = {
  ...base,
  id: "reconnect",
  title: "Both dial at once",
  holds: ["SM-1"],
  choices: [...PAIRED, ["cut"], ["wait", 30_000]],
  notes: {
    3: "The link is gone, and both notice.",
    4: "Both look for each other. Of two links the one that the joiner dialled stays. There is no new handshake.",
  },
  expect: [
    { at: 3, ...toAlice, machine: "link/main", state: "reconnecting" },
    { at: "end", ...toBob, machine: "link/main", state: "linked.open" },
    { at: "end", ...toAlice, machine: "link/main", state: "linked.open" },
  ],
}

export const silence: Scenario = {
  ...base,
  id: "silence",
  title: "A link that says nothing any more",
  holds: ["SM-4"],
  choices: [...PAIRED, ["partition"], ["wait", 26_000], ["wait", 34_000], ["reconnect"], ["wait", 60_000]],
  notes: {
    3: "Nobody is told that the way is cut: links often end like this.",
    4: "A probe went unanswered. The link is degraded: it may come back.",
    5: "It did not. It is given up, and both dial.",
  },
  expect: [
    { at: 4, ...toBob, machine: "link/main", state: "linked.degraded" },
    { at: 5, ...toBob, machine: "link/main", state: "" },
    { at: "end", ...toBob, machine: "link/main", state: "linked.open" },
  ],
}

export const closed: Scenario = {
  ...base,
  id: "closed",
  title: "Written to an app that is closed",
  holds: ["DL-3"],
  choices: [
    ...PAIRED,
    ["event", "alice", { do: "close" }],
    send("bob", "alice", "goodbye"),
    ["wait", 60_000],
    ["restart", "alice"],
    ["wait", 60_000],
  ],
  notes: { 3: "Alice's app ends in good order.", 5: "Bob's message is repeated.", 7: "She is back, and it comes." },
  expect: [
    { at: 5, ...toAlice, machine: "delivery/1", state: "underway" },
    { at: "end", ...toAlice, machine: "delivery/1", state: "delivered" },
  ],
}

export const three: Scenario = {
  seed: 1,
  peers: ["alice", "bob", "carol"],
  id: "three",
  title: "Two conversations of one person",
  holds: ["CA-3"],
  choices: [
    ...PAIRED,
    ["event", "alice", { do: "pair", with: "carol" }],
    ["wait", 5_000],
    send("alice", "bob", "only you"),
    send("alice", "carol", "only you too"),
    ["wait", 1_000],
  ],
  notes: {
    4: "Alice uses other keys with Carol: from keys, Bob and Carol cannot tell that they know the same person.",
    7: "Each conversation has its own machines, ratchets and records.",
  },
  expect: [
    { at: "end", ...toBob, machine: "delivery/1", state: "delivered" },
    { at: "end", peer: "alice", with: "carol", machine: "delivery/1", state: "delivered" },
  ],
}

export const blocked: Scenario = {
  ...base,
  id: "blocked",
  title: "Somebody is blocked for a while",
  holds: ["DL-1", "DL-3"],
  choices: [
    ...PAIRED,
    send("alice", "bob", "hello"),
    ["wait", 1_000],
    ["event", "bob", { do: "block", with: "alice" }],
    send("alice", "bob", "are you there?"),
    send("bob", "alice", "a draft"),
    ["wait", 30_000],
    ["event", "bob", { do: "unblock", with: "alice" }],
    ["wait", 60_000],
  ],
  notes: {
    5: "Bob blocks Alice. His app hangs up, and takes no link of hers any more. She is not told.",
    8: "What she writes stays with her and is repeated; what he writes waits with him. Nothing comes in either way.",
    9: "He takes it back, and looks for her.",
    10: "Both messages arrive, once.",
  },
  expect: [
    { at: 5, ...toAlice, machine: "session/main", state: "conversation.blocked.decided" },
    { at: 8, ...toAlice, machine: "link/main", state: "paused" },
    { at: 8, ...toBob, machine: "delivery/2", state: "underway" },
    { at: 8, peer: "bob", from: "alice", texts: ["hello"] },
    { at: 8, peer: "alice", from: "bob", texts: [] },
    { at: "end", ...toAlice, machine: "session/main", state: open },
    { at: "end", peer: "bob", from: "alice", texts: ["hello", "are you there?"] },
    { at: "end", peer: "alice", from: "bob", texts: ["a draft"] },
  ],
}
