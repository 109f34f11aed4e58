/**
 * Two people who write, answer, edit, delete (for everyone, for themselves), react and set timers at random, while the network loses,
 * repeats and reorders, processes die and people are offline. Told as what each of the two has in the end.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { SottoError } from "../../src/core/errors.ts"
import type { ContactHandle } from "../../src/core/messenger/contact-handle.ts"
import type { Message } from "../../src/core/messenger/values.ts"
import { type Dice, makeDice } from "../../src/spec/simulation/dice.ts"
import { paired } from "../../src/spec/simulation/paired.ts"
import { rest } from "../../src/spec/simulation/rest.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"

const PEERS = ["alice", "bob"] as const
type Side = 0 | 1

/** What both have to say the same of. */
interface Had {
  readonly id: string
  readonly by: Side
  readonly text: string
  readonly replyTo: string | undefined
  readonly edited: boolean
  readonly deleted: boolean
  readonly timer: unknown
  /** Of alice, of bob. */
  readonly reactions: readonly [string | undefined, string | undefined]
}

export interface Merged {
  readonly settled: boolean
  /** What each has. */
  readonly had: readonly [ReadonlyArray<Had>, ReadonlyArray<Had>]
  /** What each has deleted for themselves. */
  readonly removed: readonly [ReadonlySet<string>, ReadonlySet<string>]
  readonly timers: readonly [unknown, unknown]
  /** Changes that an engine accepted, by kind. */
  readonly done: Readonly<Record<string, number>>
}

const EMOJI = ["👍", "❤️", "😂"]
const DAY = 24 * 3_600_000
const MOVES = 40
/** Looked at when somebody picks a message to change; the latest are changed most. */
const PAGE = 12

export const mergedRun = async (seed: number): Promise<Merged> => {
  const dice = makeDice(seed ^ 0x3e49e)
  const from = await paired(seed, PEERS, "fast")
  const run = await simulate({ seed, peers: PEERS, crypto: "fast", reborn: true, detail: false, from })
  const removed: readonly [Set<string>, Set<string>] = [new Set(), new Set()]
  const done: Record<string, number> = {}
  try {
    await run.step(["wait", 2_000])
    run.set({ loss: 0.15, duplicate: 0.1, reorder: 0.3, delay: 200, crash: 0.002, torn: 0.5 })
    for (let i = 0; i < MOVES; i++) await move(run, dice, removed, done)
    const settled = await rest(run)
    const had = [await hadBy(run, 0), await hadBy(run, 1)] as const
    const timers = [contactOf(run, 0)?.conversation.timer.get(), contactOf(run, 1)?.conversation.timer.get()] as const
    return { settled, had, removed, timers, done }
  } finally {
    run.close()
  }
}

const contactOf = (run: Simulation, side: Side): ContactHandle | undefined =>
  run.intents.contact(PEERS[side], PEERS[side === 0 ? 1 : 0])

/** Something befalls the world, or one of the two does something. */
const move = async (
  run: Simulation,
  dice: Dice,
  removed: Merged["removed"] & readonly [Set<string>, Set<string>],
  done: Record<string, number>,
): Promise<void> => {
  const side: Side = dice.chance(0.5) ? 0 : 1
  const roll = dice.upTo(99)
  if (roll < 12) return void (await run.step(["wait", [5, 60, 900, 5_000][dice.upTo(3)]!]))
  if (roll < 15) return void (await run.step(["crash", PEERS[side]]))
  if (roll < 18) return void (await run.step(["partition", PEERS[side]]))
  if (roll < 23) return void (await run.step(["reconnect"]))
  if (roll < 25) return void (await run.step(["cut"]))
  const contact = contactOf(run, side)
  if (contact === undefined) return
  const drawn = { place: dice.next(), words: `words ${dice.upTo(9_999)}`, emoji: EMOJI[dice.upTo(3)] ?? null }
  const acts = (name: string, effect: Effect.Effect<unknown, SottoError>, then = () => {}) =>
    run.life(PEERS[side])!.process.fork(effect, (exit) => {
      if (Exit.isFailure(exit)) return
      done[name] = (done[name] ?? 0) + 1
      then()
    })
  const { conversation } = contact
  /** One of the latest messages: ours, or of either. */
  const onOne = (own: boolean, act: (id: string) => Effect.Effect<unknown, SottoError>) =>
    Effect.flatMap(conversation.page({ limit: PAGE }), (page) => {
      const choice = page.filter(({ from, kind }) => kind === "text" && (!own || from === "me"))
      const one = choice[Math.floor(drawn.place * choice.length)]
      return one === undefined ? Effect.void : act(one.id)
    })
  if (roll < 50) acts("send", conversation.send(drawn.words))
  else if (roll < 58)
    acts(
      "reply",
      onOne(false, (replyTo) => conversation.send(drawn.words, { replyTo })),
    )
  else if (roll < 70)
    acts(
      "edit",
      onOne(true, (id) => conversation.edit(id, drawn.words)),
    )
  else if (roll < 76)
    acts(
      "delete",
      onOne(true, (id) => conversation.remove(id, "everyone")),
    )
  else if (roll < 80) {
    const forMe = (id: string) => {
      // Whether or not it is told that it was done: it may have been.
      removed[side].add(id)
      return conversation.remove(id, "me")
    }
    acts("deleteForMe", onOne(false, forMe))
  } else if (roll < 94)
    acts(
      "react",
      onOne(false, (id) => conversation.react(id, drawn.emoji)),
    )
  else {
    const after = [1, 7][dice.upTo(2)]
    const from = dice.chance(0.5) ? "reading" : "sending"
    acts("timer", conversation.setTimer(after === undefined ? undefined : { after: after * DAY, from }))
  }
  await run.step(["wait", dice.chance(0.5) ? 0 : 30])
}

const hadBy = async (run: Simulation, side: Side): Promise<ReadonlyArray<Had>> => {
  const contact = contactOf(run, side)
  let all: ReadonlyArray<Message> = []
  if (contact === undefined) return []
  run.life(PEERS[side])!.process.fork(contact.conversation.page({ after: "", limit: 500 }), (exit) => {
    if (Exit.isSuccess(exit)) all = exit.value
  })
  await run.step(["wait", 0])
  const other: Side = side === 0 ? 1 : 0
  return all
    .filter(({ kind }) => kind === "text")
    .map(({ deleted, edited, from, id, reactions, replyTo, text, timer }) => {
      const by = (own: boolean) => reactions.find((one) => (one.from === "me") === own)?.emoji
      return {
        ...{ id, text, replyTo, edited, deleted, timer },
        by: from === "me" ? side : other,
        reactions: side === 0 ? [by(true), by(false)] : [by(false), by(true)],
      }
    })
}

/** What is not the same on both sides, for a person; undefined: nothing. */
export const difference = ({ had, removed, settled, timers }: Merged): string | undefined => {
  if (!settled) return "it never came to rest"
  const ids = had.map((all) => new Set(all.map(({ id }) => id)))
  for (const side of [0, 1] as const) {
    const other = side === 0 ? 1 : 0
    // What was deleted for everyone before the other had it never came there.
    const lost = had[side].find(({ deleted, id }) => !deleted && !ids[other]!.has(id) && !removed[other].has(id))
    if (lost !== undefined) return `${PEERS[other]} lacks ${JSON.stringify(lost)}`
  }
  for (const by of [0, 1] as const) {
    const [a, b] = had.map((all, side) => all.filter((one) => one.by === by && ids[side === 0 ? 1 : 0]!.has(one.id)))
    for (const [i, one] of a!.entries()) {
      const [mine, theirs] = [JSON.stringify(one), JSON.stringify(b![i])]
      if (mine !== theirs) return `alice has ${mine} where bob has ${theirs}`
    }
  }
  const [mine, theirs] = timers.map((timer) => JSON.stringify(timer))
  return mine === theirs ? undefined : `alice's timer is ${mine}, bob's ${theirs}`
}
