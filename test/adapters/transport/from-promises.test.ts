/** A transport that a user wrote with promises keeps every promise of the port, and its mistakes stay its own. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { assert, describe, it } from "vitest"
import { Unreachable } from "../../../src/core/transport.ts"
import {
  defineLink,
  defineTransport,
  type LinkEvents,
  type PlainLink,
  type PlainTransport,
} from "../../../src/core/transport-from-promises.ts"
import { transportConformance } from "../../../src/spec/conformance/transport.ts"
import { scoped } from "./support.ts"

/** As a user would write it: message ports between listeners in one process. */
const ports = (): PlainTransport => {
  const listeners = new Map<string, (port: MessagePort) => void>()
  const over =
    (port: MessagePort) =>
    (events: LinkEvents): PlainLink => {
      port.onmessage = ({ data }) => events.frame(data as Uint8Array)
      port.addEventListener("close", () => events.closed())
      return {
        // A turn of the event loop is all the back-pressure that a port has.
        send: async (frame) => {
          port.postMessage(frame)
          await new Promise((resolve) => setImmediate(resolve))
        },
        close: () => port.close(),
      }
    }
  return {
    kind: "ports",
    services: (at) => (at.length === 16 ? [] : undefined),
    listen: async (earlier, accept) => {
      const address = earlier ?? crypto.getRandomValues(new Uint8Array(16))
      listeners.set(address.join(), (port) => accept(over(port)))
      return { address, close: () => void listeners.delete(address.join()) }
    },
    connect: async (at, events) => {
      const listener = listeners.get(at.join())
      if (listener === undefined) throw new Error("nobody there")
      const { port1, port2 } = new MessageChannel()
      listener(port2)
      return over(port1)(events)
    },
  }
}

describe("a transport of promises", () => {
  const transport = defineTransport(ports())
  for (const { name, run } of transportConformance) {
    it(name, () => Effect.runPromise(run({ here: transport, there: transport })))
  }
})

/** A transport of which only these methods are ever called. */
const partly = (methods: Partial<PlainTransport>) =>
  defineTransport({ ...ports(), ...methods, ...(methods.services === undefined && { services: () => [] }) })
const somewhere = { kind: "ports", at: new Uint8Array(16) }

describe("defineTransport", () => {
  it("tells rejections apart by the reason they give", () =>
    scoped(function* () {
      const reasons = (error: unknown) => {
        const failing = partly({ listen: () => Promise.reject(error), connect: () => Promise.reject(error) })
        const attempts = [Effect.asVoid(failing.listen()), Effect.asVoid(failing.connect(somewhere))]
        return Effect.forEach(attempts, (attempt) =>
          Effect.map(Effect.flip(Effect.scoped(attempt)), ({ reason }) => reason),
        )
      }
      assert.deepStrictEqual(yield* reasons(new Error("whatever")), ["service", "absent"])
      assert.deepStrictEqual(yield* reasons(new Unreachable({ reason: "noPath" })), ["noPath", "noPath"])
    }))

  it("closes what is made after nobody waits for it", () =>
    scoped(function* () {
      const closed: Array<string> = []
      const late =
        <A>(made: A) =>
        (signal?: AbortSignal) =>
          new Promise<A>((resolve) => {
            if (signal === undefined) setTimeout(() => resolve(made), 20)
            else signal.addEventListener("abort", () => resolve(made))
          })
      const transport = partly({
        listen: () => late({ address: new Uint8Array(16), close: () => void closed.push("listener") })(),
        connect: (_at, _events, signal) => late({ send: () => {}, close: () => void closed.push("link") })(signal),
      })
      const attempts = [Effect.asVoid(transport.listen()), Effect.asVoid(transport.connect(somewhere))]
      for (const attempt of attempts) {
        const fiber = yield* Effect.forkScoped(Effect.scoped(attempt))
        yield* Effect.sleep(1)
        yield* Fiber.interrupt(fiber)
      }
      yield* Effect.sleep(30)
      assert.sameMembers(closed, ["listener", "link"])
    }))

  it("bounds what arrives, in size and number, and copies it", () =>
    scoped(function* () {
      let events: LinkEvents | undefined
      const link = defineLink((given) => {
        events = given
        return { send: () => {}, close: () => {} }
      })
      const reused = new Uint8Array(4)
      for (const size of [0, 16_385, 1_000_000]) events!.frame(new Uint8Array(size))
      for (let i = 0; i < 1_000; i++) {
        new DataView(reused.buffer).setUint32(0, i)
        events!.frame(reused)
      }
      events!.closed()
      events!.frame(reused)
      const numbers: Array<number> = []
      const drain = Effect.map(link.receive, (frame) => void numbers.push(new DataView(frame.buffer).getUint32(0)))
      yield* Effect.flip(Effect.forever(drain))
      assert.deepStrictEqual(
        numbers,
        Array.from({ length: 256 }, (_, i) => i),
      )
    }))

  it("ends a link whose send fails, and one that was over before it was made; each is closed once", () =>
    scoped(function* () {
      let closed = 0
      const close = () => void closed++
      const failing = defineLink(() => ({ send: () => Promise.reject(new Error("broken")), close }))
      for (let i = 0; i < 2; i++)
        assert.strictEqual((yield* Effect.flip(failing.send(Uint8Array.of(1))))._tag, "LinkClosed")
      yield* failing.closed
      yield* failing.close
      assert.strictEqual(closed, 1)

      const stillborn = defineLink(({ closed }) => {
        closed()
        return { send: () => {}, close }
      })
      yield* stillborn.closed
      assert.strictEqual((yield* Effect.flip(stillborn.send(Uint8Array.of(1))))._tag, "LinkClosed")
      yield* stillborn.close
      assert.strictEqual(closed, 2)
      assert.deepStrictEqual(yield* stillborn.path, { kind: "unknown" })
    }))

  it("turns peers away beyond a bounded number of links that nobody accepted", () =>
    scoped(function* () {
      const transport = defineTransport(ports())
      const listener = yield* transport.listen()
      const links = yield* Effect.forEach(Array.from({ length: 20 }), () => transport.connect(listener.address))
      for (const link of links.slice(16)) yield* link.closed
      yield* links[0]!.send(Uint8Array.of(1))
      assert.deepStrictEqual(yield* (yield* listener.accept).receive, Uint8Array.of(1))
    }))
})
