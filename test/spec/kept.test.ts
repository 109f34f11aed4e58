/** The judge of real crashes catches what it is for: whatever is lost, doubled or moved in what a run left. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type Ended, faultsOf, type Kept } from "./kept.ts"

const lives = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 })

/** A run in which nothing went wrong: of each life so many messages. */
const whole = (counts: ReadonlyArray<number>): Ended & { readonly own: ReadonlyArray<string> } => {
  const shown = counts.flatMap((count, life) =>
    Array.from({ length: count }, (_, i): Kept => ({ id: `${life}-${i}`, text: `life${life} ${i}`, gap: 0 })),
  )
  const ids = shown.map(({ id }) => id)
  const written = counts.map((_, life) => `to ${life}`)
  return { written, arrived: written, accepted: new Set(ids.filter((_, i) => i % 2 === 0)), own: ids, shown }
}

const place = fc.nat(100)
const at = (list: ReadonlyArray<unknown>, n: number) => n % list.length
const without = <A>(list: ReadonlyArray<A>, n: number) => list.filter((_, i) => i !== at(list, n))
const doubled = <A>(list: ReadonlyArray<A>, n: number) =>
  list.flatMap((one, i) => (i === at(list, n) ? [one, one] : [one]))
const swapped = <A>(list: ReadonlyArray<A>, n: number) => {
  const i = n % (list.length - 1)
  return [...list.slice(0, i), list[i + 1]!, list[i]!, ...list.slice(i + 2)]
}

const planted: Readonly<Record<string, (run: ReturnType<typeof whole>, n: number) => Ended>> = {
  "a message of theirs is lost": (run, n) => ({ ...run, shown: without(run.shown, n) }),
  "an accepted message is lost on both sides": ({ own: _, ...run }, n) => {
    const lost = [...run.accepted][n % run.accepted.size]
    return { ...run, shown: run.shown.filter(({ id }) => id !== lost) }
  },
  "a message is shown twice": ({ own: _, ...run }, n) => ({ ...run, shown: doubled(run.shown, n) }),
  "a message is shown twice, the second time under another id": (run, n) => ({
    ...run,
    shown: doubled(run.shown, n).map((one, i) => (i === at(run.shown, n) + 1 ? { ...one, id: "again" } : one)),
  }),
  "two messages change places": (run, n) => ({ ...run, shown: swapped(run.shown, n) }),
  "something is said to be missing": (run, n) => ({
    ...run,
    shown: run.shown.map((one, i) => (i === at(run.shown, n) ? { ...one, gap: 1 } : one)),
  }),
  "a message of ours is lost there": (run, n) => ({ ...run, arrived: without(run.arrived, n) }),
  "a message of ours is there twice": (run, n) => ({ ...run, arrived: doubled(run.arrived, n) }),
  "messages of ours change places": (run, n) => ({ ...run, arrived: swapped(run.arrived, n) }),
}

describe("the judge of real crashes", () => {
  it("is content with a run in which nothing went wrong", () => {
    fc.assert(fc.property(lives, (counts) => assert.deepEqual(faultsOf(whole(counts)), [])))
  })

  for (const [what, plant] of Object.entries(planted)) {
    it(`notices where ${what}`, () => {
      fc.assert(fc.property(lives, place, (counts, n) => assert.isNotEmpty(faultsOf(plant(whole(counts), n)))))
    })
  }

  it("notices two messages of one life that change places, also where the one that crashed cannot be asked", () => {
    const { own: _, ...run } = whole([3, 3])
    assert.isNotEmpty(faultsOf({ ...run, shown: swapped(run.shown, 0) }))
  })
})
