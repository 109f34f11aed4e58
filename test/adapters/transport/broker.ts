/**
 * The real PeerServer on a free port of this machine, for tests: it can be stopped and started again, tells what passes
 * through it, and can be made to cheat.
 */
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { PeerServer } from "peer"
import { WebSocketServer } from "ws"

export interface Passing {
  /** The id whose socket it comes from or goes to. */
  readonly id: string
  readonly way: "in" | "out"
  readonly text: string
}

/** What becomes of a text on its way: undefined swallows it. */
export type Tamper = (passing: Passing) => string | undefined

export class TestBroker {
  /** Every text since the start, in both directions. */
  readonly passed: Array<Passing> = []
  tamper: Tamper = ({ text }) => text
  port = 0
  private server: Server | undefined
  private sockets: WebSocketServer | undefined

  get options() {
    return { host: "127.0.0.1", port: this.port }
  }

  /** Sends a text to whoever is registered under this id, as only the broker itself can. */
  push(id: string, text: string | Uint8Array): void {
    for (const [socket, owner] of this.owners) if (owner === id) socket.send(text)
  }

  /** Resolves when somebody registers under this id from now on. */
  registered(id: string): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ id, resolve }))
  }

  private readonly owners = new Map<{ send: (text: string | Uint8Array) => void }, string>()
  private readonly waiting: Array<{ id: string; resolve: () => void }> = []

  async start(): Promise<this> {
    const createWebSocketServer = (options: ConstructorParameters<typeof WebSocketServer>[0]) => {
      const sockets = new WebSocketServer(options)
      this.sockets = sockets
      sockets.on("connection", (socket, request) => {
        const id = new URL(request.url ?? "", "ws://here").searchParams.get("id") ?? ""
        const send = socket.send.bind(socket) as (text: string | Uint8Array) => void
        this.owners.set({ send }, id)
        const pass = (way: Passing["way"], text: string) => {
          this.passed.push({ id, way, text })
          return this.tamper({ id, way, text })
        }
        socket.send = (text: unknown) => {
          const passed = pass("out", String(text))
          if (passed !== undefined) send(passed)
        }
        const { emit } = socket
        socket.emit = (event: string | symbol, ...args: Array<unknown>): boolean => {
          if (event !== "message") return Reflect.apply(emit, socket, [event, ...args])
          const passed = pass("in", String(args[0]))
          return passed === undefined ? true : Reflect.apply(emit, socket, [event, passed])
        }
        for (const waiting of this.waiting.filter((one) => one.id === id)) queueMicrotask(waiting.resolve)
      })
      return sockets
    }
    this.server = await new Promise<Server>((resolve) => {
      // A peer that is not there is given up after this many milliseconds, not five seconds.
      const quick = { expire_timeout: 100, cleanup_out_msgs: 50 }
      PeerServer({ ...this.options, ...quick, createWebSocketServer }, (server) => resolve(server as Server))
    })
    this.port = (this.server.address() as AddressInfo).port
    return this
  }

  /** Cuts every socket, as a crash does. */
  async stop(): Promise<void> {
    const { server } = this
    this.owners.clear()
    for (const socket of this.sockets?.clients ?? []) socket.terminate()
    await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined))
  }
}

export const startBroker = (): Promise<TestBroker> => new TestBroker().start()
