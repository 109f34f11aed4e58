/**
 * A conversation in which everything disappears, told from one side: what is delivered, what waits, what was edited, what waits
 * for its turn. Then its lives: processes that die at each commit of the erasing, clocks that are set. Docs: protocol.md,
 * "Disappearing messages".
 */
import * as Effect from "effect/Effect"
import { vi } from "vitest"
import { makeShelves, memory, type Shelves } from "../../src/adapters/storage/memory.ts"
import { decodeFrame } from "../../src/core/frame.ts"
import type { Batch, Storage } from "../../src/core/store.ts"
import type { Contact, Message } from "../../src/index.ts"
import type { ExpiryObservation, Look } from "../../src/spec/invariants/expiry.ts"
import { type Person, pair, person, talk } from "./people.ts"
import { inWorld, type World } from "./world.ts"

/** How long everything stays. */
const LIFE = 60_000
const MONTH = 30 * 24 * 3_600_000

/** More than one commit erases. */
const WAITING = 70

/** Words that can be told from everything else that is kept. */
export const WORDS = {
  delivered: "canary delivered",
  edited: "canary edited",
  theirs: "canary theirs",
  waiting: "canary waiting",
  waitingEdit: "canary waiting edit",
  early: "canary early",
} as const

const copyOf = (shelves: Shelves): Shelves => {
  const copy = makeShelves()
  for (const [id, { outward, records, rows, version }] of shelves.hosts) {
    const bytes = [...records].map(([name, record]) => [name, record.slice()] as const)
    copy.hosts.set(id, { version, rows: new Map(rows), records: new Map(bytes), outward: new Map(outward) })
  }
  return copy
}

/** Every byte of every record, row and command, as text: words are ASCII. */
const everythingIn = (shelves: Shelves): string =>
  [...shelves.hosts.values()]
    .flatMap(({ outward, records, rows }) => [
      ...[...records].map(([name, bytes]) => `${name} ${Buffer.from(bytes).toString("latin1")}`),
      ...[...rows].map(String),
      ...[...outward].map(String),
    ])
    .join("\n")

const wordsIn = (text: string): ReadonlyArray<string> => Object.values(WORDS).filter((word) => text.includes(word))

/** How many frames stand under numbers whose content is a message still, by the record beside them. */
const framesIn = (shelves: Shelves, over: ReadonlyArray<string>): number =>
  [...shelves.hosts.values()].reduce((sum, { records }) => {
    const frames = [...records.keys()].filter((name) => /^frame\/\d+$/.test(name))
    const words = frames.map((name) => {
      const number = name.slice("frame/".length).padStart(10, "0")
      return Buffer.from(records.get(`outgoing/${number}`) ?? []).toString("latin1")
    })
    return sum + words.filter((text) => over.some((word) => text.includes(word))).length
  }, 0)

const isErasing = ({ records }: Batch): boolean =>
  [...records].some(([name, bytes]) => name.startsWith("expiry/") && bytes === undefined)

/** A process that ends at its `at`-th commit that erases, before or after it is durable. */
const dying = (inner: Storage, at: number, committed: boolean) => {
  let count = 0
  let dead = false
  const alive = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => (dead ? Effect.never : effect))
  const storage: Storage = {
    ...inner,
    // Who is dead waits for nothing.
    freed: Effect.never,
    open: Effect.map(inner.open, (store) => ({
      ...store,
      read: (host, record) => alive(store.read(host, record)),
      list: (host, range) => alive(store.list(host, range)),
      commit: (batch: Batch) =>
        alive(
          Effect.suspend(() => {
            if (!isErasing(batch) || ++count !== at) return store.commit(batch)
            dead = true
            return committed ? Effect.andThen(store.commit(batch), Effect.never) : Effect.never
          }),
        ),
    })),
  }
  return { storage, isDead: () => dead }
}

interface Told {
  readonly shelves: Shelves
  /** When the conversation was told. */
  readonly at: number
}

/** Alice's side of it. Everything of it is due a minute after it was told. */
const tell = async (world: World): Promise<Told> => {
  const [alice, bob] = [await person(world, { name: "Alice" }), await person(world, { name: "Bob" })]
  const { toAlice, toBob } = await pair(world, alice, bob)
  const say = async (contact: Contact, text: string) => {
    const sent = await world.hear(contact.send(text))
    await world.hear(sent.until("delivered"))
    return sent
  }
  await world.hear(toBob.setTimer({ after: LIFE, from: "sending" }))
  await world.until("Bob knows", () => toAlice.timer.get()?.after === LIFE)
  const first = await say(toBob, WORDS.delivered)
  await world.hear(toBob.edit(first.id, WORDS.edited))
  await world.hear(toAlice.react(first.id, "👍"))
  await say(toAlice, WORDS.theirs)
  // One of Bob's is lost, so the one after it waits for its turn at Alice's.
  let sealed = 0
  bob.tap.outgoing = (frame) => (decodeFrame(frame)?.kind === "sealed" && sealed++ === 0 ? [] : [frame])
  await world.hear(Promise.all([toAlice.send("lost on the way"), toAlice.send(WORDS.early)]))
  await world.settle()
  bob.tap.outgoing = () => []
  await world.hear(toBob.setTimer({ after: LIFE, from: "reading" }))
  await world.hear(bob.me.close())
  await world.hear(toBob.setTimer({ after: LIFE, from: "sending" }))
  const [waiting] = await world.hear(Promise.all(Array.from({ length: WAITING }, () => toBob.send(WORDS.waiting))))
  await world.hear(toBob.edit(waiting!.id, WORDS.waitingEdit))
  await world.hear(toBob.react(waiting!.id, "❤️"))
  await world.pass(10)
  const at = world.now()
  await world.hear(alice.me.close())
  return { shelves: alice.shelves, at }
}

const lookAt = async (world: World, one: Person, after: string, over: ReadonlyArray<string>): Promise<Look> => {
  const shown = await talk(world, one.me.contacts.get()[0]!)
  return {
    after,
    over,
    kept: wordsIn(everythingIn(one.shelves)),
    shown: wordsIn(JSON.stringify(shown)),
    frames: framesIn(one.shelves, over),
  }
}

const ALL = Object.values(WORDS)

/** One life that dies while it erases, if it comes so far, and the next one, which is looked at. */
const lives = async (world: World, { at, shelves: told }: Told, commit: number, committed: boolean) => {
  const shelves = copyOf(told)
  vi.setSystemTime(at)
  const { isDead, storage } = dying(memory(shelves), commit, committed)
  // It may die while it opens.
  const opening = person(world, { shelves, storage: () => storage }).catch(() => undefined)
  await world.settle()
  await world.pass(LIFE)
  if (!isDead()) {
    const one = await opening
    if (one === undefined) throw new Error("a life that neither opened nor died")

    const look = await lookAt(world, one, "its time in the open", ALL)
    await world.hear(one.me.close())
    return { looks: [look], died: false }
  }
  shelves.taken = false
  const next = await world.hear(person(world, { shelves }))
  const looks = [await lookAt(world, next, `dying at commit ${commit}, ${committed ? "kept" : "lost"}`, ALL)]
  await world.hear(next.me.close())
  vi.setSystemTime(at - MONTH)
  const before = await person(world, { shelves })
  looks.push(await lookAt(world, before, "a clock set back by a month", ALL))
  await world.hear(before.me.close())
  return { looks, died: true }
}

/** A clock that is set back before anything is due: nothing stays longer than its timer from then on. */
const setBack = async (world: World, { at, shelves: told }: Told): Promise<ReadonlyArray<Look>> => {
  const shelves = copyOf(told)
  vi.setSystemTime(at - MONTH)
  const one = await person(world, { shelves })
  const looks = [await lookAt(world, one, "a clock set back before anything was due", [])]
  await world.pass(LIFE + 10)
  looks.push(await lookAt(world, one, "a minute by that clock", ALL))
  await world.hear(one.me.close())
  return looks
}

/** An edit that reaches the other side when its message has disappeared, ahead of one before it that was lost. */
export const lateEdit = (): Promise<Look> =>
  inWorld(async (world) => {
    const [alice, bob] = [await person(world, { name: "Alice" }), await person(world, { name: "Bob" })]
    const { toAlice, toBob } = await pair(world, alice, bob)
    await world.hear(toAlice.setTimer({ after: LIFE, from: "sending" }))
    const sent = await world.hear(toAlice.send(WORDS.delivered))
    await world.hear(sent.until("delivered"))
    await world.pass(LIFE - 1_000)
    const held: Array<Uint8Array> = []
    bob.tap.outgoing = (frame) => {
      if (decodeFrame(frame)?.kind === "sealed") held.push(frame)
      return []
    }
    await world.hear(toAlice.send("lost on the way"))
    await world.settle()
    const before = held.length
    await world.hear(toAlice.edit(sent.id, WORDS.waitingEdit))
    await world.settle()
    const late = held[before]!
    await world.pass(2_000)
    alice.tap.links.findLast(({ isOpen }) => isOpen())!.deliver(late)
    await world.pass(10)
    const look = { ...(await lookAt(world, alice, "an edit that came late", ALL)), frames: 0 }
    for (const { me } of [alice, bob]) await world.hear(me.close())
    void toBob
    return look
  })

export interface Lived extends ExpiryObservation {
  /** Words that were there before their time was over: the look sees them. */
  readonly before: ReadonlyArray<string>
  /** Lives that ended in a commit. */
  readonly deaths: number
  readonly left: ReadonlyArray<Message>
}

/** Dies at every commit that erases, or at the first few, before and after it is durable. */
export const liveOut = (most = Number.POSITIVE_INFINITY): Promise<Lived> =>
  inWorld(async (world) => {
    const told = await tell(world)
    const disks: Array<ReadonlyArray<Look>> = []
    let deaths = 0
    for (const committed of [false, true]) {
      for (let commit = 1; commit <= most; commit++) {
        const life = await lives(world, told, commit, committed)
        disks.push(life.looks)
        if (!life.died) break
        deaths++
      }
    }
    disks.push(await setBack(world, told))
    const shelves = copyOf(told.shelves)
    vi.setSystemTime(told.at + LIFE)
    const last = await person(world, { shelves })
    const left = await talk(world, last.me.contacts.get()[0]!)
    await world.hear(last.me.close())
    return { disks, deaths, left, before: wordsIn(everythingIn(told.shelves)) }
  })
