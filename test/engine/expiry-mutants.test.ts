/** Erasing with one known fault each. EX-1 must notice. */
import { assert, describe, it } from "vitest"
import { type ExpiryObservation, expiryInvariants } from "../../src/spec/invariants/expiry.ts"
import { byId } from "../../src/spec/invariants/invariant.ts"
import { type Edit, withFault } from "../mutant.ts"
import type * as Life from "./expiry-life.ts"

const REMOVAL = "src/core/contact/handlers/removal.ts"
const OPENING = "src/core/contact/handlers/open-frame.ts"
const EXPIRY = "src/core/contact/handlers/expiry.ts"

const mutants: ReadonlyArray<{
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  readonly live?: (life: typeof Life) => Promise<ExpiryObservation>
}> = [
  {
    fault: "what an edit says is kept until its turn, though its message is gone",
    edits: [[OPENING, 'if (target === "unknown") return { state }', ""]],
    live: async ({ lateEdit }) => ({ disks: [[await lateEdit()]] }),
  },
  { fault: "an edit that waits for the peer is forgotten", edits: [[REMOVAL, 'what.kind === "edit" || ', ""]] },
  {
    fault: "a text that waits for its turn is forgotten",
    edits: [[EXPIRY, 'text.timer?.from !== "sending"', 'text.timer?.from === "sending"']],
  },
  { fault: "a clock set back prolongs", edits: [[EXPIRY, "at.now >= latest", "at.now >= 0"]] },
  { fault: "one commit erases, and no other follows", edits: [[EXPIRY, "Math.max(0, first - at.now)", "null"]] },
]

describe("EX-1 notices that", () => {
  for (const { edits, fault, live = ({ liveOut }: typeof Life) => liveOut(1) } of mutants) {
    it(fault, async () => {
      const { holds } = byId(expiryInvariants, "EX-1")
      const lived = await withFault(edits, "test/engine/expiry-life.ts", live)
      assert.isFalse(holds(lived))
    })
  }
})
