/** Somebody on the way, who has everything but the secrets. Docs: threat-model.md, protocol.md, "Handshake". */
import { base, NEXT, open, PAIR, PAIRED, send, toAlice, toBob } from "./prelude.ts"
import type { Scenario } from "./scenario.ts"

export const evilBroker: Scenario = {
  ...base,
  id: "evil-broker",
  title: "A broker that stands in the middle",
  holds: ["HS-2", "HS-6"],
  choices: [["intercept", true], PAIR, ["wait", 5_000], ["intercept", false], ["cut"], ["wait", 60_000]],
  notes: {
    1: "The broker has made two links, with certificates of its own, and carries everything from one to the other.",
    3: "Bob's Hello says which channel it went over. Alice's end is another one: she refuses, and none of her keys is used up.",
    6: "Over an honest way the same invite is still good.",
  },
  expect: [
    { at: 3, peer: "alice", hears: "handshakeRefused" },
    { at: 3, ...toAlice, machine: "joiner/main", state: "pairing.greeting.awaitingBundle" },
    { at: "end", ...toBob, machine: "session/main", state: open },
    { at: "end", ...toAlice, machine: "session/main", state: open },
  ],
}

export const replayedHello: Scenario = {
  ...base,
  id: "replayed-hello",
  title: "An old greeting",
  holds: ["HS-5", "HS-6"],
  choices: [
    ...PAIRED,
    ["cut"],
    ["wait", 60_000],
    ["replay", "hello"],
    ["wait", 5_000],
    send("bob", "alice", "and?"),
    ["wait", 5_000],
  ],
  notes: {
    5: "Somebody kept Bob's Hello, and says it again over another link.",
    6: "The invite's secret is erased, and with it whatever could answer: nothing is sent, nothing is kept.",
    8: "The conversation goes on as if nothing had been.",
  },
  expect: [
    { at: 6, ...toBob, machine: "inviter/main", state: "none" },
    { at: "end", ...toBob, machine: "session/main", state: open },
    { at: "end", ...toAlice, machine: "delivery/1", state: "delivered" },
  ],
}

export const reflected: Scenario = {
  ...base,
  id: "reflected",
  title: "One's own frame comes back",
  holds: ["HS-9", "CA-4"],
  choices: [...PAIRED, send("alice", "bob", "is there an echo?"), ["reflect", -1], ["wait", 500], ["wait", 5_000]],
  notes: {
    4: "Alice's frame never gets to Bob: it turns round, and comes to her as if it were his.",
    5: "Each direction has keys of its own, and the direction is bound into all four layers: it does not open, and she shows nothing.",
    6: "After a second the same frame went again, to Bob.",
  },
  expect: [
    { at: 5, peer: "alice", from: "bob", texts: [] },
    { at: 5, ...toBob, machine: "delivery/1", state: "underway.sent" },
    { at: "end", peer: "bob", from: "alice", texts: ["is there an echo?"] },
    { at: "end", peer: "alice", from: "bob", texts: [] },
  ],
}

export const downgrade: Scenario = {
  ...base,
  id: "downgrade",
  title: "Four layers, or none",
  holds: ["HS-4", "HS-1"],
  choices: [PAIR, NEXT, ["strip", -1], ["wait", 500], ["wait", 5_000]],
  notes: {
    2: "Bob's Hello names all four layers.",
    3: "Somebody on the way takes the outermost out of the list, to have one less to break.",
    4: "The list is under a MAC of the invite's secret. Alice refuses, and there is no way to agree on fewer.",
    5: "Bob repeats his own Hello, and they agree on four.",
  },
  expect: [
    { at: 4, peer: "alice", hears: "handshakeRefused" },
    { at: 4, ...toAlice, machine: "joiner/main", state: "pairing.greeting.awaitingBundle" },
    { at: "end", ...toBob, machine: "session/main", state: open },
    { at: "end", ...toAlice, machine: "session/main", state: open },
  ],
}

export const flooding: Scenario = {
  ...base,
  id: "flooding",
  title: "Three hundred forged frames",
  holds: ["RT-2", "RT-4"],
  choices: [
    ...PAIRED,
    send("alice", "bob", "the real one"),
    ["flood", -1, 300],
    ["drop", -1],
    ["wait", 200],
    ["wait", 30_000],
  ],
  notes: {
    4: "Beside Alice's frame come three hundred that look like it, each with a bit changed.",
    6: "Each costs one refusal and moves nothing. When 256 have failed in a row Bob looks at no more than 16 each second.",
    7: "The real one still comes through.",
  },
  expect: [
    { at: "end", ...toBob, machine: "delivery/1", state: "delivered" },
    { at: "end", peer: "bob", from: "alice", texts: ["the real one"] },
  ],
}
