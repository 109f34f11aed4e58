/** What docs/storage.md promises, the vault included. */
import type { Claimed } from "./claim.ts"

export const storage: Claimed = {
  document: "docs/storage.md",
  claims: [
    {
      section: "Stores",
      says: "All of them, and any of yours, pass the acceptance suite",
      tests: [
        "adapters/storage/memory",
        "adapters/storage/indexeddb",
        "adapters/storage/opfs",
        "adapters/storage/sqlite",
        ["adapters/storage/conformance", "the suite notices that it does not hold that"],
      ],
    },
    {
      section: "One writer",
      says: "A writer that was robbed of its lease and does not know it yet (a tab that slept, a process that hung) commits nothing.",
      tests: [
        ["adapters/storage/sqlite", "is taken from a process that hangs, which commits nothing when it comes back"],
        "adapters/storage/tabs",
        "engine/storage-invariants",
      ],
    },
    {
      section: "One writer",
      says: "It waits, and opens the storage by itself when the first has gone.",
      tests: [
        [
          "engine/storage",
          "has one messenger: the second is elsewhere, and goes on by itself when the first has closed",
        ],
      ],
    },
    {
      section: "Health",
      says: "Neither is ever waited for: a browser may ask its user, and may never answer.",
      tests: [["engine/storage", "that never answers whether it will be kept holds nobody up"]],
    },
    {
      section: "When a storage fails",
      says: "What was accepted before is kept; what was not is refused with an error.",
      tests: [
        [
          "engine/storage",
          "that fails under way stops everything; what was accepted before arrives after the next start",
        ],
        "engine/storage-mutants",
      ],
    },
    {
      section: "Loss",
      says: "one that the browser evicted, or threw away because it was damaged, is told from one that never was",
      tests: [
        [
          "adapters/storage/indexeddb",
          "that the browser clears is lost, at once and at every start, until somebody removes it",
        ],
        [
          "adapters/storage/opfs",
          "that the browser clears is lost, at once and at every start, until somebody removes it",
        ],
        ["adapters/storage/sqlite", "that is deleted under its writer is lost, and that is said"],
      ],
    },
    {
      section: "After a crash",
      says: "A batch is there whole or not at all.",
      tests: [
        ["adapters/storage/opfs-log", "at any step, compaction included, opens with all that was answered"],
        ["adapters/storage/sqlite", "opens clean and whole after its process was killed in the middle of its commits"],
        ["adapters/storage/indexeddb", "opens whole, with all that was durable"],
      ],
    },
    {
      section: "After a crash",
      says: "A test tears the log, and finds everything there two starts later",
      tests: [["adapters/storage/indexeddb", "also where the browser's own log was torn"]],
    },
    {
      section: "The log",
      says: "the file was damaged, and is refused as `broken` instead of being cut to an older state",
      tests: [
        ["adapters/storage/opfs-log", "in any byte that was durable is refused, or is as it was before its last batch"],
      ],
    },
    {
      section: "Packs",
      says: "no value of the database holds anything that a commit replaced or removed",
      tests: [
        [
          "adapters/storage/indexeddb-packs",
          "hold what a simple model says, each entry once, in bounded values, and nothing that went",
        ],
        ["adapters/storage/indexeddb", "has nothing in any value of what a commit replaced or removed"],
      ],
    },
    {
      section: "Migrations",
      says: "a later one is refused as `newer` and not touched",
      tests: [
        [
          "adapters/storage/sqlite",
          "refuses a file of a later version, and one that is not its own, and changes neither",
        ],
        ["adapters/storage/sqlite", "of an earlier schema is brought to the present one when it is opened"],
        ["adapters/storage/indexeddb", "refuses a database of a later version"],
        ["adapters/storage/indexeddb", "is brought to the present one when it is opened, with everything in it"],
      ],
    },
    {
      section: "The vault",
      says: "passes the same acceptance suite, and knows nothing of where the bytes lie",
      tests: ["core/vault/conformance", ["engine/vault", "keeps a conversation sealed, over locking and a restart"]],
    },
    {
      section: "On the disk",
      says: "Not: which host is whom, names, texts, addresses, keys, ids, or which record is what.",
      tests: ["engine/canary", "browser/vault/profile-folder", "attacks/vault-mutants"],
    },
    {
      section: "A sealed record",
      says: "Each host has a key of its own, drawn at random",
      tests: ["attacks/vault", "attacks/vault-mutants"],
    },
    {
      section: "The index",
      says: "does not open under the version that the index has",
      tests: [["attacks/vault", "keeps ST-1 and ST-2, whatever is done to it"], "core/vault/flat"],
    },
    {
      section: "The catalogue",
      says: "A host that is older than its floor, that is missing, or that the catalogue does not know, is `damaged`",
      tests: ["attacks/vault", "attacks/vault-mutants"],
    },
    {
      section: "The header",
      says: "A greater version byte is `storageNewer`.",
      tests: [["core/vault/unlocking", "stores its cost, and runs none that is out of bounds"], "core/vault/unlocking"],
    },
    {
      section: "Unlock methods",
      says: "A vault always has a method that is no passkey",
      tests: [
        ["engine/vault", "is not made on a passkey alone"],
        ["engine/vault", "adds, changes and removes ways to unlock; the last that no device takes along stays"],
        ["browser/vault/vault", "without the extension is refused in words, and nothing is changed"],
      ],
    },
    {
      section: "Passphrase",
      says: "The first four cost nothing; after the fifth nothing is tried for 8 s, doubling up to 15 minutes, over restarts too.",
      tests: [
        ["machines/vault", "waits nothing for four mistakes, then 8 s, doubling, at most a quarter of an hour"],
        ["engine/vault", "five of them cost a wait that a restart does not end"],
      ],
    },
    {
      section: "Locking",
      says: "the arrays that hold keys are zeros",
      tests: [
        ["core/vault/unlocking", "wipes its keys and answers nothing once it is closed"],
        ["engine/vault", "locks by itself when its user has been away, and not while they are there"],
      ],
    },
    {
      section: "Sealing in place",
      says: "Interrupted anywhere, the next opening of the vault goes on, and half a copy is begun anew.",
      tests: [
        ["core/vault/sealing", "is finished by the next opening, wherever it was interrupted"],
        ["core/vault/sealing", "goes on with the versions, so that no command's id comes twice"],
        ["browser/vault/profile-folder", "shows nothing more of it after it was sealed in place"],
      ],
    },
    {
      section: "Erasing a profile",
      says: "Its first commit takes the header and the catalogue away and leaves a mark: from then on nothing opens",
      tests: [["core/vault/erasing", "is finished by the next start, wherever it was interrupted; the keys go first"]],
    },
  ],
  without: {
    "": "what the document is",
    "Which one in a browser": "a choice, with figures of `npm run bench:stores`",
    "Several profiles": "what a profile is",
  },
}
