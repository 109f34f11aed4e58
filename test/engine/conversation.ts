/**
 * A conversation in a bad world: links that lose, repeat, reorder and damage frames, networks that part, processes that are
 * closed or die in the middle of a commit. Told as an observation for the invariants of delivery.
 */
import { makeShelves, memory } from "../../src/adapters/storage/memory.ts"
import { type FaultyTransport, faulty } from "../../src/adapters/transport/faulty.ts"
import { entry } from "../../src/core/contact/records.ts"
import type { Contact, Message } from "../../src/index.ts"
import type { SessionContext } from "../../src/machines/session-state.ts"
import type {
  Accepted,
  Acknowledged,
  DeliveryObservation,
  Repeated,
  Shown,
  Side,
  Transmitted,
} from "../../src/spec/invariants/delivery.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import type { Move, Plan } from "./conversation-plans.ts"
import { isSettled, type Person, pair, person, talk } from "./people.ts"
import type { Tap } from "./tap.ts"
import { wholeFrames } from "./whole-frames.ts"
import { digestOf, makeWitness, type Witness } from "./witness.ts"
import { inWorld, type World } from "./world.ts"

/** Milliseconds after which a message that expires is no longer wanted. */
const LIFETIME = 4_000
/** Over one link frame, so that it travels in fragments. */
const LONG = 20_000
/** An acknowledgement takes a few milliseconds, and as many for each commit. */
const SOON = 100
const PATIENCE = 2 * 3_600_000

/** One of the two, over all lives of their process. */
interface Actor {
  person: Person
  contact: Contact
  readonly network: FaultyTransport
  readonly witness: Witness
  die: () => void
  /** Messages that were accepted, by id. */
  readonly sent: Set<string>
  readonly told: Array<string>
}

export const converse = (plan: Plan): Promise<DeliveryObservation> =>
  inWorld(async (world) => {
    const actors = await meet(world, plan)
    const observer = watchAll(world, actors)
    actors.forEach(({ network }, i) => {
      network.set(plan.faults[i]!)
    })
    for (const one of plan.moves) {
      await act(world, actors, one, observer)
      await world.settle()
    }
    for (const { network } of actors) network.heal()
    await world.pass(500)
    observer.healed = world.now()
    await Promise.all(actors.map(({ contact }) => world.hear(contact.connect())))
    const quiet = () => actors.every(({ contact }) => isSettled(contact) && underWay(contact) === 0)
    await world.until("everything has arrived", quiet, PATIENCE).catch(() => {})
    await world.pass(10_000)
    const observation = await observed(world, actors, observer)
    for (const { person: one } of actors) await world.hear(one.me.close())
    // What has not come to rest in all that time never will: that is a loss.
    return { ...observation, atRest: true }
  }, plan.seed)

const underWay = (contact: Contact): number =>
  contact.machines.get().filter(({ machine, state }) => machine === "delivery" && state !== "delivered").length

const meet = async (world: World, { seed, slow }: Plan): Promise<readonly [Actor, Actor]> => {
  const begin = async (name: string, which: number) => {
    const witness = makeWitness(slow ? makeDice(seed + which) : undefined)
    const shelves = makeShelves()
    const { die, storage } = witness.life(memory(shelves))
    let network!: FaultyTransport
    const one = await person(world, {
      name,
      shelves,
      storage: () => storage,
      transport: (inner) => {
        network = faulty(inner, { seed: seed + which })
        return network
      },
    })
    return { person: one, network, witness, die, sent: new Set<string>(), told: [] as Array<string> }
  }
  const [alice, bob] = [await begin("Alice", 1), await begin("Bob", 2)]
  const { toAlice, toBob } = await pair(world, alice.person, bob.person)
  return [
    { ...alice, contact: toBob },
    { ...bob, contact: toAlice },
  ]
}

const again = async (world: World, actor: Actor, onTap: (tap: Tap) => void) => {
  const { shelves } = actor.person
  const { die, storage } = actor.witness.life(memory(shelves))
  shelves.taken = false
  actor.die = die
  actor.person = await person(world, { shelves, storage: () => storage, transport: () => actor.network, onTap })
  actor.contact = actor.person.me.contacts.get()[0]!
}

const act = async (world: World, actors: readonly [Actor, Actor], one: Move, observer: Observer) => {
  switch (one.do) {
    case "send": {
      const actor = actors[one.by]
      const text = one.long ? "x".repeat(LONG) : "hello"
      const options = one.expires ? { expiresIn: LIFETIME } : {}
      const all = Promise.all(Array.from({ length: one.count }, (_, i) => actor.contact.send(`${text} ${i}`, options)))
      for (const { id } of await world.hear(all)) actor.sent.add(id)
      return
    }
    case "read": {
      const { contact } = actors[one.by]
      const last = (await world.hear(contact.history({ limit: 1 }))).at(-1)
      if (last !== undefined) await world.hear(contact.markRead(last.cursor))
      return
    }
    case "wait":
      return world.pass(one.ms)
    case "cut":
      for (const { person: who } of actors) for (const link of who.tap.links) link.close()
      return
    case "part":
      actors[one.who].network.partition(one.on)
      return
    case "close":
      await world.hear(actors[one.who].person.me.close())
      await again(world, actors[one.who], observer.onTap(one.who))
      return observer.watch(one.who)
    case "die": {
      // In the middle of whatever it does: a message is on its way into the storage.
      const actor = actors[one.who]
      void actor.contact.send("last words").then(
        ({ id }) => actor.sent.add(id),
        () => {},
      )
      if (one.after > 0) await world.pass(one.after)
      actor.die()
      actor.person.tap.outgoing = () => []
      actor.person.tap.incoming = () => []
      await actor.person.tap.kill()
      await again(world, actor, observer.onTap(one.who))
      return observer.watch(one.who)
    }
  }
}

interface Observer {
  readonly transmitted: Array<Transmitted>
  readonly acknowledged: Array<Acknowledged>
  readonly repeated: Array<Repeated & { readonly at: number }>
  /** From when on nothing is in the way of anything any more. */
  healed: number
  /** When each side sent an acknowledgement. */
  readonly acknowledgements: readonly [Array<number>, Array<number>]
  /** To be called with the links of a side that starts anew, and again once it has started. */
  readonly onTap: (side: Side) => (tap: Tap) => void
  readonly watch: (side: Side) => void
}

const watchAll = (world: World, actors: readonly [Actor, Actor]): Observer => {
  const transmitted: Array<Transmitted> = []
  const acknowledged: Array<Acknowledged> = []
  const repeated: Array<Repeated & { readonly at: number }> = []
  const acknowledgements = [[], []] as [Array<number>, Array<number>]

  const has = (which: Side, number: number): boolean => {
    const { early, next } = (actors[which].witness.rows.get("session/main")?.context ?? {
      next: 0,
      early: [],
    }) as SessionContext
    return number < next || early.some((one) => one.number === number)
  }

  const onTap = (which: Side) => (tap: Tap) => {
    const { witness } = actors[which]
    const other: Side = which === 0 ? 1 : 0
    const whole = wholeFrames()
    tap.outgoing = (frame, link) => {
      for (const bytes of whole("out", link, frame)) {
        const kept = witness.frames.get(digestOf(bytes))
        if (kept === undefined) throw new Error("a sealed frame that was never kept")
        const { acknowledgement, number, sealing, tombstone } = kept
        if (acknowledgement) acknowledgements[which].push(world.now())
        if (number !== undefined) transmitted.push({ by: which, number, frame: digestOf(bytes), tombstone, sealing })
      }
      return [frame]
    }
    tap.incoming = (frame, link) => {
      for (const bytes of whole("in", link, frame)) {
        const number = actors[other].witness.frames.get(digestOf(bytes))?.number
        if (number !== undefined && has(which, number)) {
          repeated.push({ to: which, number, acknowledgedAgain: false, at: world.now() })
        }
      }
      return [frame]
    }
  }

  const watch = (which: Side) => {
    const { person: me, told } = actors[which]
    const other: Side = which === 0 ? 1 : 0
    me.me.inspect(({ event, id, to }) => {
      const number = /^delivery\/(\d+)$/.exec(id)?.[1]
      if (event !== "Acknowledged" || number === undefined) return
      if (!["delivered", "settled"].includes(JSON.stringify(to).replaceAll('"', ""))) return
      acknowledged.push({
        by: other,
        number: Number(number),
        durable: has(other, Number(number)),
        sent: transmitted.some((one) => one.by === which && one.number === Number(number)),
      })
    })
    void (async () => {
      const seen = new Set<string>()
      for await (const event of me.me.events) {
        if (event.type !== "messageArrived") continue
        // A person is told again by the next life of a process that died; within one life, once.
        if (seen.has(event.message.id) || !told.includes(event.message.id)) told.push(event.message.id)
        seen.add(event.message.id)
      }
    })()
  }
  for (const which of [0, 1] as const) {
    onTap(which)(actors[which].person.tap)
    watch(which)
  }
  return { transmitted, acknowledged, repeated, acknowledgements, onTap, watch, healed: Number.POSITIVE_INFINITY }
}

const observed = async (
  world: World,
  actors: readonly [Actor, Actor],
  observer: Observer,
): Promise<DeliveryObservation> => {
  const accepted: Array<Accepted> = []
  const shown: Array<Shown> = []
  const told: Array<Pick<Shown, "to" | "number">> = []
  for (const which of [0, 1] as const) {
    const { contact, sent, witness } = actors[which]
    const other: Side = which === 0 ? 1 : 0
    const mine = new Map<string, number>()
    for (const [id, bytes] of witness.records) {
      const found = id.startsWith("history/") ? entry.decode(bytes) : undefined
      if (found?.mine === true) mine.set(Buffer.from(found.id).toString("hex"), found.number)
    }
    const states = new Map<string, Message>((await talk(world, contact)).map((message) => [message.id, message]))
    // What was accepted and is not there any more is as good as lost.
    for (const id of sent) if (!mine.has(id)) accepted.push({ by: which, number: -1, text: true, outcome: "pending" })
    const { peerHas, written } = witness.rows.get("session/main")!.context as SessionContext
    const texts = new Map([...mine].map(([id, number]) => [number, id]))
    for (let number = 0; number < written; number++) {
      const id = texts.get(number)
      const state = id === undefined ? (number < peerHas ? "delivered" : "queued") : states.get(id)?.state?.get()
      const outcome =
        state === "read"
          ? "delivered"
          : state === "queued" || state === "sent" || state === undefined
            ? "pending"
            : state
      accepted.push({ by: which, number, text: id !== undefined, outcome })
    }
    const theirs = actors[other]
    for (const { from, gap, id } of await talk(world, theirs.contact)) {
      if (from !== "me") shown.push({ to: other, number: mine.get(id) ?? -1, gap })
    }
    for (const id of theirs.told) told.push({ to: other, number: mine.get(id) ?? -1 })
  }
  const repeated = observer.repeated.map(({ at, number, to }) => ({
    to,
    number,
    // Where links come and go it may take until the next one.
    acknowledgedAgain: observer.acknowledgements[to].some(
      (time) => time >= at && (at < observer.healed || time <= at + SOON),
    ),
  }))
  const { acknowledged, transmitted } = observer
  return { accepted, shown, told, transmitted, acknowledged, repeated, early: [], atRest: true }
}
