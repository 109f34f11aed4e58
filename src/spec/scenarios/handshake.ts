/** Pairing over a bad network, and with processes that die in the middle of it. Docs: protocol.md, "Handshake". */
import { base, NEXT, PAIR } from "./prelude.ts"
import type { Expectation, Scenario } from "./scenario.ts"

/** However it went: both are there in the end. */
const BOTH: ReadonlyArray<Expectation> = [
  { at: "end", peer: "alice", with: "bob", machine: "session/main", state: "conversation.established.open" },
  { at: "end", peer: "bob", with: "alice", machine: "session/main", state: "conversation.established.open" },
]

export const lostHello: Scenario = {
  ...base,
  id: "lost-hello",
  title: "The first greeting is lost",
  holds: ["HS-8"],
  choices: [PAIR, NEXT, ["drop", -1], ["wait", 900], ["wait", 5_000]],
  notes: {
    2: "Bob has found Alice, and greets her: Hello, 16 bytes of the invite's name and a nonce, under a MAC of its secret.",
    3: "It is lost. Nobody hears of that.",
    4: "Bob waits for the Bundle. After a second he says the same again.",
    5: "And they are paired.",
  },
  expect: [
    { at: 4, peer: "bob", with: "alice", machine: "joiner/main", state: "pairing.greeting.awaitingBundle" },
    ...BOTH,
  ],
}

export const lostAccept: Scenario = {
  ...base,
  id: "lost-accept",
  title: "The joiner's keys are lost",
  holds: ["HS-6"],
  choices: [PAIR, NEXT, NEXT, NEXT, ["drop", -1], ["wait", 900], ["wait", 5_000]],
  notes: {
    4: "Bob has computed the keys of all four layers, and sends what Alice needs for the same.",
    5: "It is lost. Alice has used up nothing: her one-time keys wait for whoever answers.",
    6: "Alice repeats her Bundle, Bob his Accept: each until the answer comes.",
  },
  expect: [
    { at: 6, peer: "bob", with: "alice", machine: "joiner/main", state: "pairing.accepting.awaitingConfirm" },
    ...BOTH,
  ],
}

export const lostConfirm: Scenario = {
  ...base,
  id: "lost-confirm",
  title: "One is done, the other does not know",
  holds: ["HS-8"],
  choices: [PAIR, NEXT, NEXT, NEXT, NEXT, NEXT, ["drop", -3], ["wait", 500], ["wait", 5_000]],
  notes: {
    6: "Bob has opened Alice's Confirm: for him they are paired, and he sends his own.",
    7: "It is lost, while what he says after it arrives. Alice drops that: nothing early is kept.",
    8: "Bob repeats his Confirm until something of Alice's conversation opens.",
  },
  expect: [{ at: 8, peer: "bob", with: "alice", machine: "joiner/main", state: "established.confirming" }, ...BOTH],
}

export const repeatedHello: Scenario = {
  ...base,
  id: "repeated-hello",
  title: "A greeting is heard twice",
  holds: ["HS-5"],
  choices: [PAIR, NEXT, ["duplicate", -1], NEXT, NEXT, ["wait", 5_000]],
  notes: {
    3: "Somebody on the way sends Bob's Hello a second time.",
    5: "The same Hello gets the same Bundle, to the byte: no second set of keys, no second session.",
  },
  expect: BOTH,
}

export const damagedBundle: Scenario = {
  ...base,
  id: "damaged-bundle",
  title: "A key is damaged on the way",
  holds: ["HS-1"],
  choices: [PAIR, NEXT, NEXT, ["corrupt", -1], NEXT, ["wait", 5_000]],
  notes: {
    4: "A bit of Alice's Bundle is another one now: noise, or somebody who would like to choose her keys.",
    5: "The MAC is wrong. Bob refuses it without a word to whoever sent it, and goes on waiting.",
    6: "The next one is right.",
  },
  expect: [
    { at: 5, peer: "bob", with: "alice", machine: "joiner/main", state: "pairing.greeting.awaitingBundle" },
    ...BOTH,
  ],
}

export const crashedJoiner: Scenario = {
  ...base,
  id: "crashed-joiner",
  title: "The joiner dies while pairing",
  holds: ["HS-8", "SM-4"],
  choices: [PAIR, NEXT, NEXT, NEXT, ["crash", "bob"], ["wait", 10_000], ["restart", "bob"], ["wait", 20_000]],
  notes: {
    4: "Bob has accepted: his keys are on the disk, his answer is on its way.",
    5: "His process dies.",
    6: "Alice got the answer, and confirms. Nobody is there.",
    8: "He finds where he was, and both confirm.",
  },
  expect: BOTH,
}

export const crashedInviter: Scenario = {
  ...base,
  id: "crashed-inviter",
  title: "The inviter dies while pairing",
  holds: ["HS-6", "SM-4"],
  choices: [PAIR, NEXT, NEXT, ["crash", "alice"], ["wait", 10_000], ["restart", "alice"], ["wait", 60_000]],
  notes: {
    3: "Alice has offered her keys.",
    4: "Her process dies. The one-time keys of the invite are on her disk.",
    7: "She is back, takes the answer that is repeated, and the keys are used once all the same.",
  },
  expect: BOTH,
}
