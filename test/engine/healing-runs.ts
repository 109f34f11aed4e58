/** Short stories of healing, each with what an observer could see: for the tests, and for copies of the sources with a fault. */

import { generateRecoveryPhrase } from "../../src/backup.ts"
import { RECORD, recoverySecrets } from "../../src/core/contact/records.ts"
import { decodeFrame } from "../../src/core/frame.ts"
import { counterOf } from "../../src/core/layers/profile.ts"
import type { Contact } from "../../src/index.ts"
import type { HealingObservation } from "../../src/spec/invariants/healing.ts"
import { again, bytesOf, copyOf, sameTalk, sendAll, shelfOf, whole } from "./healing.ts"
import { type Pair, type Person, pair, person } from "./people.ts"
import { inWorld, type World } from "./world.ts"

export const two = async (world: World): Promise<Pair> =>
  pair(world, await person(world, { name: "Alice" }), await person(world, { name: "Bob" }))

/** What Bob sees after Alice came out of a backup that did not know what had arrived. */
export const repeatedAfterRestore = (): Promise<ReadonlyArray<string>> =>
  inWorld(async (world) => {
    const { alice, toAlice, toBob } = await two(world)
    alice.tap.incoming = () => []
    await sendAll(world, toBob, ["one", "two"])
    await world.pass(100)
    const recoveryPhrase = generateRecoveryPhrase()
    const file = await world.hear(alice.me.backup({ recoveryPhrase }).then(bytesOf))
    await world.hear(alice.me.close())
    const one = await person(world)
    await world.hear(one.me.restore(file, { recoveryPhrase }))
    const back = one.me.contacts.get()[0] as Contact
    await sendAll(world, back, ["three"])
    await world.until("all is had", () => whole(back, toAlice))
    return (await sameTalk(world, back, toAlice)).b.sees
  })

/** The places in the outermost layer's chain that were used for two different frames, where an old state was put back. */
export const placesUsedTwice = (): Promise<number> =>
  inWorld(async (world) => {
    const { alice, toAlice, toBob } = await two(world)
    await sendAll(world, toBob, ["one"])
    await world.until("all is had", () => whole(toBob, toAlice))
    const old = copyOf(alice.shelves)
    await sendAll(world, toBob, ["two", "three"])
    await world.until("all is had", () => whole(toBob, toAlice))
    // The peer says nothing to it.
    const onTap = (tap: Person["tap"]) => {
      tap.incoming = () => []
    }
    const back = await again(world, alice, old, { onTap })
    await sendAll(world, back.contact, ["four"])
    await world.pass(5_000)
    const used = new Map<number, string>()
    let twice = 0
    for (const { frame } of [...alice.tap.sent, ...back.person.tap.sent]) {
      const sealed = decodeFrame(frame)
      if (sealed?.kind !== "sealed") continue
      const place = counterOf(sealed.ciphertext)!
      const bytes = Buffer.from(sealed.ciphertext).toString("hex")
      if ((used.get(place) ?? bytes) !== bytes) twice++
      used.set(place, bytes)
    }
    return twice
  })

/** How many recovery secrets are kept after so many renewals. */
export const secretsAfter = (renewals: number): Promise<number> =>
  inWorld(async (world) => {
    const { alice, toAlice, toBob } = await two(world)
    for (let i = 0; i < renewals; i++) {
      await world.hear(toBob.renewKeys())
      await world.pass(3_000)
      await world.until("the keys are new", () => whole(toBob, toAlice))
    }
    return recoverySecrets.decode(shelfOf(alice.shelves).records.get(RECORD.recovery)!)!.length
  })

/** How many times a side is told of a copy, or needs new keys, when nothing but an honest restart has happened. */
export const noticesAfterRestarts = (): Promise<number> =>
  inWorld(async (world) => {
    const people = await two(world)
    let { alice, bob, toAlice, toBob } = people
    for (let i = 0; i < 3; i++) {
      await sendAll(world, toBob, [`a${i}`])
      const who = i % 2 === 0
      const back = await again(world, who ? alice : bob)
      if (who) [alice, toBob] = [back.person, back.contact]
      else [bob, toAlice] = [back.person, back.contact]
      await sendAll(world, toAlice, [`b${i}`])
      await world.until("all is had", () => whole(toBob, toAlice))
    }
    return (await sameTalk(world, toBob, toAlice)).a.notices.length
  })

/** Nobody has a copy, and the last Confirm of new keys is lost with its link: how many take themselves for replaced. */
export const stoppedAlone = (): Promise<HealingObservation> =>
  inWorld(async (world) => {
    const { alice, toAlice, toBob } = await two(world)
    await sendAll(world, toBob, ["one"])
    await world.until("all is had", () => whole(toBob, toAlice))
    alice.tap.incoming = (frame) => (decodeFrame(frame)?.kind === "confirm" ? [] : [frame])
    await world.hear(toBob.renewKeys())
    await world.pass(1_000)
    for (const link of alice.tap.links) link.close()
    await world.pass(60_000)
    alice.tap.incoming = (frame) => [frame]
    await world.pass(300_000)
    const stopped = [toBob, toAlice].filter((contact) => contact.session.get().state === "replaced").length
    return { copies: 0, asked: 1, healings: 1, alarms: 0, stopped, told: stopped, going: 1, atRest: false }
  })
