/** Every scenario's page in a real browser: it is stepped to its end, and comes to the same run as in Node. */
import { assert, describe, it } from "vitest"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { hashes } from "../../src/spec/scenarios/hashes.ts"
import { site } from "./fixture.ts"

const { open } = site()

/** Forty pages, each with a run of its own, on a machine that may be busy: some thirty seconds where it is not. */
const PATIENT = 400_000

describe("the page of every scenario", () => {
  it(
    "comes to the end and the hash that the tests in Node see",
    async () => {
      const { done, page, toStepper } = await open({ height: 600 })
      for (const { expect, id } of scenarios) {
        await toStepper(`scenarios/${id}/`, PATIENT)
        await page.click("[data-do=last]")
        const { at, hash, steps } = (await page.$eval("sotto-stepper", (element) => ({
          ...(element as HTMLElement).dataset,
        }))) as Record<string, string>
        assert.strictEqual(at, steps, id)
        assert.strictEqual(hash, hashes[id], id)
        // Each thing that is expected, and that it is the run of the tests.
        const goals = await page.$$eval(".goals li", (lines) => lines.map((line) => line.textContent ?? ""))
        assert.lengthOf(goals, expect.length + 1, id)
        for (const goal of goals) assert.match(goal, /^✓/, `${id}: ${goal}`)
        assert.notInclude(await page.$eval(".invariants", (list) => list.textContent ?? ""), "✗", id)
      }
      await done()
    },
    PATIENT,
  )
})
