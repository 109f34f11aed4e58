/**
 * A process with a messenger over SQLite, killed with SIGKILL again and again while both sides write. Nothing that it said it had
 * accepted is lost, nothing is shown twice or out of order. `KILLS=…` scales it; the moments come from a printed seed.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"
import { assert, describe, it } from "vitest"
import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { createMessenger, type Message } from "../../src/index.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { type Carried, carried } from "./carried.ts"
import { allOf } from "./history.ts"
import { faultsOf } from "./kept.ts"

const KILLS = Number(process.env["KILLS"] ?? 200)
const SEED = Number(process.env["KILL_SEED"] ?? 1)
const PEER = fileURLToPath(new URL("killed-peer.ts", import.meta.url))
/** The longest that it lives after it has started, in milliseconds. */
const LONGEST = 60

/** One file of all that a life needs: two hundred starts would spend their time on finding modules. */
const bundled = async (folder: string): Promise<string> => {
  await build({
    configFile: false,
    logLevel: "error",
    ssr: { noExternal: true },
    build: {
      ssr: PEER,
      outDir: folder,
      emptyOutDir: false,
      target: "esnext",
      rolldownOptions: { output: { entryFileNames: "peer.mjs" } },
    },
  })
  return join(folder, "peer.mjs")
}

const until = async (what: string, holds: () => boolean | Promise<boolean>) => {
  for (const end = Date.now() + 120_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What the killed process left on its disk, opened by nobody's peer. */
const leftIn = async (file: string): Promise<ReadonlyArray<Message>> => {
  const nobody = carried({ tell: () => {}, hear: () => {} })
  const after = await createMessenger({
    storage: sqlite(file),
    transports: [nobody],
    appUrl: "https://chat.example/",
  })
  const all = await allOf(after.contacts.get()[0]!)
  await after.close()
  return all
}

describe("a process that is killed", () => {
  it("loses nothing, and shows nothing twice", { timeout: 900_000 }, async () => {
    console.log(`seed ${SEED}, ${KILLS} kills`)
    const dice = makeDice(SEED)
    const folder = mkdtempSync(join(tmpdir(), "sotto-killed-"))
    let child: ChildProcess | undefined
    const links = new Set<string>()
    let hear: (message: Carried) => void = () => {}
    const me = await createMessenger({
      storage: sqlite(join(folder, "here.db")),
      transports: [
        carried({
          tell: (carry) => {
            // Whoever has just been killed hears nothing.
            if (child?.connected === true) child.send(carry, () => {})
          },
          hear: (fn) => {
            hear = fn
          },
        }),
      ],
      appUrl: "https://chat.example/",
      name: "Here",
    })
    const invite = await me.invite({ expiresIn: "1 day" })
    const accepted = new Set<string>()
    const peer = await bundled(folder)
    const start = async (): Promise<ChildProcess> => {
      const born = fork(peer, [join(folder, "there.db"), invite.url], {
        execArgv: [],
        // Two hundred starts compile the same code.
        env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") },
      })
      child = born
      born.on("error", () => {})
      born.on("message", (message: { carry?: Carried; accepted?: string }) => {
        if (message.accepted !== undefined) accepted.add(message.accepted)
        if (message.carry === undefined) return
        links.add(message.carry.link)
        hear(message.carry)
      })
      return born
    }
    const startedBy = (born: ChildProcess) =>
      new Promise<void>((resolve) => {
        born.on("message", (message: { started?: string }) => {
          if (message.started !== undefined) resolve()
        })
      })
    const end = async (born: ChildProcess) => {
      const gone = once(born, "exit")
      born.kill("SIGKILL")
      await gone
      for (const link of links) hear({ type: "close", link })
      links.clear()
    }

    try {
      const first = await start()
      const contact = await invite.joined()
      await end(first)
      const written = new Set<string>()
      for (let kill = 1; kill < KILLS; kill++) {
        const born = await start()
        // Now and then it dies while it is still starting.
        if (!dice.chance(0.1)) await Promise.race([startedBy(born), once(born, "exit")])
        written.add((await contact.send(`to life ${kill}`)).id)
        await new Promise((resolve) => setTimeout(resolve, dice.upTo(LONGEST)))
        await end(born)
      }
      const last = await start()
      await startedBy(last)
      // The last one writes on until it is killed: what it accepts from now on may still be under way then.
      const due = new Set(accepted)
      await until("everything has arrived", async () => {
        const all = await allOf(contact)
        const mine = all.filter(({ from }) => from === "me")
        const theirs = new Set(all.filter(({ from }) => from !== "me").map(({ id }) => id))
        return (
          mine.every(({ state }) => ["delivered", "read"].includes(state!.get())) &&
          [...due].every((id) => theirs.has(id))
        )
      })
      await end(last)
      const all = await allOf(contact)
      const shown = all.filter(({ from }) => from !== "me")
      const there = await leftIn(join(folder, "there.db"))
      const own = there.filter(({ from }) => from === "me").map(({ id }) => id)
      const faults = faultsOf({
        written: [...written],
        arrived: there.filter(({ from }) => from !== "me").map(({ id }) => id),
        accepted: due,
        own: own.slice(0, shown.length),
        shown,
      })
      assert.deepEqual(faults, [])
      assert.includeMembers(own, [...accepted], "what it said it had accepted is on its disk")
      console.log(`${KILLS} kills, ${written.size} messages to it, ${shown.length} from it`)
    } finally {
      child?.kill("SIGKILL")
      await me.close()
      rmSync(folder, { recursive: true })
    }
  })
})
