/** Healing with somebody at every frame: lost, cut off, died, heard before, sent back, made up. */
import { assert, describe, it } from "vitest"
import { encodeFrame, type FrameKind } from "../../src/core/frame.ts"
import { again, noticesOf, sameTalk, sendAll, whole } from "../engine/healing.ts"
import { two } from "../engine/healing-runs.ts"
import { type Pair, type Person, talk } from "../engine/people.ts"
import { inWorld, type World } from "../engine/world.ts"

const KINDS: ReadonlyArray<FrameKind> = ["ask", "tell", "hello", "bundle", "accept", "confirm"]
const isOf = (kind: string | undefined) => KINDS.includes(kind as FrameKind)

/** Does something once, when the first frame of a kind is about to reach somebody after `when`. */
const onFirst = (people: ReadonlyArray<Person>, kind: FrameKind, act: (receiver: Person) => boolean) => {
  let done = false
  for (const one of people) {
    one.tap.incoming = (frame) => {
      if (done || one.tap.arrived.at(-1)!.kind !== kind) return [frame]
      done = true
      return act(one) ? [frame] : []
    }
  }
  return () => done
}

/** Everything that a handshake could change: keys, secrets, lives, the conversation, and what would be under way. */
const agreedBy = ({ shelves }: Person) =>
  [...shelves.hosts.values()].flatMap(({ records, rows }) => [
    ...[...records]
      .filter(([id]) => /^(keys|healing|life|history)\/|^layer\/transcript$/.test(id))
      .map(([id, bytes]) => `${id} ${Buffer.from(bytes).toString("hex")}`),
    ...[...rows.keys()].filter((id) => id.endsWith("/again")),
  ])

const goesOn = async (world: World, { toAlice, toBob }: Pick<Pair, "toAlice" | "toBob">) => {
  await sendAll(world, toBob, ["two"])
  await sendAll(world, toAlice, ["zwei"])
  await world.until("all is had", () => whole(toBob, toAlice))
  const { a, b } = await sameTalk(world, toBob, toAlice)
  assert.deepEqual(b.sees, ["one", "two"])
  assert.deepEqual(a.sees, ["eins", "zwei"])
  assert.isAtLeast(a.notices.length, 1)
  assert.deepEqual(a.notices, b.notices)
}

describe("new keys are agreed", () => {
  for (const kind of KINDS) {
    it(`when a frame of kind ${kind} is lost, when the link is cut at it, and when whoever gets it dies`, async () => {
      for (const harm of ["lost", "cut", "dies"] as const) {
        await inWorld(async (world) => {
          const people = await two(world)
          let { toAlice, toBob } = people
          await sendAll(world, toBob, ["one"])
          await sendAll(world, toAlice, ["eins"])
          await world.until("all is had", () => whole(toBob, toAlice))
          let dead: Person | undefined
          const happened = onFirst([people.alice, people.bob], kind, (receiver) => {
            if (harm === "lost") return false
            if (harm === "cut") for (const link of receiver.tap.links) link.close()
            dead = receiver
            return harm === "dies"
          })
          await world.hear(toBob.renewKeys())
          await world.until(`a ${kind} came`, happened)
          if (harm === "dies" && dead !== undefined) {
            const back = await again(world, dead)
            if (dead === people.alice) toBob = back.contact
            else toAlice = back.contact
          }
          await world.until(
            "the keys are new",
            () => whole(toBob, toAlice) && toBob.session.get().state === "established",
          )
          await goesOn(world, { toAlice, toBob })
        })
      }
    })
  }
})

describe("a handshake beside a session", () => {
  it("comes to nothing where all of it was heard before, is sent back, or is made up", () =>
    inWorld(async (world) => {
      const { alice, bob, toAlice, toBob } = await two(world)
      await sendAll(world, toBob, ["one"])
      await world.hear(toBob.renewKeys())
      await world.pass(5_000)
      await world.until("the keys are new", () => whole(toBob, toAlice))
      const before = [agreedBy(alice), agreedBy(bob)]
      const heard = [alice, bob].map(({ tap }) =>
        tap.arrived.filter(({ kind }) => isOf(kind)).map(({ frame }) => frame),
      )
      assert.isAbove(heard.flat().length, 8)
      for (const [i, one] of [alice, bob].entries()) {
        const link = one.tap.links.findLast(({ isOpen }) => isOpen())!
        const noise = (length: number) => new Uint8Array(length).fill(7)
        const madeUp = [
          encodeFrame({ kind: "ask", message: noise(100) }),
          encodeFrame({ kind: "tell", message: noise(600) }),
          encodeFrame({ kind: "hello", message: noise(300) }),
        ]
        // Heard before; one's own; nobody's.
        for (const frame of [...heard[i]!, ...heard[1 - i]!, ...madeUp]) {
          link.deliver(frame)
          await world.settle()
        }
      }
      await world.pass(5_000)
      await world.until("all is quiet", () => whole(toBob, toAlice))
      assert.deepEqual([agreedBy(alice), agreedBy(bob)], before)
      assert.deepEqual(noticesOf(await talk(world, toBob)), ["renewed"])
    }))

  it("is not even begun through somebody whose channel ends with them", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await two(world)
      await sendAll(world, toBob, ["one"])
      await world.until("all is had", () => whole(toBob, toAlice))
      // From now on every link has another channel at each end.
      alice.tap.binding = () => new Uint8Array(32).fill(9)
      for (const link of alice.tap.links) link.close()
      await world.hear(toBob.renewKeys())
      await sendAll(world, toBob, ["two"])
      await world.pass(120_000)
      const sealed = alice.tap.sent.filter(({ kind }) => kind === "hello" || kind === "bundle")
      assert.lengthOf(sealed.slice(2), 0)
      assert.deepEqual((await sameTalk(world, toBob, toAlice)).b.sees, ["one"])
      alice.tap.binding = (genuine) => genuine
      for (const link of alice.tap.links) link.close()
      await world.until("all is had", () => whole(toBob, toAlice))
      assert.deepEqual((await sameTalk(world, toBob, toAlice)).b.sees, ["one", "two"])
    }))
})
