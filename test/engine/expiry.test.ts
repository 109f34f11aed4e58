/** EX: what disappears is gone, from every byte that is kept. Docs: invariants.md, "Expiry". */
import { assert, describe, it } from "vitest"
import { expiryInvariants } from "../../src/spec/invariants/expiry.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { lateEdit, liveOut, WORDS } from "./expiry-life.ts"

describe("what disappears", () => {
  it("is gone from every record, whenever the process dies and however the clock is set (EX-1)", async () => {
    const lived = await liveOut()
    assert.sameMembers([...lived.before], [WORDS.edited, WORDS.theirs, WORDS.waiting, WORDS.waitingEdit, WORDS.early])
    assert.isAtLeast(lived.deaths, 2 * 2, "more than one commit erases, and each is died at twice")
    assert.deepEqual(violations(expiryInvariants, lived), [])
    // What remains says what was, and nothing of what was said.
    for (const { expiresAt, kind, reactions, state, text } of lived.left) {
      assert.deepEqual([text, reactions, expiresAt], ["", [], undefined])
      assert.equal(state?.get(), kind === "text" ? "expired" : undefined)
    }
  })

  it("is not brought back by an edit that comes late, ahead of what was written before it", async () => {
    assert.deepEqual(violations(expiryInvariants, { disks: [[await lateEdit()]] }), [])
  })
})
