/**
 * Being registered at a PeerServer under one id: a WebSocket, kept alive and watched. The broker is trusted with nothing but
 * passing messages on.
 *
 * The stock server answers a second registration under the same id and token (as after sleep, when it has not noticed that
 * the first socket is dead) with silence, and never answers a heartbeat. So we also send ourselves a message: what comes back
 * proves that we are registered and that the socket lives.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { Unreachable } from "../../../core/transport.ts"
import { type Broker, serviceName } from "./address.ts"
import { echoFor, HEARTBEAT, type Message, readMessage } from "./message.ts"

export interface Identity {
  readonly id: string
  /** Known to the broker and us: who has it may take over the id there. */
  readonly token: string
}

export interface Registration {
  /** Hands a text to the broker; it is lost when the socket is. */
  readonly send: (text: string) => void
  /** Resolves when the registration is gone. */
  readonly lost: Effect.Effect<void>
}

export interface RegistrationOptions {
  readonly WebSocket: typeof WebSocket
  /** Milliseconds between heartbeats. */
  readonly pingInterval: number
}

/** A broker that is up answers within this many milliseconds. */
const OPEN_TIMEOUT = 10_000

/** A live socket echoes within this many milliseconds. */
const ECHO_TIMEOUT = 5_000

/** What may wait unsent in the socket; more means that nothing gets through, and what is signalled is outdated. */
const MAX_BUFFERED = 256 * 1024

/** Resolves once registered; the registration ends with the scope. Messages are heard from the first one on. */
export const register = Effect.fnUntraced(function* (
  broker: Broker,
  { id, token }: Identity,
  options: RegistrationOptions,
  hear: (message: Message) => void,
): Effect.fn.Return<Registration, Unreachable, Scope.Scope> {
  const service = serviceName(broker)
  const failure = (cause?: unknown) =>
    new Unreachable({ reason: "service", service, ...(cause !== undefined && { cause }) })
  const registered = Deferred.makeUnsafe<void, Unreachable>()
  const lost = Deferred.makeUnsafe<void>()
  let heard = 0
  let echoes = false

  const lose = (why: string) => {
    Deferred.doneUnsafe(registered, Exit.fail(failure(new Error(why))))
    Deferred.doneUnsafe(lost, Exit.void)
  }
  const listenTo = (message: Message) => {
    const echo = message.kind === "absent" && message.from === id
    echoes ||= echo
    if (message.kind === "taken") lose("the id is taken")
    else if (message.kind === "refused") lose("the broker refused")
    else if (echo || message.kind === "open") Deferred.doneUnsafe(registered, Exit.void)
    else hear(message)
  }

  const connect = () => {
    const socket = new options.WebSocket(urlOf(broker, { id, token }))
    socket.addEventListener("open", () => socket.send(echoFor(id)))
    socket.addEventListener("close", () => lose("the socket closed"))
    socket.addEventListener("error", () => lose("the socket failed"))
    socket.addEventListener("message", ({ data }) => {
      heard++
      const message = readMessage(data)
      if (message !== undefined) listenTo(message)
    })
    return socket
  }
  const socket = yield* Effect.acquireRelease(Effect.try({ try: connect, catch: failure }), (socket) =>
    Effect.sync(() => socket.close()),
  )
  const send = (text: string): void => {
    if (socket.readyState === OPEN && socket.bufferedAmount < MAX_BUFFERED) socket.send(text)
  }

  yield* Deferred.await(registered).pipe(
    Effect.timeoutOrElse({ duration: OPEN_TIMEOUT, orElse: () => Effect.fail(failure(new Error("no answer"))) }),
  )

  const beat = Effect.gen(function* () {
    yield* Effect.sleep(options.pingInterval)
    const before = heard
    send(HEARTBEAT)
    send(echoFor(id))
    yield* Effect.sleep(Math.min(ECHO_TIMEOUT, options.pingInterval))
    // A broker that never echoed may be another make: then only its closing the socket counts.
    if (echoes && heard === before) lose("no echo")
  })
  yield* Effect.forkScoped(Effect.forever(beat))

  return { send, lost: Deferred.await(lost) }
})

/** WebSocket.OPEN, which an injected class need not have. */
const OPEN = 1

const urlOf = ({ host, key, path, port, secure }: Broker, { id, token }: Identity): string =>
  `${secure ? "wss" : "ws"}://${host}:${port}${path}peerjs?key=${key}&id=${id}&token=${token}`
