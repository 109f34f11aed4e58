/**
 * A broker that sits in the middle, end to end: real WebRTC, real engines. Each side gets a link to the broker's own peer,
 * which passes every frame on unchanged: nothing in the frames could tell. Docs: threat-model.md, "The broker".
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { decodeFrame } from "../../src/core/frame.ts"
import { decodeInvite } from "../../src/core/handshake/invite.ts"
import type { Link } from "../../src/core/transport.ts"
import { createMessenger, type Messenger, type MessengerEvent } from "../../src/index.ts"
import { startBroker, type TestBroker } from "../adapters/transport/broker.ts"
import { idOf, scoped, transportAt } from "../adapters/transport/support.ts"

let broker: TestBroker
beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.stop())

const messenger = (name: string) =>
  Effect.acquireRelease(
    Effect.promise(() => createMessenger({ name, appUrl: "https://chat.example/", transports: [transportAt(broker)] })),
    (me) => Effect.promise(() => me.close()),
  )

const happens = (me: Messenger, type: MessengerEvent["type"]) =>
  Effect.promise(async () => {
    for await (const event of me.events) if (event.type === type) return
  })

const isNobodysPeer = (me: Messenger): boolean =>
  me.contacts.get().every((contact) => contact.session.get().state !== "established")

const pass = (from: Link, to: Link, heard: Array<Uint8Array>) =>
  Effect.forkScoped(
    Effect.forever(
      Effect.flatMap(from.receive, (frame) => {
        heard.push(frame)
        return to.send(frame)
      }),
    ),
  )

interface Told {
  readonly type: string
  readonly dst: string
  readonly src?: string
}

describe("a broker that puts itself in the middle", () => {
  it("gets no session by passing every frame on, is heard of, and spoils no invite", () =>
    scoped(function* () {
      const alice = yield* messenger("Alice")
      const bob = yield* messenger("Bob")
      const invite = yield* Effect.promise(() => alice.invite())
      const decoded = decodeInvite(invite.text)
      assert.isObject(decoded)
      const [address] = (decoded as Exclude<typeof decoded, string>).meet
      const victimId = idOf(address!)

      const mallory = transportAt(broker)
      const fake = yield* mallory.listen()
      const fakeId = idOf(fake.address)
      let joiner: string | undefined
      broker.tamper = ({ id, text, way }) => {
        const message = JSON.parse(text) as Told
        if (way === "in" && message.type === "OFFER") joiner ??= id
        if (id !== joiner) return text
        if (way === "in" && message.dst === victimId) return JSON.stringify({ ...message, dst: fakeId })
        if (way === "out" && message.src === fakeId) return JSON.stringify({ ...message, src: victimId })
        return text
      }

      const refusal = yield* Effect.forkScoped(happens(alice, "handshakeRefused"))
      const toAlice = yield* Effect.promise(() => bob.accept(invite.text))
      const fromAlice: Array<Uint8Array> = []
      const fromBob: Array<Uint8Array> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          const toBob = yield* fake.accept
          const toVictim = yield* mallory.connect(address!)
          yield* pass(toBob, toVictim, fromBob)
          yield* pass(toVictim, toBob, fromAlice)
          // The Hello names the link that it was sent over, and came over another.
          yield* Fiber.join(refusal)
          yield* toBob.close
        }),
      )
      assert.deepStrictEqual([...new Set(fromBob.map((frame) => decodeFrame(frame)?.kind))], ["hello"])
      assert.isEmpty(fromAlice.filter((frame) => decodeFrame(frame)?.kind === "bundle"))
      assert.isTrue(isNobodysPeer(alice))
      assert.isTrue(isNobodysPeer(bob))

      // Left alone, the two find each other with the same invite.
      broker.tamper = ({ text }) => text
      const paired = yield* Effect.forkScoped(happens(bob, "paired"))
      if (toAlice.session.get().state !== "established") yield* Fiber.join(paired)
      assert.strictEqual(toAlice.session.get().state, "established")
    }))
})
