/** Healing with one known fault each, which must be noticed. RT-1, DL-1, and that old secrets go. */
import { assert, describe, it } from "vitest"
import { type Edit, withFault } from "../attacks/mutant.ts"
import type * as Runs from "./healing-runs.ts"

const HANDLERS = "src/core/contact/handlers"

interface Mutant {
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  readonly holds: (runs: typeof Runs) => Promise<boolean>
}

const once = async ({ repeatedAfterRestore }: typeof Runs): Promise<boolean> =>
  JSON.stringify(await repeatedAfterRestore()) === '["one","two","three"]'

const mutants: ReadonlyArray<Mutant> = [
  {
    fault: "what is sent again has another id",
    edits: [
      [
        `${HANDLERS}/renumber.ts`,
        "content.encode({ ...what, number })",
        "content.encode({ ...what, number, id: what.id.map((byte) => byte ^ 1) })",
      ],
    ],
    holds: once,
  },
  {
    fault: "only numbers tell what was had",
    edits: [
      [`${HANDLERS}/open-frame.ts`, "if (found !== undefined) return !found.entry.mine", ""],
      [`${HANDLERS}/receipt.ts`, "|| (yield* findMessage(at, text.id)) !== undefined", ""],
    ],
    holds: once,
  },
  {
    fault: "things are sealed before the peer has vouched",
    edits: [["src/core/contact/life.ts", "?.life === life.name", "?.life !== life.name + 1"]],
    holds: async ({ placesUsedTwice }) => (await placesUsedTwice()) === 0,
  },
  {
    fault: "old recovery secrets are kept for ever",
    edits: [["src/core/contact/records.ts", "MAX_RECOVERY_SECRETS = 4", "MAX_RECOVERY_SECRETS = 400"]],
    holds: async ({ secretsAfter }) => (await secretsAfter(5)) <= 4,
  },
  {
    fault: "an honest restart is taken for a copy",
    edits: [[`${HANDLERS}/standing.ts`, "[...spoken, life.id].slice(-MAX_LIVES)", "[life.id]"]],
    holds: async ({ noticesAfterRestarts }) => (await noticesAfterRestarts()) === 0,
  },
]

describe("healing", () => {
  for (const { edits, fault, holds } of mutants) {
    it(`is seen to fail where ${fault}`, async () => {
      const run = (faults: ReadonlyArray<Edit>) => withFault(faults, "test/engine/healing-runs.ts", holds)
      assert.isFalse(await run(edits).catch(() => false), "with the fault")
      assert.isTrue(await run([]), "and not without it")
    })
  }
})
