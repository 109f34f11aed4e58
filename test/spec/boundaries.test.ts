/**
 * Pairing, sending, receiving, locking: each side killed at every place where it touches the world, in every way to die there; and in
 * pairs, in all stories. DL and SM hold after each. A failure says who died where; `sotto fuzz` has its timeline.
 */
import { assert, describe, it } from "vitest"
import { boundariesOf, isSameAsNext, type Passage, type Story, tellWith } from "../../src/spec/simulation/boundaries.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { FATES } from "../../src/spec/simulation/faults.ts"
import { isCloned, isHealing, stories, surveyed } from "./stories.ts"

describe("whoever dies comes back and goes on:", () => {
  const died = surveyed(stories.filter((story) => !isHealing(story) && !isCloned(story)))

  it("nobody can tell a death among reads from one at what is written next", async () => {
    const stood: Array<number> = []
    // One conversation reads too seldom for all of it: a host knows what it committed.
    const passages: Array<readonly [Story, Passage]> = []
    for (const story of stories.slice(1, 3)) {
      for (const passage of await boundariesOf(story)) passages.push([story, passage])
    }
    for (const [story, passage] of passages) {
      for (let at = 0, pairs = 0; at < passage.passed.length && pairs < 4; at++) {
        if (!isSameAsNext(passage, at)) continue
        let end = at + 1
        while (isSameAsNext(passage, end)) end++
        const lives: Array<ReadonlyArray<string>> = []
        for (const crash of [
          { peer: passage.peer, at, fate: "lost" },
          { peer: passage.peer, at, fate: "committed" },
          { peer: passage.peer, at: end, fate: "lost" },
        ] as const) {
          const { lines } = await tellWith(story, [crash], true)
          lives.push(lines.map((line) => `${line.at} ${line.peer} ${line.what.replace(/dies at .*/, "dies")}`))
        }
        assert.deepEqual(lives[0], lives[1])
        // Where somebody dies earlier, other ids and delays are drawn: what people are told and shown stays.
        const told = (life: ReadonlyArray<string> = []) =>
          life.flatMap((line) => /\w+ is shown .*/.exec(line) ?? /\w+ (?=accepted)/.exec(line) ?? []).sort()
        assert.deepEqual(told(lives[0]), told(lives[2]))
        stood.push(end - at)
        pairs += 1
        at = end
      }
    }
    assert.isAtLeast(stood.length, 6)
  })

  it("two deaths, anywhere", { timeout: 600_000 }, async () => {
    const dice = makeDice(16)
    const counted = new Map<Story, Awaited<ReturnType<typeof boundariesOf>>>()
    for (let i = 0; i < 40; i++) {
      const story = stories[i % stories.length]!
      const counts = counted.get(story) ?? (await boundariesOf(story))
      counted.set(story, counts)
      const crash = () => {
        const { passed, peer } = counts[dice.upTo(1)]!
        return { peer, at: dice.upTo(passed.length - 1), fate: FATES[dice.upTo(3)]! }
      }
      const crashes = [crash(), crash()]
      const { violations } = await tellWith(story, crashes)
      assert.deepEqual(violations, [], JSON.stringify({ story: story.title, crashes }))
    }
    assert.isAtLeast(died(), 500)
  })
})
