/** `sotto serve` and the command around it, as a person at a terminal meets them. */
import { spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterEach, assert, describe, it } from "vitest"
import { serve } from "../../src/cli/serve.ts"

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

const running = new Set<ReturnType<typeof spawn>>()

/** Runs the command; `until` resolves with what it printed once that matches, or when it has ended. */
const sotto = (...words: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, [MAIN, ...words])
  running.add(child)
  let printed = ""
  const looks = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      printed += part.toString()
      for (const look of [...looks]) look()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  return {
    child,
    ended: ended.then((status) => ({ status, printed })),
    until: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          if (!pattern.test(printed)) return
          looks.delete(look)
          resolve(printed)
        }
        looks.add(look)
        look()
        void ended.then(() => reject(new Error(`ended without ${pattern}:\n${printed}`)))
      }),
  }
}

afterEach(() => {
  for (const child of running) child.kill("SIGKILL")
  running.clear()
})

const urlIn = (printed: string) => /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)![0]

describe("sotto serve", () => {
  it("shows a documentation that was built, below its path, and says how to build one that was not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sotto-docs-"))
    await mkdir(join(folder, "guide"))
    await writeFile(
      join(folder, "index.html"),
      `<meta http-equiv="Content-Security-Policy" content="script-src 'self'">`,
    )
    await writeFile(join(folder, "guide/index.html"), "a guide")
    const files = pathToFileURL(`${folder}/`)
    const options = { host: "127.0.0.1", port: 0, brokerOnly: false, files }
    const [with_, without] = [
      await serve({ ...options, docs: files }),
      await serve({ ...options, docs: new URL("nothing/", files) }),
    ]
    const front = await fetch(`${with_.url}docs`)
    assert.strictEqual(front.url, `${with_.url}docs/`)
    assert.strictEqual(front.headers.get("content-security-policy"), "script-src 'self'; frame-ancestors 'none'")
    assert.strictEqual(await (await fetch(`${with_.url}docs/guide/`)).text(), "a guide")
    for (const outside of ["docs/../package.json", "docs/%2e%2e/%2e%2e/etc/passwd", "docs/guide", "docsguide/"])
      assert.strictEqual((await fetch(with_.url + outside)).status, 404, outside)
    const none = await fetch(`${without.url}docs/`)
    assert.strictEqual(none.status, 404)
    assert.include(await none.text(), "npm run docs:build")
    await Promise.all([with_.close(), without.close()])
    await rm(folder, { recursive: true })
  })

  it("serves a broker, says where, and ends cleanly on Ctrl-C", async () => {
    const serving = sotto("serve", "--port", "0", "--broker-only")
    const printed = await serving.until(/Ctrl-C ends it/)
    const url = urlIn(printed.replace("/peerjs", "/"))
    const welcome = await fetch(`${url}peerjs/`)
    assert.include(await welcome.text(), "PeerJS Server")
    assert.strictEqual((await fetch(`${url}peerjs/peerjs/peers`)).status, 401, "ids are not listed")
    assert.strictEqual((await fetch(url)).status, 404, "no app")
    serving.child.kill("SIGINT")
    const { printed: all, status } = await serving.ended
    assert.strictEqual(status, 0)
    assert.include(all, "Sotto has ended")
  })

  it("outlives what a stranger sends to the broker", async () => {
    const serving = sotto("serve", "--port", "0", "--broker-only")
    const url = urlIn((await serving.until(/Ctrl-C ends it/)).replace("/peerjs", "/"))
    const socket = new WebSocket(`${url.replace("http", "ws")}peerjs/peerjs?key=peerjs&id=stranger&token=t`)
    await new Promise((resolve) => socket.addEventListener("open", resolve))
    for (const nonsense of ["{", "null", "[]", '{"type":"__proto__"}', "\u0000", '{"type":"OFFER","dst":{}}'])
      socket.send(nonsense)
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve))
    socket.close()
    await closed
    assert.include(await (await fetch(`${url}peerjs/`)).text(), "PeerJS Server")
  })

  it("takes the next free port when one is busy, with a word about it", async () => {
    const blocker = createServer()
    const busy = await new Promise<number>((resolve) =>
      blocker.listen(0, "127.0.0.1", () => resolve((blocker.address() as { port: number }).port)),
    )
    try {
      const serving = sotto("serve", "--port", String(busy), "--broker-only")
      const printed = await serving.until(/Ctrl-C ends it/)
      assert.match(printed, new RegExp(`Port ${busy} is busy, so this is on \\d+\\.`))
    } finally {
      blocker.close()
    }
  })

  it("says what is wrong with its words, and ends with 2", async () => {
    for (const words of [
      ["serve", "--port", "seventy"],
      ["serve", "--nonsense"],
      ["serve", "--port", "70000"],
      ["chat", "--broker", "nowhere"],
      ["dance"],
    ]) {
      const { printed, status } = await sotto(...words).ended
      assert.strictEqual(status, 2, words.join(" "))
      assert.notMatch(printed, /\n\s+at /, "no stack")
      assert.isAbove(printed.length, 20)
    }
  })

  it("says what it can do", async () => {
    for (const words of [[], ["--help"], ["serve", "--help"], ["chat", "--help"]]) {
      const { printed, status } = await sotto(...words).ended
      assert.strictEqual(status, 0)
      assert.include(printed, "sotto")
    }
  })

  it("tells an invite from nonsense without a stack", async () => {
    const serving = sotto("serve", "--port", "0", "--broker-only")
    const url = urlIn((await serving.until(/Ctrl-C ends it/)).replace("/peerjs", "/"))
    const { printed, status } = await sotto("chat", "nonsense", "--broker", url).ended
    assert.strictEqual(status, 1)
    assert.include(printed, "not a Sotto invite")
    assert.notMatch(printed, /\n\s+at /)
  })
})
