/** What README.md promises. */
import type { Claimed } from "./claim.ts"

export const readme: Claimed = {
  document: "README.md",
  claims: [
    {
      section: "",
      says: "There is no account and no server that sees content",
      tests: [
        ["e2e/two-browsers", "asked nobody else for anything"],
        ["attacks/evil-broker", "gets no session by passing every frame on, is heard of, and spoils no invite"],
      ],
    },
    {
      section: "",
      says: "message is sealed four times",
      tests: [
        ["core/cascade/cascade", "refuses what any layer refuses, and then no layer has moved"],
        "core/layers/by-the-document",
      ],
    },
    {
      section: "",
      says: "Everything that has a life inside it, from pairing to a single delivery, is a statechart",
      tests: [["machines/charts", "says of every state what it means"], "spec/scenarios"],
    },
    {
      section: "Try it",
      says: "prints an address, usually `http://127.0.0.1:7337/`",
      tests: [["cli/serve", "serves a broker, says where, and ends cleanly on Ctrl-C"], "e2e/two-browsers"],
    },
    { section: "Try it", says: "The same from a terminal, against the same service", tests: ["e2e/terminal"] },
    {
      section: "Twenty lines",
      says: "two people in one process",
      tests: [["docs/readme", "the README shows two-peers.ts, about 20 lines, and what it prints"]],
    },
    {
      section: "Twenty lines",
      says: "of your own takes about a hundred lines",
      tests: [
        ["docs/readme", "custom-transport.ts keeps every promise of a transport"],
        ["docs/readme", "custom-store.ts keeps every promise of a store"],
        ["docs/generated", "are current"],
      ],
    },
    {
      section: "What it does not protect from",
      says: "The connection service sees network addresses, random ids and times",
      tests: [["adapters/transport/peerjs", "ids and tokens are 128 random bits each, and a listener keeps both"]],
    },
    {
      section: "What it does not protect from",
      says: "Whoever uses it first is your contact",
      tests: [["engine/invites", "is good for one: the second to use it gets nothing, and the first keeps all"]],
    },
  ],
  without: {
    "Where things are": "a list of folders; that links lead somewhere is checked",
    Licence: "the licence",
  },
}
