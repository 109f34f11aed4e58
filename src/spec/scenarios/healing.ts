/** Keys that were lost, copied or stolen, and how the conversation closes again. Docs: protocol.md, "Healing" and "Layers". */
import { base, open, PAIRED, send, toAlice, toBob } from "./prelude.ts"
import type { Scenario } from "./scenario.ts"

export const healing: Scenario = {
  ...base,
  id: "healing",
  title: "The keys are gone",
  holds: ["DL-1", "DL-3"],
  choices: [
    ...PAIRED,
    send("alice", "bob", "before"),
    ["wait", 1_000],
    ["lose", "bob"],
    send("alice", "bob", "meanwhile"),
    ["restart", "bob"],
    ["wait", 60_000],
    send("bob", "alice", "after"),
    ["wait", 5_000],
  ],
  notes: {
    5: "Bob's disk has lost the states of all four layers: what Alice seals cannot be opened any more.",
    7: "He is back, and says so under a secret that both kept from their pairing.",
    8: "A handshake beside the session has agreed new keys. What Alice wrote meanwhile was sealed anew, and is shown once.",
  },
  expect: [
    { at: 8, peer: "bob", hears: "healed" },
    { at: 8, peer: "alice", hears: "healed" },
    { at: "end", peer: "bob", from: "alice", texts: ["before", "meanwhile"] },
    { at: "end", peer: "alice", from: "bob", texts: ["after"] },
  ],
}

export const clone: Scenario = {
  ...base,
  id: "clone",
  title: "An old copy comes to life",
  holds: ["RT-1", "SM-1"],
  choices: [
    ...PAIRED,
    send("alice", "bob", "one"),
    ["wait", 1_000],
    ["copy", "alice"],
    send("alice", "bob", "two"),
    send("bob", "alice", "three"),
    ["wait", 1_000],
    ["putBack", "alice"],
    ["restart", "alice"],
    send("alice", "bob", "four"),
    ["wait", 60_000],
  ],
  notes: {
    5: "Alice's disk is copied: a backup of the whole machine, or somebody who had it in hands.",
    8: "Messages go by that the copy knows nothing of. Keys were used, and are erased.",
    9: "The copy takes the place. It would use the same keys for other messages.",
    12: "Before anything is sealed each asks the other where they stand. The answers differ: both are told, new keys are agreed, and only then what she wrote is sealed.",
  },
  expect: [
    { at: "end", peer: "alice", hears: "cloneDetected" },
    { at: "end", peer: "bob", hears: "cloneDetected" },
    { at: "end", peer: "bob", hears: "healed" },
    { at: "end", peer: "bob", from: "alice", texts: ["one", "two", "four"] },
  ],
}

export const identity: Scenario = {
  ...base,
  id: "identity-change",
  title: "Somebody else under the same secret",
  holds: ["HS-2"],
  choices: [
    ...PAIRED,
    send("alice", "bob", "before"),
    ["wait", 1_000],
    ["replace", "bob"],
    ["restart", "bob"],
    ["wait", 60_000],
    send("alice", "bob", "is it you?"),
    ["wait", 60_000],
    ["event", "alice", { do: "continue", with: "bob" }],
    ["wait", 180_000],
  ],
  notes: {
    5: "Whoever comes back as Bob knows what his disk knew of Alice, and has another identity.",
    7: "The secret is right and the identity is not the known one. It is refused, and Alice is told.",
    9: "Nothing is sent to him: what she writes waits until she has compared the safety number, or goes on without.",
    11: "She goes on. The identity is taken, and is not verified any more.",
  },
  expect: [
    { at: 7, peer: "alice", hears: "identityChanged" },
    { at: 9, ...toBob, machine: "delivery/2", state: "none" },
    { at: 9, peer: "bob", from: "alice", texts: ["before"] },
    { at: "end", peer: "alice", hears: "healed" },
    { at: "end", peer: "bob", from: "alice", texts: ["before", "is it you?"] },
  ],
}

/** A thief of one layer's keys follows until both have turned the ratchet. */
const stolen = (layer: "signal" | "kem", title: string, note: string): Scenario => ({
  ...base,
  id: `stolen-${layer}`,
  title,
  holds: ["RT-7", "CA-2"],
  crypto: "real",
  choices: [
    ...PAIRED,
    send("alice", "bob", "hello"),
    ["wait", 1_000],
    ["steal", "alice", layer],
    send("bob", "alice", "the thief reads this layer"),
    ["wait", 15],
    send("bob", "alice", "and this one"),
    ["wait", 15],
    ["wait", 2_000],
    send("alice", "bob", "an answer, with a new key in it"),
    ["wait", 1_000],
    send("bob", "alice", "closed again"),
    ["wait", 1_000],
  ],
  notes: {
    5: `A copy is made of what Alice's disk has of the ${layer === "kem" ? "KEM" : "Signal"} layer. Nobody notices.`,
    6: "Bob writes. The thief, who is given the layer's own ciphertext, opens it as Alice will. The text is still under the layers that were not stolen.",
    12: note,
    13: "Bob's next message is to that key. The thief's copy does not open it, and will never again.",
  },
  expect: [
    { at: 6, of: "alice", layer, opens: true },
    { at: 8, of: "alice", layer, opens: true },
    { at: 13, of: "alice", layer, opens: false },
    { at: "end", of: "alice", layer, opens: false },
    { at: "end", ...toAlice, machine: "session/main", state: open },
  ],
})

export const stolenSignal = stolen(
  "signal",
  "A thief of Signal's keys is shut out",
  "Alice has answered with a ratchet key that was made after the theft.",
)

export const stolenKem = stolen(
  "kem",
  "A thief of the KEM layer's keys is shut out",
  "Alice's answer was a new turn: it brought an X-Wing key that was made after the theft.",
)
