/** The words of docs/performance.md that no measurement makes. */
import { isReached, type Kept } from "./result.ts"

export const introduction = (results: ReadonlyArray<Kept>): string => {
  const goals = results.flatMap(({ figures }) => figures).filter(({ goal }) => goal !== undefined)
  const reached = goals.filter(isReached).length
  return `# Performance

What Sotto costs, beside what others cost on the same machine in the same minutes. Made by \`npm run bench\`, which prints it, keeps
the numbers in [results.json](performance/results.json), and renders this page; do not edit it. ${reached} of ${goals.length} goals are reached.

Contenders take turns, round by round, at least seven rounds each after warming up; a quotient is taken within each round, and what
stands here is the median over the rounds with the quartiles behind it. Times of computing are those of the thread that computes, so
that a busy machine shows less in them; what waits for disks and channels is timed by the clock on the wall. Trust the
quotients more than the microseconds. Rows that are measured by the wall, and Chromium's, suffer most from a machine that does other
work at the same time; those below say when and where they were taken.`
}

export const afterwards = `## Where the time of a message goes

Profiles of the cascade (\`node --cpu-prof\`, 1 KiB sealed and opened, both ends), before and after what was done about them:

| | before | after |
| --- | --- | --- |
| a message, microseconds of the thread | 1,340 | 760 |
| of it importing keys (\`node:internal/crypto/keys\`) | 24 % | 4 % |
| of it in Node's cryptography altogether | 49 % | 49 % |
| XState | 6 % | 9 % |
| collecting garbage | 6 % | 7 % |
| Effect | 9 % | 5 % |
| two-message ping-pong of the Signal layer, microseconds | 1,750 | 1,160 |

- **Key objects are kept** with the array that the caller holds the key in (\`core/crypto/kept.ts\`): OpenSSL computes the public key at
  every import of a secret one, which took as long as the signature. At most 512 of a kind; an array with another content is another key.
- **A short MAC is two hashes in one call each** instead of an Hmac object: 4.2 µs instead of 5.0 (SHA-512), 2.9 instead of 4.0 (SHA-256).
- **The braid's polynomials** are computed once a message and not once a chunk.
- **A statechart inside a layer** goes on from the snapshot that it rested in, instead of resolving it again.
- **An acknowledgement reaches the deliveries that wait for it**, not the hundreds that rest until they are read: 12 ms a message
  became 3 on a busy machine with 64 in flight.
- **Sends and receives that queue up while a commit is under way share the next one**, in order (\`core/host/host.ts\`).

## What stops the goals that are not reached

- **Beside one layer of core-crypto, and beside our floor.** One Ed25519 signature and its verification are 165 of the floor's some 430 µs; core-crypto's
  whole layer takes about 620. Four fifths of that are some 70 µs above the floor, and the rest has to hold seven to eight steps of
  statecharts (60 to 70 µs), the copies and encodings of four layers, and collecting what they leave behind.
- **Beside libsignal.** Half of our layer's time is OpenSSL behind Node's interface: four key derivations at 8 µs, two ciphers at 8. A turn of the ratchet imports three
  new keys (25 to 66 µs each) beside the two agreements (43 each); Rust imports nothing.
- **Pairing.** Four agreements are X-Wing five times over and PQXDH, all of it with keys that are used once: import is two thirds of each operation.
- **Idle contacts.** Every contact is a live host with its links and listeners: about 100 KB and 4 ms to open. A contact that nobody talks to would have to be a record that wakes at
  its first frame; it is not yet.

## To measure again

    npm run bench                            # everything; some minutes
    npm run bench -- --only cascade,pairing  # some rows, by the beginning of their names
    npm run bench:suppliers                  # which supplier is fastest for which primitive
    node --cpu-prof test/bench/row.ts cascade

The first run installs the peers beside the measurements (test/bench has a package of its own; libsignal-client is AGPL, core-crypto
GPL; nothing of Sotto depends on them).`
