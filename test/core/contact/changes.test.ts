/**
 * Changes come to the same on both sides: of one sender in their order, of two senders in any order. Two copies of one conversation
 * take in the same contents, each in an order of its own. Docs: protocol.md, "Changes".
 */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type Change, changed, isEmoji, nextSetting, standing } from "../../../src/core/contact/changes.ts"
import { type Entry, entry, type Settings } from "../../../src/core/contact/records.ts"
import type { Timer } from "../../../src/core/content.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

type Side = "inviter" | "joiner"
const SIDES: ReadonlyArray<Side> = ["inviter", "joiner"]
const MESSAGES = 3

const idOf = (by: Side, index: number) => new Uint8Array(16).fill(by === "inviter" ? index : 100 + index)

/** What one side wants: a change of some message, or nothing that it may. */
const wish = fc.record({
  kind: fc.constantFrom("edit" as const, "edit" as const, "deletion" as const, "reaction" as const),
  of: fc.constantFrom(...SIDES),
  index: fc.nat({ max: MESSAGES }),
  text: fc.constantFrom("a", "b", ""),
  emoji: fc.option(fc.oneof(wire.emoji, fc.constant("no emoji")), { nil: undefined }),
})

const changeOf = ({ emoji, index, kind, of, text }: Wish, number: number): Change => {
  const fields = { id: new Uint8Array(16), number, target: idOf(of, index) }
  if (kind === "edit") return { kind, ...fields, text }
  return kind === "deletion" ? { kind, ...fields } : { kind, ...fields, ...(emoji !== undefined && { emoji }) }
}
interface Wish {
  readonly kind: "edit" | "deletion" | "reaction"
  readonly of: Side
  readonly index: number
  readonly text: string
  readonly emoji: string | undefined
}

const begin = (me: Side): Map<string, Entry> =>
  new Map(
    SIDES.flatMap((by) =>
      Array.from({ length: MESSAGES }, (_, index) => {
        const id = idOf(by, index)
        return [`${id}`, { mine: by === me, id, number: index, at: 0, text: "first", gap: 0 }] as const
      }),
    ),
  )

const apply = (messages: Map<string, Entry>, me: Side, by: Side, change: Change) => {
  const before = messages.get(`${change.target}`)
  const next = before && changed(before, change, by === me ? "me" : "peer")
  if (next === undefined) return
  assert.isDefined(entry.decode(entry.encode(next)), "what it became can be kept")
  messages.set(`${change.target}`, next)
}

/** As both see it: mine and theirs become whose. */
const seen = (messages: Map<string, Entry>, me: Side) =>
  [...messages.values()].map(({ mine, myReaction, theirReaction, ...rest }) => ({
    ...rest,
    by: mine === (me === "inviter") ? "inviter" : "joiner",
    inviter: me === "inviter" ? myReaction : theirReaction,
    joiner: me === "inviter" ? theirReaction : myReaction,
  }))

describe("changes", () => {
  it("come to the same on both sides, however the two sequences meet, be they repeated or of what is not there", () => {
    fc.assert(
      fc.property(
        fc.array(wish, { maxLength: 12 }),
        fc.array(wish, { maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.boolean()),
        (inviter, joiner, first, second) => {
          const states = SIDES.map((me, side) => {
            const messages = begin(me)
            const queues = { inviter: inviter.map(changeOf), joiner: joiner.map(changeOf) }
            for (const from of side === 0 ? first : second) {
              const by: Side = from ? "inviter" : "joiner"
              const change = queues[by].shift()
              if (change !== undefined) apply(messages, me, by, change)
              if (queues.inviter.length + queues.joiner.length === 0) break
            }
            return seen(messages, me)
          })
          assert.deepEqual(states[0], states[1])
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it("keep their rules: only the sender's, the last edit stands, nothing comes back after a deletion", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...SIDES), wish), { maxLength: 20 }), (wishes) => {
        const messages = begin("inviter")
        for (const [number, [by, one]] of wishes.entries()) {
          const change = changeOf(one, number)
          const before = messages.get(`${change.target}`)
          apply(messages, "inviter", by, change)
          const after = messages.get(`${change.target}`)
          if (before === undefined) assert.isUndefined(after)
          else if (before.became === "deleted" || (one.kind !== "reaction" && one.of !== by))
            assert.equal(after, before)
          else if (one.kind === "edit") assert.equal(after!.text, one.text || before.text)
          else if (one.kind === "deletion") {
            assert.deepEqual(
              [after!.text, after!.became, after!.myReaction, after!.theirReaction],
              ["", "deleted", undefined, undefined],
            )
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe("two timers", () => {
  /** Set by somebody, or told to the other. */
  const move = fc.oneof(
    fc.record({ set: fc.constantFrom(...SIDES), timer: fc.option(wire.timer, { nil: undefined }) }),
    fc.record({ tell: fc.constantFrom(...SIDES) }),
  )

  it("come to one on both sides, and what was set knowing the other stands", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const known: Record<Side, Settings> = { inviter: {}, joiner: {} }
        const told: Record<Side, Array<NonNullable<Settings["mine"]>>> = { inviter: [], joiner: [] }
        const hear = (by: Side) => {
          const setting = told[by].shift()
          const to = by === "inviter" ? "joiner" : "inviter"
          if (setting !== undefined) known[to] = { ...known[to], theirs: setting }
        }
        const set = (by: Side, timer: Timer | undefined) => {
          const setting = nextSetting(known[by], timer)
          known[by] = { ...known[by], mine: setting }
          told[by].push(setting)
          assert.equal(standing(known[by], by), setting, "whoever sets it sees it set")
        }
        for (const one of moves) "set" in one ? set(one.set, one.timer) : hear(one.tell)
        for (const by of SIDES) while (told[by].length > 0) hear(by)
        assert.deepEqual(standing(known.inviter, "inviter"), standing(known.joiner, "joiner"))
        set("joiner", undefined)
        hear("joiner")
        assert.isUndefined(standing(known.inviter, "inviter")?.timer)
      }),
      { numRuns: 1_000 },
    )
  })

  it("of a peer that claims to know what was never set lets ours stand", () => {
    const theirs = { own: 0xffff_ffff, seen: 0xffff_ffff, timer: { after: 1, from: "reading" as const } }
    const mine = nextSetting({ theirs }, undefined)
    for (const role of SIDES) assert.equal(standing({ mine, theirs }, role), mine)
  })
})

describe("an emoji", () => {
  it("is one, whole, and nothing else", () => {
    fc.assert(fc.property(wire.emoji, (one) => isEmoji(one) && !isEmoji(`${one}${one}`) && !isEmoji(`${one} `)))
    for (const text of ["", "a", "1", "ok", "👍👍", "\u200d", "\ufe0f", "🇫", "👍\u200d", "<b>"])
      assert.isFalse(isEmoji(text), text)
    fc.assert(fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => !isEmoji(text)))
  })
})
