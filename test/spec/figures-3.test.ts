/** Long conversations: with the schedules of the other two files 100,000 messages and more, and no key and nonce twice. See figures.ts. */
import { assert, describe, it } from "vitest"
import { figures, scaled } from "./figures.ts"

/** What loses keys, or uses them again. Frames that are lost cost time, and are tried by the schedules. */
const KINDS = ["duplicate", "crash", "torn", "lease"] as const

describe("long conversations", () => {
  it("use no key and nonce twice, and lose none", { timeout: 600_000 }, async () => {
    const { sends } = await figures(300_000, 84, { sends: 900, burst: 96, kinds: KINDS })
    assert.isAtLeast(sends, scaled(59_000))
  })
})
