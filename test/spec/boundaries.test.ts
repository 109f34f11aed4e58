/**
 * Pairing, sending, receiving, locking, healing: each side killed at every place where it touches the world, in every way to die there,
 * and in pairs. DL and SM hold after each. A failure says who died where; `sotto fuzz` has its timeline.
 */
import { assert, describe, it } from "vitest"
import {
  boundariesOf,
  isSameAsNext,
  type Passage,
  type Story,
  surveyBoundaries,
  tellWith,
} from "../../src/spec/simulation/boundaries.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { FATES } from "../../src/spec/simulation/faults.ts"
import { showTimeline } from "../../src/spec/simulation/timeline.ts"
import { inFull } from "../long.ts"

/** Stories that are long are told with `LONG=1`; without, only some pairs of deaths are tried in them. */
const stories: ReadonlyArray<Story & { readonly isLong?: boolean }> = [
  {
    title: "pairing",
    seed: 11,
    paired: false,
    choices: [
      ["event", "alice", { do: "pair", with: "bob" }],
      ["wait", 1_500],
    ],
  },
  {
    title: "sending and receiving, both at once",
    seed: 12,
    paired: true,
    choices: [
      ["event", "alice", { do: "send", to: "bob", text: "one" }],
      ["event", "bob", { do: "send", to: "alice", text: "two" }],
      ["wait", 100],
      ["event", "bob", { do: "read", from: "alice" }],
      ["wait", 1_500],
    ],
  },
  {
    title: "locking and unlocking with messages under way",
    seed: 14,
    paired: true,
    choices: [
      ["event", "bob", { do: "send", to: "alice", text: "are you there?" }],
      ["event", "alice", { do: "send", to: "bob", text: "not for long" }],
      ["event", "alice", { do: "lock" }],
      ["wait", 300],
      ["event", "alice", { do: "unlock" }],
      ["wait", 1_500],
    ],
  },
  {
    title: "healing: keys that are renewed, with messages of both under way",
    isLong: true,
    seed: 17,
    paired: true,
    choices: [
      ["event", "alice", { do: "send", to: "bob", text: "under the old keys" }],
      ["event", "bob", { do: "send", to: "alice", text: "so is this" }],
      ["event", "bob", { do: "renewKeys", with: "alice" }],
      ["wait", 100],
      ["event", "alice", { do: "send", to: "bob", text: "in between" }],
      ["wait", 5_000],
    ],
  },
  {
    title: "healing: the joiner's keys are gone, with messages of both under way",
    isLong: true,
    seed: 18,
    paired: true,
    choices: [
      ["event", "alice", { do: "send", to: "bob", text: "are you there?" }],
      ["event", "bob", { do: "send", to: "alice", text: "as far as I know" }],
      ["wait", 10],
      ["lose", "bob"],
      ["wait", 8_000],
    ],
  },
  {
    title: "healing: the inviter's keys are gone, with messages of both under way",
    isLong: true,
    seed: 19,
    paired: true,
    choices: [
      ["event", "alice", { do: "send", to: "bob", text: "are you there?" }],
      ["event", "bob", { do: "send", to: "alice", text: "yes, and you?" }],
      ["wait", 10],
      ["lose", "alice"],
      ["event", "bob", { do: "send", to: "alice", text: "hello?" }],
      ["wait", 10_000],
    ],
  },
  {
    title: "healing: the inviter comes back from a backup, with messages of both under way",
    isLong: true,
    seed: 20,
    paired: true,
    choices: [
      ["event", "alice", { do: "send", to: "bob", text: "is this in the backup?" }],
      ["event", "bob", { do: "send", to: "alice", text: "and is this?" }],
      ["wait", 10],
      ["restore", "alice"],
      ["event", "bob", { do: "send", to: "alice", text: "are you there?" }],
      ["wait", 8_000],
    ],
  },
  {
    title: "healing: the joiner comes back from a backup, with messages of both under way",
    isLong: true,
    seed: 21,
    paired: true,
    choices: [
      ["event", "alice", { do: "send", to: "bob", text: "is this in the backup?" }],
      ["event", "bob", { do: "send", to: "alice", text: "and is this?" }],
      ["wait", 10],
      ["restore", "bob"],
      ["event", "alice", { do: "send", to: "bob", text: "are you there?" }],
      ["wait", 8_000],
    ],
  },
  {
    title: "cloned: the inviter's state is opened twice, and one of the two stops",
    isLong: true,
    seed: 22,
    paired: true,
    copied: "alice",
    choices: [["wait", 1_500]],
  },
  {
    title: "cloned: the joiner's state is opened twice, and one of the two stops",
    isLong: true,
    seed: 23,
    paired: true,
    copied: "bob",
    choices: [["wait", 1_500]],
  },
  {
    title: "another tab takes over",
    seed: 15,
    paired: true,
    choices: [
      ["event", "alice", { do: "send", to: "bob", text: "from the first tab" }],
      ["tab", "alice", true],
      ["event", "alice", { do: "send", to: "bob", text: "from the second" }],
      ["wait", 1_500],
    ],
  },
]

describe("whoever dies comes back and goes on:", () => {
  let all = 0
  for (const story of stories.filter(({ isLong }) => inFull(true, isLong !== true))) {
    it(story.title, { timeout: 600_000 }, async () => {
      const { boundaries, crashes, deaths, failures } = await surveyBoundaries(story)
      console.log(`${story.title}: ${boundaries} boundaries, ${crashes} deaths that differ`)
      const [first] = failures
      if (first !== undefined) console.log(showTimeline(first.outcome.lines, ["alice", "bob"]))
      assert.deepEqual(
        failures.map(({ crash, outcome }) => ({ ...crash, violations: outcome.violations })),
        [],
      )
      assert.strictEqual(crashes, deaths)
      all += crashes
    })
  }

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
    assert.isAtLeast(all, inFull(1_500, 500))
  })
})
