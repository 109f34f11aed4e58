/**
 * Two copies of one state: each side killed at every place where it touches the world while one of them stops, in every way to die
 * there. DL and SM hold after each. See stories.ts.
 */
import { assert, describe, it } from "vitest"
import { isCloned, stories, surveyed } from "./stories.ts"

describe("whoever dies while two copies are about comes back and goes on:", () => {
  const died = surveyed(stories.filter(isCloned))

  it("in every way that differs", () => {
    assert.isAtLeast(died(), 500)
  })
})
