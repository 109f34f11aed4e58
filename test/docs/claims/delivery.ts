/** What docs/delivery.md promises. */
import type { Claimed } from "./claim.ts"

export const delivery: Claimed = {
  document: "docs/delivery.md",
  claims: [
    {
      section: "What is promised",
      says: "It goes out however often the app dies, until the peer has it, it expires, or the contact is blocked or removed.",
      tests: [
        ["engine/delivery", "survives that both die again and again in the middle of a commit"],
        ["spec/killed", "loses nothing, and shows nothing twice"],
        ["engine/contacts", "can be talked to after a block that caught messages under way"],
      ],
    },
    {
      section: "What is promised",
      says: "It is durable on the other device: that one has said so under the session's own keys.",
      tests: ["engine/delivery", "spec/boundaries"],
    },
    {
      section: "What is promised",
      says: "Once, in the order in which it was written.",
      tests: [["spec/figures-1", "lose nothing, show nothing twice or out of order"], "engine/delivery-mutants"],
    },
    {
      section: "The way out",
      says: "Only then does `send` resolve, and only then does the frame leave.",
      tests: [["core/host/host", "answers, shows and performs only what is durable, in that order"], "spec/boundaries"],
    },
    {
      section: "The way out",
      says: "the content is sealed anew under the same number",
      tests: [["machines/delivery", "is sealed anew at last, where nobody answers"], "spec/simulator-mutants"],
    },
    {
      section: "The way in",
      says: "If any layer refuses, nothing has happened.",
      tests: [["core/cascade/cascade", "refuses what any layer refuses, and then no layer has moved"]],
    },
    {
      section: "The way in",
      says: "Neither is shown.",
      tests: ["engine/delivery", ["machines/delivery", "keeps and tells its message once, when its turn has come"]],
    },
    {
      section: "States",
      says: "which sends a tombstone under the same number, so that later ones need not wait for it",
      tests: [
        ["engine/messages", "that were not had in time expire; the next one says that something is missing"],
        ["machines/delivery", "can come to every state, and leaves every state that is not its end"],
      ],
    },
    {
      section: "Bounds",
      says: "nobody who keeps to 64 is further ahead",
      tests: [
        [
          "machines/session-cases",
          "waits for a missing message up to a bound, then shows the gap, and the late one never",
        ],
        ["machines/session-cases", "takes in a full window of early messages in one step"],
      ],
    },
    {
      section: "Copies",
      says: "So copies that both stay open agree keys once, and once for each time that somebody asks for it; they do not take turns.",
      tests: ["engine/copies", ["engine/healing", "are noticed within one exchange when"]],
    },
    {
      section: "When numbers are given anew",
      says: "So nothing that waits is lost, and the order is that in which it was written",
      tests: [
        "spec/order-after-healing",
        [
          "machines/session-cases",
          "shows what waited where the peer repeats it, and what it does not repeat after all that it does",
        ],
        ["machines/session-cases", "keeps what the peer has ahead of its turn until that has come"],
      ],
    },
    {
      section: "Clocks that are set",
      says: "So a wall clock that is set back makes nothing wait longer",
      tests: [
        ["core/host/clocks", "never waits longer than it was meant to, however the wall clock is set"],
        ["spec/figures-1", "an acknowledgement waited for a clock that was set back"],
      ],
    },
    {
      section: "Clocks that are set",
      says: "These count anew, once.",
      tests: [
        ["core/host/clocks", "that counts anew is written so, and does not begin again with every opening"],
        ["engine/sleeping", "is woken by its own time also where the clock was set back"],
      ],
    },
    {
      section: "Clocks that are set",
      says: "Two people's clocks may differ by any amount: pairing, writing and agreeing keys anew compare no times",
      tests: [
        ["spec/wrong-clocks", "pair, write and renew their keys"],
        ["spec/figures-1", "two clocks were three hours apart, and keys were never renewed"],
        ["core/layers/mls/key-package", "is good whatever the two clocks say: nobody is asked what time it is"],
      ],
    },
    {
      section: "Clocks that are set",
      says: "is refused with words that name the clock",
      tests: [["engine/invites", "is refused with the reason: expired, newer, damaged, none at all"]],
    },
  ],
  without: {
    "": "what the document is",
    "What may still go wrong": "what is not promised",
  },
}
