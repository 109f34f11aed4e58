/** How a simulation comes to rest: all faults end, everybody comes back, and time passes until nothing is left to do. Docs: simulator.md. */
import { statusOf } from "./peer.ts"
import type { Simulation } from "./simulation.ts"

/** What has not come to rest after this long, in milliseconds of virtual time, never will. */
const PATIENCE = 6 * 3_600_000

/** So long it stays like that, in milliseconds. */
const QUIET = 10_000

/** Ends all faults, brings everybody back, and lets time pass until nothing is left to do. False if it never came to that. */
export const rest = async (run: Simulation): Promise<boolean> => {
  run.set({})
  run.crashAt([])
  await run.step(["reconnect"])
  await wake(run)
  const isAtRest = () => isPaired(run) && isSettled(run)
  const settled = () => until(run, isAtRest, PATIENCE, () => wake(run))
  let done = await settled()
  await run.step(["wait", QUIET])
  // What was written last may have become durable only now, on a slow disk.
  if (done && !isAtRest()) {
    done = await settled()
    await run.step(["wait", QUIET])
  }
  return done
}

/** Whoever is gone starts again, whoever locked unlocks, and everybody looks for the others at once. */
const wake = async (run: Simulation): Promise<void> => {
  for (const peer of run.peers) {
    const status = statusOf(run.life(peer))
    if (status === "failed") run.life(peer)!.process.kill()
    if (status === "dead" || status === "failed") await run.step(["restart", peer])
    if (status === "locked") await run.step(["event", peer, { do: "unlock" }])
    if (status === "closed") await run.step(["crash", peer])
    for (const other of run.peers) {
      const contact = run.intents.contact(peer, other)
      if (contact !== undefined && contact.connection.get().state === "offline") {
        run.life(peer)!.process.fork(contact.connect)
      }
    }
    run.intents.pursue(peer)
  }
}

/** Lets time pass until it holds; false where it never did. */
export const until = async (
  run: Simulation,
  holds: () => boolean,
  patience: number,
  again: () => Promise<void> = async () => {},
): Promise<boolean> => {
  const end = run.now() + patience
  for (let ms = 250; run.now() < end; ms = Math.min(2 * ms, 120_000)) {
    if (holds()) return true
    await run.step(["wait", ms])
    if (ms >= 16_000) await again()
  }
  return holds()
}

const sidesOf = (run: Simulation) =>
  run.intents.pairings.flatMap(({ inviter, joiner }) => [[inviter, joiner] as const, [joiner, inviter] as const])

/** Whether everybody who wanted to pair has. */
export const isPaired = (run: Simulation): boolean =>
  sidesOf(run).every(([peer, other]) => run.intents.contact(peer, other)?.session.get().state === "established")

/** Nothing of a handshake is left, and nothing that was written is under way. */
const isSettled = (run: Simulation): boolean =>
  sidesOf(run).every(([peer, other]) => {
    const contact = run.intents.contact(peer, other)
    return (
      contact !== undefined &&
      contact.session.get().waiting === 0 &&
      [...contact.live.host.instances].every(
        ([id, { snapshot }]) =>
          !/^(inviter|joiner)\//.test(id) && (!id.startsWith("delivery/") || snapshot.value === "delivered"),
      )
    )
  })
