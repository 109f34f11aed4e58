/**
 * The real PeerServer on a free port of this machine, for tests: it can be stopped and started again, tells what passes
 * through it, and can be made to cheat.
 */
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { PeerServer } from "peer"
import { type WebSocket, WebSocketServer } from "ws"

export interface Passing {
  readonly socket: WebSocket
  /** The id under which the socket registered. */
  readonly id: string
  readonly way: "in" | "out"
  readonly text: string
}

/** What becomes of a text on its way: undefined swallows it. */
export type Tamper = (passing: Passing) => string | undefined

/** A peer that is not there is given up after these milliseconds, not five seconds. */
const QUICK = { expire_timeout: 100, cleanup_out_msgs: 50 }

export class TestBroker {
  /** Every text since the start, in both directions. */
  readonly passed: Array<Passing> = []
  tamper: Tamper = ({ text }) => text
  port = 0
  private server: Server | undefined
  private readonly open = new Map<WebSocket, string>()
  private waiting: ReadonlyArray<() => boolean> = []

  get options() {
    return { host: "127.0.0.1", port: this.port }
  }

  socketsOf(id: string): ReadonlyArray<WebSocket> {
    return [...this.open].filter(([, owner]) => owner === id).map(([socket]) => socket)
  }

  /** Sends something to whoever is registered under this id, as only the broker itself can. */
  push(id: string, text: string | Uint8Array): void {
    for (const socket of this.socketsOf(id)) Reflect.get(socket, "sendUntampered").call(socket, text)
  }

  /** Resolves when another socket is registered under this id than now. */
  registered(id: string): Promise<void> {
    const now = this.socketsOf(id)
    return this.until(() => this.socketsOf(id).some((socket) => !now.includes(socket)))
  }

  /** Resolves when nobody is registered under this id. */
  left(id: string): Promise<void> {
    return this.until(() => this.socketsOf(id).length === 0)
  }

  /** Resolves when something like this has passed. */
  passes(like: (passing: Passing) => boolean): Promise<void> {
    return this.until(() => this.passed.some(like))
  }

  async start(): Promise<this> {
    const createWebSocketServer = (options: ConstructorParameters<typeof WebSocketServer>[0]) => {
      const sockets = new WebSocketServer(options)
      sockets.on("connection", (socket, request) =>
        this.watch(socket, new URL(request.url ?? "", "ws://here").searchParams.get("id") ?? ""),
      )
      return sockets
    }
    this.server = await new Promise<Server>((resolve) => {
      PeerServer({ ...this.options, ...QUICK, createWebSocketServer }, (server) => resolve(server as Server))
    })
    this.port = (this.server.address() as AddressInfo).port
    return this
  }

  /** Cuts every socket, as a crash does. */
  async stop(): Promise<void> {
    for (const socket of this.open.keys()) socket.terminate()
    await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined))
  }

  private watch(socket: WebSocket, id: string): void {
    const pass = (way: Passing["way"], text: string): string | undefined => {
      const passing = { socket, id, way, text }
      this.happened(() => this.passed.push(passing))
      return this.tamper(passing)
    }
    const send = socket.send.bind(socket) as (text: string | Uint8Array) => void
    Object.assign(socket, {
      sendUntampered: send,
      send: (text: unknown) => {
        const passed = pass("out", String(text))
        if (passed !== undefined) send(passed)
      },
    })
    const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: ReadonlyArray<unknown>) => boolean
    socket.emit = (event: string | symbol, ...args: ReadonlyArray<unknown>): boolean => {
      if (event !== "message") return emit(event, ...args)
      const passed = pass("in", String(args[0]))
      return passed === undefined || emit(event, passed)
    }
    this.open.set(socket, id)
    socket.on("close", () => this.happened(() => this.open.delete(socket)))
    this.happened(() => {})
  }

  private until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        if (!holds()) return false
        resolve()
        return true
      }
      if (!done()) this.waiting = [...this.waiting, done]
    })
  }

  private happened(change: () => unknown): void {
    change()
    // After the server's own listeners, which come behind ours.
    setImmediate(() => {
      this.waiting = this.waiting.filter((done) => !done())
    })
  }
}

export const startBroker = (): Promise<TestBroker> => new TestBroker().start()
