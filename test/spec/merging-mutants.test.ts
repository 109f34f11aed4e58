/** Merging with one known fault each, which must be noticed by what two people have in the end. */
import { assert, describe, it } from "vitest"
import type * as Runs from "../engine/merging-runs.ts"
import { type Edit, withFault } from "../mutant.ts"

const MAX_RUNS = 60
const CHANGES = "src/core/contact/changes.ts"

interface Mutant {
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  /** The first run that tells. */
  readonly seen: number
}

const mutants: ReadonlyArray<Mutant> = [
  {
    // A real one, once: these runs found it.
    fault: "a change that comes to its turn together with its message is taken before the message has its place",
    edits: [["src/core/contact/handlers/messages.ts", "found === undefined && !placed &&", "found === null &&"]],
    seen: 9,
  },
  {
    fault: "of two timers that were set at once each takes the other's",
    edits: [[CHANGES, 'return role === "inviter" ? mine : theirs', "return theirs"]],
    seen: 6,
  },
  {
    fault: "a deletion for everyone leaves the reactions that it finds",
    edits: [[CHANGES, 'return emptied(message, "deleted")', 'return { ...message, text: "", became: "deleted" }']],
    seen: 4,
  },
]

describe("runs of two people who change their messages notice that", () => {
  for (const { edits, fault, seen } of mutants) {
    it(fault, { timeout: 600_000 }, async () => {
      const found = await withFault(
        edits,
        "test/engine/merging-runs.ts",
        async ({ difference, mergedRun }: typeof Runs) => {
          for (let seed = seen; seed < seen + MAX_RUNS; seed++) {
            const differs = difference(await mergedRun(seed))
            if (differs !== undefined) return { seed, differs }
          }
          return undefined
        },
      )
      assert.isDefined(found, `not within ${MAX_RUNS} runs`)
      console.log(`${fault}: seed ${found?.seed}: ${found?.differs}`)
    })
  }
})
