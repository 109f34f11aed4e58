/** A browser talks to a terminal: the same engine in Node, over a real data channel. */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, it } from "vitest"
import { of } from "../../examples/chat/src/names.ts"
import { arrive, begin, hears, leave, type Person, say, startServe, useInvite } from "./app.ts"

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

/** A running `sotto chat`, and what it has printed. */
const startChat = (words: ReadonlyArray<string>) => {
  const child: ChildProcess = spawn(process.execPath, [MAIN, "chat", ...words], { stdio: ["pipe", "pipe", "inherit"] })
  let printed = ""
  const waiting = new Set<() => void>()
  child.stdout!.on("data", (part: Buffer) => {
    printed += part.toString()
    for (const look of waiting) look()
  })
  return {
    child,
    prints: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(printed)
          if (found === null) return
          waiting.delete(look)
          resolve(found[0])
        }
        waiting.add(look)
        child.once("exit", () => reject(new Error(`sotto chat ended. It had printed:\n${printed}`)))
        look()
      }),
    type: (line: string) => child.stdin!.write(`${line}\n`),
  }
}

describe("a browser and a terminal", () => {
  let serving: Awaited<ReturnType<typeof startServe>>
  let ana: Person
  let chat: ReturnType<typeof startChat>

  beforeAll(async () => {
    serving = await startServe()
    ana = await arrive(serving.url, "Ana")
    await begin(ana)
    chat = startChat(["--name", "Tom", "--broker", serving.url])
  })
  afterAll(async () => {
    chat.child.kill()
    await leave(ana)
    await serving.close()
  })

  it("pair by the link that the terminal printed, and talk", async () => {
    await useInvite(ana, await chat.prints(/http\S+#sotto1_\S+/))
    await ana.find(of.composer("Tom")).waitFor()
    await say(ana, "Tom", "hello terminal")
    await chat.prints(/Ana: hello terminal/)
    chat.type("hello browser")
    await hears(ana, "Tom", "hello browser")
    await chat.prints(/✓✓ hello browser/)
  })
})
