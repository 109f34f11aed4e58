/** Healing with one known fault each, which must be noticed. RT-1, SM-1, DL-1, HL-1 to HL-3, and that old secrets go. */
import { assert, describe, it } from "vitest"
import { type HealingObservation, healingInvariants } from "../../src/spec/invariants/healing.ts"
import { byId } from "../../src/spec/invariants/invariant.ts"
import type * as Boundaries from "../../src/spec/simulation/boundaries.ts"
import { type Edit, withFault } from "../mutant.ts"
import type * as Copies from "./copies.ts"
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
        "{ ...what, number }",
        "{ ...what, number, id: what.id.map((byte: number) => byte ^ 1) }",
      ],
    ],
    holds: once,
  },
  {
    fault: "only numbers tell what was had",
    edits: [
      [`${HANDLERS}/open-frame.ts`, 'if (found !== undefined) return found.entry.mine ? undefined : "known"', ""],
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
    edits: [[`${HANDLERS}/standing-records.ts`, "return [...spoken.filter((_, i) => i !== first), id]", "return [id]"]],
    holds: async ({ noticesAfterRestarts }) => (await noticesAfterRestarts()) === 0,
  },
]

interface CopyMutant {
  readonly breaks: string
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  readonly module: string
  readonly observe: (module: never) => Promise<HealingObservation>
}

const copied = {
  module: "test/engine/copies.ts",
  observe: ({ liveAsCopies }: typeof Copies) =>
    liveAsCopies({ seed: 1, copied: "bob", behind: 1, moves: [], patience: 4_000 }),
}

const JUDGE = `${HANDLERS}/judge.ts`
const copyMutants: ReadonlyArray<CopyMutant> = [
  {
    ...copied,
    breaks: "HL-1",
    fault: "a copy that stops says nothing of it",
    edits: [[`${HANDLERS}/session.ts`, "return { write: [[RECORD.history(index), entry.encode(line)]] }", "return {}"]],
  },
  {
    ...copied,
    breaks: "HL-2",
    fault: "copies heal by turns",
    edits: [
      [JUDGE, 'insists(tell.reason) ? tell.reason : "behind"', '"cloned"'],
      [JUDGE, 'insists(need) ? need : "replaced"', '"cloned"'],
      [`${HANDLERS}/standing.ts`, "question.heals === true ? all", "all.length > 0 ? all"],
    ],
  },
  {
    breaks: "HL-3",
    fault: "what was offered and not ended is forgotten",
    edits: [
      [
        JUDGE,
        'if (role === "inviter" && pending !== undefined && equal(tell.newest, pending.id)) return "underWay"',
        "",
      ],
      [JUDGE, "isOf(offered) ||", ""],
    ],
    module: "test/engine/healing-runs.ts",
    observe: ({ stoppedAlone }: typeof Runs) => stoppedAlone(),
  },
]

describe("the invariants of healing notice", () => {
  for (const { breaks, edits, fault, module, observe } of copyMutants) {
    it(`${breaks}: ${fault}`, async () => {
      const { holds } = byId(healingInvariants, breaks)
      assert.isFalse(holds(await withFault(edits, module, observe)), "with the fault")
      assert.isTrue(holds(await withFault([], module, observe)), "and not without it")
    })
  }
})

describe("copies that are opened in the same moment", () => {
  // Both are vouched for, and seal under the same keys.
  it("are noticed to seal twice where whoever asks is vouched for", { timeout: 120_000 }, async () => {
    const choices = [["wait", 1_500] as const]
    const told = (edits: ReadonlyArray<Edit>) =>
      withFault(edits, "src/spec/simulation/boundaries.ts", async ({ tellWith }: typeof Boundaries) => {
        const story = { title: "copied", seed: 22, paired: true, copied: "alice", choices }
        return (await tellWith(story, [])).violations
      })
    const fault: Edit = [
      "src/core/contact/life.ts",
      "if (!lives.some((one) => equal(one, latest))) return",
      "if (lives.length === 0) return",
    ]
    assert.isTrue((await told([fault])).some((text) => text.startsWith("SM-1")))
    assert.deepEqual(await told([]), [])
  })
})

describe("healing", () => {
  for (const { edits, fault, holds } of mutants) {
    it(`is seen to fail where ${fault}`, async () => {
      const run = (faults: ReadonlyArray<Edit>) => withFault(faults, "test/engine/healing-runs.ts", holds)
      assert.isFalse(await run(edits).catch(() => false), "with the fault")
      assert.isTrue(await run([]), "and not without it")
    })
  }
})
