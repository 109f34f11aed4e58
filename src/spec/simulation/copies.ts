/**
 * Two copies of one state in a simulation, both alive: a disk image, a synchronised folder, a stolen device. The copy is a process of
 * its own on a disk of its own; nobody but its engine knows of its conversation. Docs: simulator.md, delivery.md, "Copies".
 */
import { type HealingObservation, healingInvariants } from "../invariants/healing.ts"
import { broken } from "../invariants/invariant.ts"
import type { Image } from "./image.ts"
import { outcomeOf, type SimulationOutcome, toldIn } from "./run.ts"
import type { Simulation } from "./simulation.ts"

/** Who runs the copy. */
export const COPY = "copy"
/** How often all of them come to speak with the peer in the end, and how long each time, in milliseconds of virtual time. */
const ROUNDS = 3
const ROUND = 60_000

/** The image with a copy of somebody's disk. */
export const withCopy = (image: Image, of: string): Image => ({
  ...image,
  peers: [...image.peers, COPY],
  disks: new Map([...image.disks, [COPY, image.disks.get(of)!]]),
})

const contactsOf = (run: Simulation, peer: string) => run.life(peer)?.engine?.contacts.get() ?? []

/** Ends all faults, lets the original, its copy and their peer speak with each other, and says what became of them. */
export const judgedCopies = async (run: Simulation, of: string): Promise<SimulationOutcome> => {
  run.crashAt([])
  for (let round = 0; round < ROUNDS; round++) {
    await run.step(["cut"])
    for (const peer of run.peers) {
      if (run.life(peer) === undefined) await run.step(["restart", peer])
      for (const contact of contactsOf(run, peer)) run.life(peer)!.process.fork(contact.connect)
    }
    await run.step(["wait", ROUND])
  }
  const observation = await observedCopies(run, of)
  const violations = broken(healingInvariants, observation).map(({ id, says }) => `${id} ${of} and a copy: ${says}`)
  return outcomeOf(run, violations, undefined)
}

const observedCopies = async (run: Simulation, of: string): Promise<HealingObservation> => {
  const peer = run.peers.find((name) => name !== of && name !== COPY)!
  const both = [of, COPY].map((name) => ({ name, contact: contactsOf(run, name)[0] }))
  const going = both.filter(({ contact }) => contact?.session.get().state === "established")
  const stopped = both.filter(({ contact }) => contact?.session.get().state === "replaced")
  for (const { contact, name } of going) run.life(name)!.process.fork(contact!.conversation.send("last"))
  await run.step(["wait", ROUND])
  const heard = await toldIn(run, peer, contactsOf(run, peer)[0])
  let told = 0
  for (const { contact, name } of stopped) {
    const notices = (await toldIn(run, name, contact)).flatMap(({ notice }) => notice ?? [])
    if (notices.at(-1) === "replaced") told += 1
  }
  return {
    ...{ copies: 1, asked: 0, stopped: stopped.length, told, atRest: true },
    healings: heard.filter(({ notice }) => notice !== undefined).length,
    alarms: run.record.alarms.filter((one) => one.peer === peer).length,
    going: going.filter(({ contact }) => contact!.session.get().waiting === 0).length,
  }
}
