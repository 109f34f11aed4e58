/** The same engine through `sotto/effect`: services, Effects and Streams. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { defaultCrypto } from "../src/adapters/crypto/default.ts"
import { memory } from "../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../src/adapters/transport/memory.ts"
import { changes, events, make, messages, Sotto, until } from "../src/effect.ts"

const options = (network: ReturnType<typeof memoryNetwork>, name: string) => ({
  name,
  storage: memory(),
  transports: [network.transport()],
  appUrl: "sotto:",
  crypto: defaultCrypto(),
})

describe("sotto/effect", () => {
  it.live("pairs and talks with Effects and Streams", () =>
    Effect.gen(function* () {
      const network = memoryNetwork()
      const alice = yield* make(options(network, "Alice"))
      const bob = yield* make(options(network, "Bob"))
      const heard = yield* Effect.forkScoped(
        Stream.runCollect(
          Stream.take(
            Stream.filter(events(bob), ({ type }) => type === "messageArrived"),
            2,
          ),
        ),
      )
      const invite = yield* alice.invite({})
      const toAlice = yield* bob.accept(invite.text)
      const toBob = yield* invite.joined
      yield* until(toAlice.session, ({ state }) => state === "established")
      const first = yield* toBob.conversation.send("one")
      yield* toBob.conversation.send("two")
      const read = yield* Stream.runCollect(Stream.take(messages(toAlice), 2))
      assert.deepStrictEqual(
        [...read].map(({ text }) => text),
        ["one", "two"],
      )
      yield* until(first.state, (state) => state === "delivered")
      const [seen] = [...(yield* Stream.runCollect(Stream.take(changes(toAlice.unread), 1)))]
      assert.strictEqual(seen, 2)
      assert.lengthOf([...(yield* Fiber.join(heard))], 2)
    }).pipe(Effect.scoped),
  )

  it.live("offers the engine as a service, and fails with codes", () => {
    const network = memoryNetwork()
    return Effect.gen(function* () {
      const me = yield* Sotto
      const failure = yield* Effect.flip(me.accept("nonsense"))
      assert.strictEqual(failure.code, "inviteInvalid")
    }).pipe(Effect.provide(Sotto.layer(options(network, "Alice"))))
  })
})
