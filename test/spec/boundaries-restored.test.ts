/**
 * Healing after a backup: each side killed at every place where it touches the world while keys are agreed anew, in every way to
 * die there; with `LONG=1` whoever comes back, without it the inviter. DL and SM hold after each. See stories.ts.
 */
import { assert, describe, it } from "vitest"
import { inFull } from "../long.ts"
import { isRestored, stories, surveyed } from "./stories.ts"

describe("whoever dies while keys are agreed anew after a backup comes back and goes on:", () => {
  const died = surveyed(stories.filter(isRestored).slice(0, inFull(2, 1)))

  it("in every way that differs", () => {
    assert.isAtLeast(died(), inFull(500, 250))
  })
})
