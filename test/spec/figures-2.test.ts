/** The other half of the schedules of `npm test`: DL and SM hold in each, whatever the world does. See figures.ts. */
import { assert, describe, it } from "vitest"
import { figures, SCHEDULES, SENDS, scaled } from "./figures.ts"

describe("schedules", () => {
  it("lose nothing, show nothing twice or out of order, and use no key and nonce twice", {
    timeout: 600_000,
  }, async () => {
    const { schedules, sends } = await figures(200_000, SCHEDULES / 2, { sends: SENDS })
    assert.isAtLeast(schedules, scaled(1_000))
    assert.isAtLeast(sends, scaled(20_500))
  })
})
