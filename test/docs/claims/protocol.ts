/** What docs/protocol.md says of both sides. Its formats are held against the code as a whole, by docs/protocol. */
import type { Claimed } from "./claim.ts"

export const protocol: Claimed = {
  document: "docs/protocol.md",
  claims: [
    {
      section: "Primitives",
      says: "Anything that does not verify, open or decode is refused in one way, whatever the reason, and changes nothing.",
      tests: ["core/crypto/conformance", "core/crypto/agreement", "vectors/wycheproof", "attacks/cascade-games"],
    },
    {
      section: "Encoding",
      says: "cut down until every value has one encoding and every accepted byte string is it",
      tests: [
        ["core/codec/shapes", "accepts one encoding of a value only: accepted bytes re-encode to themselves"],
        "fuzz/decoders",
        "docs/protocol",
      ],
    },
    {
      section: "Encoding",
      says: "A length is checked against the bytes that are left before anything is allocated.",
      tests: [["core/codec/codec", "a list is not begun unless every value can be there"]],
    },
    {
      section: "Key sets and identity",
      says: "Each side makes a fresh set of three static keys for each contact",
      tests: [["engine/invites", "gives every contact keys of its own"]],
    },
    {
      section: "Invite",
      says: "A reader tells three problems apart, for people: not an invite, of a newer version, damaged.",
      tests: [
        "core/wire/invite",
        ["engine/invites", "is refused with the reason: expired, newer, damaged, none at all"],
      ],
    },
    {
      section: "Invite",
      says: "It is used once.",
      tests: [["engine/invites", "is good for one: the second to use it gets nothing, and the first keeps all"]],
    },
    {
      section: "Addresses",
      says: "Addresses are random, 128 bits or more, belong to one contact, and authenticate nothing.",
      tests: [["adapters/transport/peerjs", "ids and tokens are 128 random bits each"], "attacks/stranger"],
    },
    {
      section: "Addresses",
      says: "Descriptions are parsed down to one data channel section",
      tests: [["adapters/transport/parsing", "are read for one data channel under one fingerprint, or not at all"]],
    },
    {
      section: "By hand",
      says: "Without any service, two codes are carried by people, each way one",
      tests: [["engine/links", "pairs with two codes and no service"], "e2e/by-hand"],
    },
    {
      section: "Suites",
      says: "There is no negotiation and no way to send content under fewer layers.",
      tests: ["core/wire/messages", "attacks/handshake-frames"],
    },
    {
      section: "Handshake",
      says: "Each side is *established* only after it has opened the other's Confirm",
      tests: ["attacks/handshake-faults", "attacks/handshake-keys"],
    },
    {
      section: "Handshake messages",
      says: "The MAC is checked before a byte of the body is looked at",
      tests: [["core/wire/messages", "with any bit altered is refused"], "docs/protocol"],
    },
    {
      section: "Transcript",
      says: "The MAC in a Confirm shows that its sender has the invite's secret and the same transcript",
      tests: [["core/wire/transcript", "changes with every bit of every part"], "attacks/handshake-keys"],
    },
    {
      section: "Standing",
      says: "nothing is sealed before the peer has vouched for the state, in every life of a process",
      tests: [["engine/healing", "an old state that is put back"], "machines/standing", "engine/healing-mutants"],
    },
    {
      section: "Healing",
      says: "What was not acknowledged is sealed anew, under the ids that it has. Frames of the old session that come late do not open.",
      tests: [
        ["attacks/healing", "new keys are agreed"],
        ["attacks/healing", "comes to nothing where all of it was heard before, is sent back, or is made up"],
        ["engine/healing", "two copies of one state"],
      ],
    },
    {
      section: "Layers",
      says: "no layer's key is derived from another's. Opening goes the other way, and either all four states advance or none does.",
      tests: ["attacks/cascade-games", "core/cascade/mutants", "core/cascade/real-laws"],
    },
    {
      section: "Associated data",
      says: "ties a ciphertext to its session, direction and layer",
      tests: [
        ["core/layers/by-the-document", "associated data is the SHA-256 of a map of five"],
        ["core/cascade/cascade", "is another for any other transcript, layer or direction"],
      ],
    },
    {
      section: "Padding",
      says: "its length tells the bucket only",
      tests: [
        ["core/cascade/cascade", "carries any content both ways, in a length that its bucket alone decides"],
        ["core/cascade/cascade", "refuses a peer that pads otherwise, so that no two frames carry one content"],
      ],
    },
    {
      section: "MLS layer",
      says: "The inviter refuses any group but this",
      tests: [
        ["core/layers/mls/establish", "into a group with a third member is refused"],
        "core/layers/mls/hostile",
        "core/layers/mls/ts-mls",
      ],
    },
    {
      section: "MLS layer",
      says: "another lifetime is refused, in a Welcome's tree as well",
      tests: [
        ["core/layers/mls/key-package", "with another lifetime than the one that there is is refused"],
        ["core/layers/mls/establish", "of a member whose lifetime is not the one that there is is refused"],
      ],
    },
    {
      section: "MLS layer",
      says: "Members take turns: leaf 0 commits out of even epochs, leaf 1 out of odd ones, so commits never cross.",
      tests: [["core/layers/mls/healing", "alternate: the inviter out of epoch 1, the joiner out of epoch 2"]],
    },
    {
      section: "Signal layer",
      says: "Messages of Signal's protocol, version 4, in their wire form.",
      tests: [
        "interop/conversation",
        "interop/network",
        ["core/layers/signal/by-hand", "the first message opens by hand"],
      ],
    },
    {
      section: "The braid",
      says: "both sides heal against an adversary with a quantum computer within some ninety messages",
      tests: [
        ["core/layers/signal/braid", "get the same keys, message after message, and an epoch further every ninety"],
        "core/layers/signal/braid-chaos",
        "core/layers/signal/braid-mutants",
      ],
    },
    {
      section: "The braid",
      says: "Any sufficient number of different chunks rebuilds the message.",
      tests: [["core/layers/signal/chunks", "comes back from any of them that are enough"]],
    },
    {
      section: "KEM layer",
      says: "A receiver takes a frame of the peer's latest turn, of the turn that answers its own latest, or one whose key it kept; nothing else.",
      tests: [
        [
          "machines/kem-ratchet",
          "opens the peer's latest turn, its answer, and nothing of a turn that is its own or unknown",
        ],
        ["core/layers/kem/layer", "does one decapsulation for a forged turn, and none for a place that cannot be"],
        "core/layers/kem/laws",
      ],
    },
    {
      section: "AES layer",
      says: "One hash ratchet for each direction, from the invite's secret",
      tests: [
        ["core/layers/aes/layer", "has a chain of its own for each way, secret and transcript"],
        ["core/layers/by-the-document", "the AES layer's second frame"],
      ],
    },
    {
      section: "Hash ratchet",
      says: "Each key and nonce seal one message.",
      tests: ["core/layers/aes/laws", "core/layers/aes/ratchet-mutants", ["core/layers/aes/layer", "keys, the latest"]],
    },
    {
      section: "Frames",
      says: "What is not a frame is dropped.",
      tests: ["core/wire/frame", "describe/describe", "docs/protocol"],
    },
    {
      section: "Fragments",
      says: "one that contradicts what is there ends that frame and begins it anew",
      tests: [
        "core/wire/fragments",
        ["attacks/stranger", "fills all room for fragments, and a long message still arrives"],
      ],
    },
    {
      section: "Content",
      says: "A content that does not decode, or is of an unknown kind, has used up its ciphertext and is otherwise ignored.",
      tests: ["core/wire/content", "docs/protocol"],
    },
    {
      section: "Changes",
      says: "So both sides show the same, whatever the order in which the two sequences met.",
      tests: [
        ["core/contact/changes", "come to the same on both sides, however the two sequences meet"],
        [
          "core/contact/changes",
          "keep their rules: only the sender's, the last edit stands, nothing comes back after a deletion",
        ],
      ],
    },
    {
      section: "Disappearing messages",
      says: "What disappears is erased everywhere",
      tests: [["engine/changes", "set by both at once comes to the same"], "engine/expiry"],
    },
    {
      section: "Delivery",
      says: "every retransmission repeats the same bytes",
      tests: [
        "engine/delivery",
        "engine/delivery-mutants",
        ["machines/delivery", "is sealed anew at last, where nobody answers"],
      ],
    },
    {
      section: "Delivery",
      says: "An acknowledged message is never sent again under the same keys.",
      tests: ["engine/delivery", "spec/figures-1", "spec/boundaries"],
    },
    {
      section: "Links",
      says: "Of two links between the same two the one that the joiner dialled stays",
      tests: [
        ["engine/links", "that both opened at once is one in the end, the same at both"],
        ["attacks/stranger", "opens link after link, and the one in use stays"],
      ],
    },
    {
      section: "Safety number",
      says: "Signal's numeric fingerprint, version 0",
      tests: [
        "core/wire/safety-number",
        ["interop/keys", "is Signal's fingerprint, with the hash of our static keys as the identifier"],
      ],
    },
    {
      section: "At rest",
      says: "change in one atomic commit, or none of them",
      tests: ["core/host/host", "core/host/recovery", "core/contact/cascade-records"],
    },
    {
      section: "Limits",
      says: "bounds the work for a frame that proves forged",
      tests: [["docs/generated", "are current"], "core/layers/signal/limits", "interop/limits"],
    },
  ],
  without: {
    "": "what the document is; that its formats are the code's is checked by docs/protocol",
    Contents: "a list of sections",
    Notation: "how to read the formats; docs/protocol reads them so",
    "Where this differs from the plan": "what was decided, and why",
  },
}
