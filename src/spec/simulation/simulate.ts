/**
 * The simulator: peers with the real engine in one process, on virtual time, from one seed. One driver for tests, `sotto fuzz`
 * and the stepper: what is possible now, one step, and what can be seen. Docs: simulator.md.
 */
import * as Effect from "effect/Effect"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { makeAgenda } from "./agenda.ts"
import { type AttackOptions, attack } from "./attacks.ts"
import type { Choice, PeerEvent } from "./choice.ts"
import { makeDice } from "./dice.ts"
import { type Disk, makeDisk, NO_HOSTS } from "./disk.ts"
import { enabledNow } from "./enabled.ts"
import { makeEncryptions } from "./encryptions.ts"
import { fastCrypto } from "./fast-crypto.ts"
import { makeFates } from "./fates.ts"
import type { Boundary, SimulationFaults } from "./faults.ts"
import { foreign } from "./foreign.ts"
import { guardedStorage, guardedTransport } from "./guarded.ts"
import { imageOf } from "./image.ts"
import { makeIntents } from "./intents.ts"
import { judgedRun } from "./judge.ts"
import { promisesDone } from "./macrotask.ts"
import { makeNetwork } from "./network.ts"
import { makeOwed } from "./owed.ts"
import { live } from "./peer.ts"
import { heardBy, makeProcess, makeRuns } from "./process.ts"
import { makeRecord } from "./record.ts"
import { isBackedUpWhole, restoredFrom } from "./restored.ts"
import { nameOf } from "./schedule.ts"
import { sealedOf } from "./sealed.ts"
import { randomFrom } from "./seeded.ts"
import type { Simulation, SimulationOptions } from "./simulation.ts"
import { makeTabs } from "./tabs.ts"
import { makeThieves } from "./thieves.ts"
import { viewOf } from "./view.ts"
import { weather } from "./weather.ts"
import { makeWitness, type PeerOf } from "./witness.ts"

/** Where virtual time starts: any day will do, as long as it is the same one. */
export const START = Date.UTC(2030, 0, 1)
/** Milliseconds that a frame is under way. */
const LATENCY = 20
/** A process that died is started again within this time, in milliseconds, where that happens by itself. */
const REBIRTH = 2_000
/** Sets the randomness of a run that begins with an image apart from that of the run in which the image was taken. */
const LATER = 0x1a7e5

/** Opens everybody's messenger on a world of its own, at virtual time 0. */
export const simulate = async (options: SimulationOptions): Promise<Simulation> => {
  const { adapters = {}, from, reborn = false } = options
  const named = from?.peers ?? options.peers ?? 2
  const peers = typeof named === "number" ? Array.from({ length: named }, (_, i) => nameOf(i)) : [...named]
  const seed = from === undefined ? options.seed : options.seed ^ LATER
  const primitivesFrom = options.crypto === "real" ? nobleCrypto : fastCrypto
  let faults: SimulationFaults = options.faults ?? {}
  const agenda = makeAgenda(from?.at ?? START)
  const runs = makeRuns()
  const chance = makeDice(seed)
  const peerOf: PeerOf = (peer, host) => intents.peerOf(peer, host)
  const witness = makeWitness(from?.witness, (peer, host, number) => owed.early(peer, host, number))
  const owed = makeOwed({ agenda, witness, peerOf, isOurs: (peer) => transports.get(peer) === undefined })
  const encryptions = makeEncryptions(from?.encryptions)
  const record = makeRecord({
    agenda,
    detail: options.detail ?? true,
    witness,
    encryptions,
    owed,
    peerOf,
  })
  const network = makeNetwork({
    agenda,
    dice: makeDice(seed ^ 0x5eed),
    latency: LATENCY,
    random: randomFrom(makeDice(seed ^ 0xadd2)),
    sent: (process, to, link, frame) => {
      record.sent(process.peer, to, link, frame)
      thieves.sent(process.peer, to, frame)
    },
    arrived: (frame, isOpen) => {
      record.arrived(frame)
      if (isOpen) owed.arrived(frame)
    },
  })
  network.faults = faults

  const disks = new Map<string, Disk>(peers.map((peer) => [peer, makeDisk(from?.disks.get(peer))]))
  const vaults = sealedOf(options.vaults ?? [], seed)
  const hostsOf = (peer: string) => vaults.get(peer)?.hosts ?? disks.get(peer)?.hosts ?? NO_HOSTS
  const streams = new Map(peers.map((peer, i) => [peer, makeDice((seed ^ 0xc0ffee) + i * 7_919)]))
  const skews = new Map<string, number>(peers.map((peer) => [peer, 0]))
  const tabs = makeTabs(peers)
  const { life } = tabs
  const storages = new Map(peers.map((peer) => [peer, adapters.storage?.(peer)]))
  const transports = new Map(peers.map((peer) => [peer, adapters.transport?.(peer)]))
  const fates = makeFates({
    dice: chance,
    faults: () => faults,
    crashed: record.crashed,
    changes: () => agenda.changes() + record.choices.length,
  })
  let processes = 0
  /** Calls of adapters under trial that have not answered: virtual time waits for them. */
  const outstanding = new Set<object>()
  let closed = false

  const begin = (peer: string, takeOver: boolean): void => {
    const dice = streams.get(peer)!
    const process = makeProcess({ id: ++processes, peer, agenda, runs, dice, skew: () => skews.get(peer)! })
    const guard = { process, fate: (boundary: Boundary) => fates.at(peer, boundary) }
    const watched = encryptions.process(primitivesFrom(randomFrom(dice)))
    const own = storages.get(peer)
    const ways = transports.get(peer)
    const toldOf = (link: number, frame: Uint8Array) => record.sent(peer, "?", link, frame)
    const disk = disks.get(peer)!
    let writer: number | undefined
    const open = (force: boolean) =>
      Effect.tap(disk.open({ takeOver: force, soon: process.post }), ({ release }) =>
        Effect.sync(() => {
          writer = disk.writer()
          process.onDeath(release)
        }),
      )
    const storage = guardedStorage(guard, {
      kind: own?.kind ?? "simulated",
      durable: own?.durable ?? true,
      open: own === undefined ? open(takeOver) : foreign(own, process, outstanding),
      ...(own === undefined && { takeOver: open(true), freed: heardBy(process, disk.freed) }),
      watched,
      witness,
      sealed: vaults.get(peer),
      pause: () => chance.upTo(faults.slowCommits ?? 0),
      isWriter: () => own !== undefined || disk.writer() === writer,
    })
    process.onDeath(() => {
      record.died(peer)
      tabs.remove(peer, process)
      if (reborn && !closed) {
        agenda.add(agenda.now() + chance.upTo(REBIRTH), `restart of ${peer}`, () => void restart(peer))
      }
    })
    record.started(peer)
    const begun = live({
      name: peer,
      process,
      storage,
      // The simulated network tells of what is sent over it by itself.
      transport: guardedTransport(guard, ways ?? network.transport(process), ways && toldOf),
      crypto: watched.crypto,
      inspected: (transition) => record.moved(peer, transition),
      news: (event) => record.heard(peer, process.id, event),
      opened: () => intents.pursue(peer),
      maxAwake: options.maxAwake,
      sealed: vaults.get(peer),
    })
    tabs.add(peer, begun)
  }

  const restart = (peer: string): boolean => {
    const may = !closed && life(peer) === undefined
    if (may) begin(peer, false)
    return may
  }

  const intents = makeIntents({ life, witness, record, vaults, pairings: from?.pairings ?? [] })

  const kill = (peer: string): boolean => {
    const dying = [...tabs.of(peer)]
    for (const { process } of dying) process.kill()
    return dying.length > 0
  }
  /** Nobody but its owner changes what an adapter under trial holds, or a vault. */
  const isNotOurs = (peer: string) => storages.get(peer) !== undefined || vaults.has(peer)
  /** A pairing under way would not be in the backup, and would have to be begun anew by its people. */
  const restore = async (peer: string): Promise<boolean> => {
    const disk = disks.get(peer)!
    if (isNotOurs(peer) || !isBackedUpWhole(disk.image(), intents.hosts(peer))) return false
    kill(peer)
    const crypto = primitivesFrom(randomFrom(streams.get(peer)!))
    disks.set(peer, makeDisk(await restoredFrom(disk.image(), crypto, Math.floor(agenda.now() + skews.get(peer)!))))
    return true
  }
  const records = (peer: string, other: string) => hostsOf(peer).get(intents.host(peer, other) ?? "")?.records
  const strangers = randomFrom(makeDice(seed ^ 0x7413f))
  const thieves = makeThieves({ crypto: primitivesFrom(strangers), records, noted: record.noted })
  const attackers: AttackOptions = {
    ...{ peers, network, kill, thieves, random: strangers },
    disk: (peer) => (isNotOurs(peer) ? undefined : disks.get(peer)),
  }

  const settle = async () => {
    do {
      runs.drain()
      await promisesDone()
      await thieves.tried()
    } while (!runs.isEmpty() || outstanding.size > 0)
  }

  const act = (peer: string, event: PeerEvent): boolean => life(peer)?.engine !== undefined && intents.act(peer, event)

  const next = async (): Promise<boolean> => {
    if (!agenda.step()) return false
    await settle()
    return true
  }

  const step = async (choice: Choice): Promise<boolean> => {
    if (closed) return false
    record.chosen(choice)
    const done = await taken(choice)
    await settle()
    return done
  }
  const taken = async (choice: Choice): Promise<boolean> => {
    switch (choice[0]) {
      case ".":
        return next()
      case "wait": {
        const end = agenda.now() + choice[1]
        while ((agenda.next()?.due ?? Number.POSITIVE_INFINITY) <= end) await next()
        agenda.passTo(end)
        return true
      }
      case "event":
        return act(choice[1], choice[2])
      case "crash": {
        const [, peer, fate] = choice
        if (life(peer) === undefined) return false
        if (fate !== undefined) fates.doom(peer, fate)
        else {
          record.crashed(peer, "rest", "lost")
          kill(peer)
        }
        return true
      }
      case "restart":
      case "restore":
        return choice[0] === "restart" ? restart(choice[1]) : restore(choice[1])
      case "tab": {
        const [, peer, takeOver] = choice
        if (life(peer) === undefined) return restart(peer)
        begin(peer, takeOver)
        return true
      }
      case "takeBack":
        return tabs.takeBack(choice[1])
      case "clock":
        skews.set(choice[1], (skews.get(choice[1]) ?? 0) + choice[2])
        return true
      default:
        return weather(choice, network) ?? attack(choice, attackers) ?? false
    }
  }

  for (const peer of peers) begin(peer, false)
  await settle()

  return {
    seed: options.seed,
    peers,
    step,
    record,
    intents,
    network: network.counters,
    now: agenda.now,
    nextDue: () => agenda.next()?.due,
    life,
    records,
    boundaries: fates.passed,
    worlds: fates.worlds,
    crashAt: fates.choose,
    set: (changed) => {
      faults = changed
      network.faults = changed
    },
    disk: (peer) => disks.get(peer)?.hosts ?? NO_HOSTS,
    hosts: hostsOf,
    enabled: () => enabledNow({ agenda, network, life, peers, intents, disks, vaults, tabs }),
    view: () =>
      viewOf({
        agenda,
        network,
        life,
        disks,
        hostsOf,
        vaults,
        peers,
        record,
        intents,
        judge: () => judgedRun(record),
        thieves,
        clock: (peer) => agenda.now() + skews.get(peer)!,
      }),
    image: () => imageOf({ peers, at: agenda.now(), disks, intents, witness, encryptions }),
    close: () => {
      closed = true
      for (const { process } of tabs.all()) process.kill()
    },
  }
}
