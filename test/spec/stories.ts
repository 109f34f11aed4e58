/**
 * Stories in which each side is killed at every boundary: what two people do until everything is quiet. Told by the files of
 * boundaries. Docs: simulator.md, "Crashes".
 */
import { assert, it } from "vitest"
import { type Story, surveyBoundaries } from "../../src/spec/simulation/boundaries.ts"
import { showTimeline } from "../../src/spec/simulation/timeline.ts"

export const stories: ReadonlyArray<Story> = [
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
    seed: 22,
    paired: true,
    copied: "alice",
    choices: [["wait", 1_500]],
  },
  {
    title: "cloned: the joiner's state is opened twice, and one of the two stops",
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

/** In which keys are agreed anew. */
export const isHealing = ({ title }: Story): boolean => title.startsWith("healing:")

/** Of those, the ones that begin with an old state instead of none. */
export const isRestored = (story: Story): boolean => isHealing(story) && story.title.includes("from a backup")

/** In which two copies of one state are about. */
export const isCloned = ({ title }: Story): boolean => title.startsWith("cloned:")

/** Kills each side at each boundary of each story, in a test for each. Returns how many have died until now. */
export const surveyed = (told: ReadonlyArray<Story>): (() => number) => {
  let all = 0
  for (const story of told) {
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
  return () => all
}
