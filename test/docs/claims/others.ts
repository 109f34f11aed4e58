/** What docs/backup.md, docs/signal.md, docs/simulator.md and docs/architecture.md promise. */
import type { Claimed } from "./claim.ts"

const backup: Claimed = {
  document: "docs/backup.md",
  claims: [
    {
      section: "",
      says: "whole, or not at all",
      tests: [["core/backup/restoring", "that dies at any commit leaves nothing, or all of it"]],
    },
    {
      section: "Contents",
      says: "what is not on it is neither written nor read",
      tests: [
        ["core/backup/file", "holds nothing of the ratchets"],
        ["engine/backup", "leaves the ratchets behind"],
      ],
    },
    {
      section: "The file",
      says: "SHA-256 of all before it",
      tests: [
        ["core/backup/file", "is restored by every later one"],
        ["core/backup/file", "is refused whole, with the reason"],
      ],
    },
    {
      section: "Locks",
      says: "What a file may ask for is bounded before anything is spent",
      tests: [
        ["core/backup/locks", "that would take more memory or time than anybody has are refused before any is spent"],
        ["core/backup/locks", "open for a passphrase, for a recovery phrase, or for either"],
      ],
    },
    {
      section: "Chunks",
      says: "a chunk that is swapped, repeated, left out, added or of another file does not open",
      tests: ["core/backup/fuzz", ["core/backup/file", "is refused where two are spliced"]],
    },
    {
      section: "Chunks",
      says: "its size says roughly how much is in it, and no more",
      tests: [["core/backup/file", "shows nothing of its contents, and little of its length"]],
    },
    {
      section: "Restoring",
      says: "So a profile is as it was, or whole.",
      tests: [["core/backup/restoring", "that dies at any commit leaves nothing, or all of it"]],
    },
    { section: "What is refused", says: "all are refused whole", tests: ["core/backup/fuzz"] },
    {
      section: "Threats",
      says: "They cannot open what was sent over the network before, for which the keys were never in the file",
      tests: [
        ["core/backup/file", "holds nothing of the ratchets"],
        ["engine/healing", "a contact out of a backup"],
      ],
    },
    {
      section: "Readable export",
      says: "whatever a contact wrote is text in it",
      tests: [["engine/export", "has everything that was said, and runs nothing of it"]],
    },
  ],
  without: {},
}

const signal: Claimed = {
  document: "docs/signal.md",
  claims: [
    {
      section: "",
      says: "a message of either side opens on the other or the tests fail",
      tests: [
        ["interop/conversation", "holds a conversation through three epochs"],
        "interop/network",
        "interop/controls",
      ],
    },
    {
      section: "What is compatible",
      says: "ML-KEM-768 in chunks of 32 bytes over GF(2¹⁶)",
      tests: ["interop/conversation", "interop/limits", "core/layers/signal/chunks"],
    },
    {
      section: "Sessions",
      says: "For the layer's associated data Signal's wire has no room: in the cascade its 32 bytes stand before the plaintext.",
      tests: [
        ["core/layers/signal/attacks", "a message without the associated data before it is refused"],
        "interop/sessions",
      ],
    },
    {
      section: "Where the wire differs from the specifications",
      says: "The KEM of PQXDH is Kyber-1024 of round 3, not FIPS 203's ML-KEM-1024",
      tests: [
        ["core/crypto/kyber", "the secret is SHAKE256(K ‖ SHA3-256(ciphertext)), not FIPS 203's K"],
        ["core/layers/signal/by-hand", "a FIPS 203 secret would not do"],
      ],
    },
    {
      section: "Where we are stricter",
      says: "A protobuf has one encoding",
      tests: ["core/layers/signal/protobuf", ["core/layers/signal/attacks", "low-order ratchet keys are refused"]],
    },
    {
      section: "How it is tested",
      says: "a message that is refused leaves the record of who refused it byte for byte as it was",
      tests: ["interop/damage", "interop/replay", "interop/sessions"],
    },
  ],
  without: {
    "What is not": "what is not offered",
    "What is measured": "figures; `npm run bench` measures again",
  },
}

const simulator: Claimed = {
  document: "docs/simulator.md",
  claims: [
    {
      section: "",
      says: "One seed replays one run exactly.",
      tests: [["spec/simulator", "is the same run for the same seed, and another for another: SM-5"]],
    },
    {
      section: "The driver",
      says: "A run is its seed and its choices, which are plain data.",
      tests: ["spec/scenarios"],
    },
    {
      section: "Time",
      says: "nothing depends on how fast the machine is",
      tests: [
        ["spec/simulator", "is the same run for the same seed"],
        ["spec/simulator", "tries the storages of others"],
      ],
    },
    {
      section: "The network",
      says: "What may happen to it is drawn from the seed as it is sent, or chosen.",
      tests: ["spec/scenarios"],
    },
    {
      section: "Crashes",
      says: "A process that is killed runs no further",
      tests: ["spec/boundaries", "spec/simulator-mutants"],
    },
    {
      section: "Vaults",
      says: "a process begins `locked`,\nand locking ends all that runs over the storage",
      tests: ["spec/sealed", "spec/scenarios"],
    },
    {
      section: "Fast crypto",
      says: "Either way every encryption is written down as a digest of key and nonce",
      tests: [["spec/simulator", "runs on the primitives of production"], "spec/simulator-mutants"],
    },
    {
      section: "Schedules",
      says: "the exit status is 1 if there were any",
      tests: ["cli/fuzz", "spec/figures-1", "spec/figures-2"],
    },
    {
      section: "A run that fails",
      says: "It is run again with moves and faults left out, one after the other, as long as the same rule still breaks.",
      tests: [["spec/simulator", "shows a failing run short, with its seed and all sides"], "cli/fuzz"],
    },
    {
      section: "Real crashes",
      says: "a process over SQLite is killed with SIGKILL",
      tests: ["spec/killed", "browser/crash/crash"],
    },
    {
      section: "A bug that it found",
      says: "the seed is a test of its own",
      tests: [["spec/figures-1", "a robbed tab waited for its own end, for ever"], "spec/simulator-mutants"],
    },
    { section: "Scenarios", says: "Tests play them, and the stepper has a page for each.", tests: ["spec/scenarios"] },
  ],
  without: {
    Attackers: "what an attacker of the simulator can do; spec/scenarios has what comes of it",
    "What is checked": "where the invariants are",
  },
}

const architecture: Claimed = {
  document: "docs/architecture.md",
  claims: [
    {
      section: "Sleeping contacts",
      says: "It is woken by whoever uses it, by a link to it, and by the clock",
      tests: [
        ["engine/sleeping", "is shown as it was, is woken by whoever writes, and its messages arrive"],
        ["engine/sleeping", "is woken by a link to it"],
        ["engine/sleeping", "is woken by its own time: what was not had by then expires"],
        ["spec/simulator", "holds where contacts sleep whenever they have no link"],
      ],
    },
    {
      section: "Sleeping contacts",
      says: "Looking for their peers they take turns",
      tests: [
        ["engine/sleeping", "is one of many after a start: each is shown, and each looks for its peer in its turn"],
      ],
    },
    {
      section: "Keys made ahead",
      says: "It is in memory only, goes to one pairing, and is wiped after an hour",
      tests: [
        ["attacks/keys-ahead", "go to one pairing each, and what nobody took is wiped when the storage closes (HS-10)"],
        ["attacks/keys-ahead", "are wiped after an hour, and made again only after somebody has paired"],
      ],
    },
    {
      section: "Keys made ahead",
      says: "A healing takes",
      tests: [
        ["attacks/keys-ahead", "are taken by a pairing on both sides, and by no healing (HS-10)"],
        "attacks/handshake-mutants",
      ],
    },
    {
      section: "One pipeline",
      says: "Durable before anything is observable.",
      tests: [["core/host/host", "answers, shows and performs only what is durable, in that order"]],
    },
    {
      section: "One pipeline",
      says: "A frame that does not open never touches the disk.",
      tests: [
        ["core/host/mailbox", "keeps copies of attached bytes, which are gone after their turn"],
        "core/host/savepoint",
      ],
    },
    {
      section: "One pipeline",
      says: "An event on which a machine or a handler throws is set aside with all that it led to",
      tests: [["core/host/savepoint", "on which a machine throws leaves no trace, and its turn goes on"]],
    },
    { section: "From a link to the host", says: "bounds what one link may cost", tests: ["attacks/stranger"] },
    {
      section: "Machines",
      says: "What has timers or outward commands is hosted; what only computes is stepped inside its layer",
      tests: ["machines/charts", "core/contact/cascade-records"],
    },
    {
      section: "Ports",
      says: "so a network of peers runs in one process on virtual time",
      tests: ["spec/simulator", "architecture/imports"],
    },
    {
      section: "Who may import whom",
      says: "checks it over the tree, and that each rule notices a fault",
      tests: [
        ["architecture/imports", "holds over the tree"],
        ["architecture/imports", "are not in the tree"],
      ],
    },
    {
      section: "The face",
      says: "Every failure is a `SottoError` with a stable code",
      tests: ["effect", "engine/storage", "docs/generated"],
    },
    {
      section: "To add a layer",
      says: "Hold it to the ratchet's invariants",
      tests: [["docs/generated", "are current"], "core/layers/kem/laws"],
    },
    {
      section: "To add a transport or a store",
      says: "are whole ones, with promises",
      tests: [["docs/readme", "custom-store.ts keeps every promise of a store"]],
    },
  ],
  without: {
    "": "what the document is",
    Rooms: "a list of folders",
    "From the public API to the wire": "a way through the files",
    "To add a machine": "a recipe",
  },
}

export const others: ReadonlyArray<Claimed> = [backup, signal, simulator, architecture]
