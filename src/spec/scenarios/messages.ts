/** Messages over a network that reorders, repeats, damages and loses. Docs: protocol.md, "Delivery". */
import type { Choice } from "../simulation/choice.ts"
import { base, PAIRED, send, toAlice, toBob } from "./prelude.ts"
import type { Scenario } from "./scenario.ts"

export const reordered: Scenario = {
  ...base,
  id: "reordered",
  title: "The second comes first",
  holds: ["RT-3", "DL-2"],
  choices: [
    ...PAIRED,
    send("alice", "bob", "first"),
    ["delay", -1, 500],
    send("alice", "bob", "second"),
    ["wait", 100],
    ["wait", 800],
  ],
  notes: {
    4: "The first message takes a longer way.",
    6: "The second is here: it opens, its key and that of the missing one are derived, and it waits for its turn.",
    7: "The first opens with the key that was kept. They are shown in their order.",
  },
  expect: [
    { at: 6, ...toAlice, machine: "receipt/2", state: "awaitingTurn" },
    { at: "end", ...toAlice, machine: "receipt/1", state: "shown" },
    { at: "end", ...toAlice, machine: "receipt/2", state: "shown" },
  ],
}

export const repeated: Scenario = {
  ...base,
  id: "repeated",
  title: "A message arrives twice",
  holds: ["DL-5"],
  choices: [...PAIRED, send("alice", "bob", "once"), ["duplicate", -1], ["wait", 100], ["wait", 5_000]],
  notes: {
    4: "The network, or somebody in it, sends the frame again.",
    5: "The second copy opens nothing: its key is gone. Bob remembers the frame's digest, and acknowledges once more.",
  },
  expect: [
    { at: "end", ...toBob, machine: "delivery/1", state: "delivered" },
    { at: "end", ...toAlice, machine: "receipt/1", state: "shown" },
    { at: "end", ...toAlice, machine: "receipt/2", state: "none" },
  ],
}

export const damaged: Scenario = {
  ...base,
  id: "damaged",
  title: "A message is damaged",
  holds: ["RT-2", "DL-4"],
  choices: [...PAIRED, send("alice", "bob", "intact"), ["corrupt", -1], ["wait", 100], ["wait", 5_000]],
  notes: {
    4: "One bit is another one.",
    5: "The outermost layer refuses it, and nothing of Bob's changed: no key moved, nothing was written.",
    6: "After a second the same frame went again.",
  },
  expect: [
    { at: 5, ...toBob, machine: "delivery/1", state: "underway.sent" },
    { at: "end", ...toBob, machine: "delivery/1", state: "delivered" },
  ],
}

export const crossing: Scenario = {
  ...base,
  id: "crossing",
  title: "Both write at the same moment",
  holds: ["RT-3"],
  choices: [...PAIRED, send("alice", "bob", "shall we?"), send("bob", "alice", "shall we?"), ["wait", 5_000]],
  notes: { 4: "Two frames cross. Each was sealed before the other was opened: both ratchets turn, and nobody waits." },
  expect: [
    { at: "end", ...toBob, machine: "delivery/1", state: "delivered" },
    { at: "end", ...toAlice, machine: "delivery/1", state: "delivered" },
  ],
}

export const read: Scenario = {
  ...base,
  id: "read",
  title: "Delivered is not read",
  holds: ["DL-6"],
  choices: [
    ...PAIRED,
    send("alice", "bob", "seen?"),
    ["wait", 100],
    ["event", "bob", { do: "read", from: "alice" }],
    ["wait", 100],
  ],
  notes: {
    4: "Bob's device has it, durably. Bob has not looked.",
    6: "Now he has, and lets it be told.",
  },
  expect: [
    { at: 4, ...toBob, machine: "delivery/1", state: "delivered" },
    { at: "end", ...toAlice, machine: "receipt/1", state: "none" },
    { at: "end", ...toBob, machine: "delivery/1", state: "none" },
  ],
}

export const offline: Scenario = {
  ...base,
  id: "offline",
  title: "An hour without a network",
  holds: ["DL-3"],
  choices: [
    ...PAIRED,
    ["partition", "bob"],
    send("alice", "bob", "one"),
    send("alice", "bob", "two"),
    ["wait", 3_600_000],
    ["reconnect"],
    ["wait", 1_200_000],
  ],
  notes: {
    5: "Both are accepted: they are durable here, and will arrive.",
    6: "Alice dials, with pauses that grow; after twelve failures she rests a quarter of an hour, and listens.",
    8: "They find each other, and the ratchets go on where they were: there is no new handshake.",
  },
  expect: [
    { at: 6, ...toBob, machine: "delivery/2", state: "underway" },
    { at: "end", ...toBob, machine: "delivery/1", state: "delivered" },
    { at: "end", ...toBob, machine: "delivery/2", state: "delivered" },
  ],
}

export const disappearing: Scenario = {
  ...base,
  id: "disappearing",
  title: "A message that disappears",
  holds: ["EX-1"],
  choices: [
    ...PAIRED,
    ["event", "alice", { do: "timer", with: "bob", after: 60_000, from: "sending" }],
    ["wait", 1_000],
    send("alice", "bob", "the door code is 4711"),
    ["wait", 1_000],
    ["crash", "bob"],
    ["wait", 30_000],
    ["wait", 60_000],
    ["restart", "bob"],
    ["wait", 5_000],
  ],
  notes: {
    4: "Both know now that messages of this conversation stay for a minute.",
    6: "Bob has it, and both count.",
    8: "Bob's process is gone. Its time goes on all the same.",
    9: "The minute is over: Alice's device has erased it, with everything that led to it.",
    11: "Bob's is opened again, and erases it before anything is shown.",
  },
  expect: [
    { at: 6, peer: "bob", from: "alice", texts: ["the door code is 4711"] },
    { at: 9, peer: "alice", from: "alice", texts: [] },
    { at: "end", peer: "bob", from: "alice", texts: [] },
  ],
}

export const expired: Scenario = {
  ...base,
  id: "expired",
  title: "Too late to be delivered",
  holds: ["DL-2"],
  choices: [
    ...PAIRED,
    ["partition"],
    send("alice", "bob", "dinner at eight?", 600_000),
    ["wait", 700_000],
    ["reconnect"],
    send("alice", "bob", "never mind"),
    ["wait", 1_200_000],
  ],
  notes: {
    5: "Its ten minutes are over. A tombstone takes its number, so that what is written later need not wait for it.",
    8: "Bob is shown the later message, and that one before it is missing.",
  },
  expect: [
    { at: 4, ...toBob, machine: "delivery/1", state: "underway" },
    { at: 5, ...toBob, machine: "delivery/1", state: "withdrawn" },
    { at: "end", ...toBob, machine: "delivery/2", state: "delivered" },
    { at: "end", ...toAlice, machine: "receipt/1", state: "none" },
    { at: "end", ...toAlice, machine: "receipt/2", state: "shown" },
  ],
}

const MANY = 70

export const many: Scenario = {
  ...base,
  id: "many",
  title: "Seventy at once",
  holds: ["DL-3"],
  choices: [
    ...PAIRED,
    ["partition"],
    ...Array.from({ length: MANY }, (_, i) => send("alice", "bob", `number ${i + 1}`)),
    ["reconnect"],
    ["wait", 60_000],
  ],
  notes: {
    [3 + MANY]: "Sixty-four are under way; the others wait as records, so that no peer can be made to hold them all.",
    [5 + MANY]: "Every one of them, once, and in order.",
  },
  expect: [
    { at: 3 + MANY, ...toBob, machine: "delivery/64", state: "underway" },
    { at: 3 + MANY, ...toBob, machine: "delivery/65", state: "none" },
    { at: "end", ...toBob, machine: "delivery/70", state: "delivered" },
  ],
}

const TURNS = 100

/** Seven of twenty: 35 %. */
const LOST = new Set([2, 5, 8, 11, 14, 17, 19])

/** Turn by turn, those that are lost into a network that is parted. */
const lossyTurn = (i: number): ReadonlyArray<Choice> => {
  const written = i % 2 === 0 ? send("alice", "bob", `turn ${i + 1}`) : send("bob", "alice", `turn ${i + 1}`)
  return LOST.has(i % 20) ? [["partition"], written, ["reconnect"], ["wait", 100]] : [written, ["wait", 100]]
}

export const braidUnderLoss: Scenario = {
  ...base,
  id: "braid-under-loss",
  title: "A post-quantum key in pieces, 35 % of them lost",
  holds: ["BR-2", "BR-7"],
  choices: [...PAIRED, ...Array.from({ length: TURNS }, (_, i) => lossyTurn(i)).flat(), ["wait", 60_000]],
  notes: {
    3: "Each message carries a piece of 32 bytes of an ML-KEM-768 key or ciphertext: choose the machine braid.",
    20: "Any sufficient number of different pieces rebuilds the whole: which ones were lost does not matter.",
  },
  expect: [
    { at: 2, ...toBob, machine: "braid/signal", state: "", atLeast: { epoch: 1 } },
    { at: "end", ...toBob, machine: "braid/signal", state: "", atLeast: { epoch: 2 } },
    { at: "end", ...toAlice, machine: "braid/signal", state: "", atLeast: { epoch: 2 } },
  ],
}
