/** A TURN server for tests: Debian's coturn on this machine, where it is installed. TURNSERVER names another executable. */
import { type ChildProcess, spawn } from "node:child_process"
import { createSocket } from "node:dgram"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const PATH = process.env["TURNSERVER"] ?? "/usr/bin/turnserver"

export const hasTurn = existsSync(PATH)

export interface Turn {
  readonly iceServers: ReadonlyArray<{ readonly urls: string; readonly username: string; readonly credential: string }>
  readonly stop: () => Promise<void>
}

export const startTurn = async (): Promise<Turn> => {
  const folder = await mkdtemp(join(tmpdir(), "turn-"))
  const port = await freePort()
  const listening = ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--listening-port=${port}`]
  const plain = ["--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers", "--log-file=stdout", "--simple-log"]
  const who = ["--lt-cred-mech", "--realm=test", "--user=someone:secret", `--userdb=${join(folder, "db")}`]
  const server = spawn(PATH, ["-n", ...listening, ...plain, ...who, `--pidfile=${join(folder, "pid")}`], {
    stdio: "ignore",
  })
  await answers(server, port)
  return {
    iceServers: [{ urls: `turn:127.0.0.1:${port}?transport=udp`, username: "someone", credential: "secret" }],
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve))
      server.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

/** The server cannot choose one itself. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1", () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })

/** Asks until it answers. RFC 8489 §5: a binding request has no attributes, only the magic cookie and an id. */
const answers = (server: ChildProcess, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = Buffer.alloc(20)
    request.writeUInt16BE(1, 0)
    request.writeUInt32BE(0x2112a442, 4)
    const socket = createSocket("udp4")
    const asking = setInterval(() => socket.send(request, port, "127.0.0.1"), 20)
    const end = (settle: () => void) => () => {
      clearInterval(asking)
      socket.close(settle)
    }
    const ended = end(() => reject(new Error("the TURN server ended")))
    socket.on("error", () => {}) // refused, until it listens
    server.once("exit", ended)
    socket.once("message", () => {
      server.off("exit", ended)
      end(resolve)()
    })
  })
