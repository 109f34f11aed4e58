/**
 * Healing after a backup: each side killed at every place where it touches the world while keys are agreed anew, in every way to
 * die there, whoever comes back. DL and SM hold after each. See stories.ts.
 */
import { assert, describe, it } from "vitest"
import { isRestored, stories, surveyed } from "./stories.ts"

describe("whoever dies while keys are agreed anew after a backup comes back and goes on:", () => {
  const died = surveyed(stories.filter(isRestored))

  it("in every way that differs", () => {
    assert.isAtLeast(died(), 500)
  })
})
