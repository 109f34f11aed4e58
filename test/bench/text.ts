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
quotients more than the microseconds.`
}

export const afterwards = `## To measure again

    npm run bench                            # everything; some minutes
    npm run bench -- --only cascade,pairing  # some rows, by the beginning of their names
    npm run bench:suppliers                  # which supplier is fastest for which primitive
    node --cpu-prof test/bench/row.ts cascade

The first run installs the peers beside the measurements (test/bench has a package of its own; libsignal-client is AGPL, core-crypto
GPL; nothing of Sotto depends on them).`
