/**
 * Two copies of one state: each side killed at every place where it touches the world while one of them stops, in every way to die
 * there; with `LONG=1` whoever's state it is, without it the inviter's. DL and SM hold after each. See stories.ts.
 */
import { assert, describe, it } from "vitest"
import { inFull } from "../long.ts"
import { isCloned, stories, surveyed } from "./stories.ts"

describe("whoever dies while two copies are about comes back and goes on:", () => {
  const died = surveyed(stories.filter(isCloned).slice(0, inFull(2, 1)))

  it("in every way that differs", () => {
    assert.isAtLeast(died(), inFull(500, 300))
  })
})
