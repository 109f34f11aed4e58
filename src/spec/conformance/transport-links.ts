/** Checks of the Link port: what frames do between two ends, and how a link ends. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { equal } from "../../core/crypto/bytes.ts"
import { type Link, MAX_LINK_FRAME } from "../../core/transport.ts"
import { defects, filled, holds } from "./crypto-check.ts"
import { arrives, type Check, check, failsWith, frameOf, isOneOf, type LinkWorld } from "./transport-check.ts"

/** Of the longest frames, far more than a high-water mark lets through: 1 MiB. */
const MANY = 64

/** More frames than a queue should hold. */
const FLOOD = 300

export const linkChecks: ReadonlyArray<Check<LinkWorld>> = [
  check(
    "frames of 1, 2, … 16,384 bytes arrive unchanged, both ways",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      for (const length of [1, 2, 255, 256, 1_200, 1_201, 16_383, MAX_LINK_FRAME]) {
        yield* arrives(world, [ours, theirs], filled(length, length))
        yield* arrives(world, [theirs, ours], filled(length, length + 1))
      }
    }),
  ),

  check(
    "what arrives was sent, each frame once and in whole, while both ends send",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      const frames = Array.from({ length: 40 }, (_, i) => frameOf(i, 4 + ((i * 331) % 5_000)))
      const both = [
        [ours, theirs],
        [theirs, ours],
      ] as const
      yield* Effect.forEach(
        both,
        Effect.fnUntraced(function* ([from, to]) {
          yield* Effect.forkScoped(Effect.forEach(frames, (frame) => from.send(frame), { discard: true }))
          if (world.lossy) return
          const arrived: Array<Uint8Array> = []
          for (const _ of frames) arrived.push(yield* to.receive)
          yield* holds(
            "every frame arrived once",
            frames.every((frame) => isOneOf(frame, arrived)),
          )
        }),
        { concurrency: "unbounded", discard: true },
      )
    }),
  ),

  check(
    "a frame belongs to whoever holds it: neither end's later changes reach the other",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      const backing = filled(300, 1)
      const view = backing.subarray(100, 200)
      const sent = view.slice()
      yield* ours.send(view)
      backing.fill(0)
      if (world.lossy) return yield* arrives(world, [ours, theirs], filled(10, 2))
      const arrived = yield* theirs.receive
      yield* holds("the view was sent as it was, and no more of its buffer", equal(arrived, sent))
      arrived.fill(1)
      yield* arrives(world, [ours, theirs], sent)
    }),
  ),

  check(
    "an empty frame and one of 16,385 bytes are misuse, and harm nothing",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      for (const length of [0, MAX_LINK_FRAME + 1]) {
        yield* defects(`sending ${length} bytes`, () => Effect.orDie(ours.send(new Uint8Array(length))))
      }
      yield* arrives(world, [ours, theirs], filled(20, 3))
    }),
  ),

  check(
    "1 MiB to a reader that keeps up, through any number of senders at once",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      const frame = (i: number) => frameOf(i, MAX_LINK_FRAME)
      const numbers = Array.from({ length: MANY }, (_, i) => i)
      const sending = yield* Effect.forkScoped(
        Effect.forEach(numbers, (i) => ours.send(frame(i)), { concurrency: 8, discard: true }),
      )
      if (!world.lossy) {
        const missing = new Set(numbers)
        while (missing.size > 0) {
          const arrived = yield* theirs.receive
          const number = new DataView(arrived.buffer, arrived.byteOffset).getUint32(0)
          yield* holds(
            "it is a frame that was sent, and comes once",
            missing.delete(number) && equal(arrived, frame(number)),
          )
        }
      } else yield* Effect.forkScoped(Effect.ignore(Effect.forever(theirs.receive)))
      yield* Fiber.join(sending)
    }),
  ),

  check(
    "a reader that comes late finds a bounded queue and a link that works",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      const last = frameOf(FLOOD, 1_000)
      const send = Effect.forEach(
        Array.from({ length: FLOOD }, (_, i) => frameOf(i, 1_000)),
        (frame) => ours.send(frame),
        { discard: true },
      )
      // Sent again and again, because what came while nobody read may have been dropped.
      yield* Effect.forkScoped(
        Effect.andThen(send, Effect.forever(Effect.andThen(ours.send(last), Effect.sleep(10)))).pipe(Effect.ignore),
      )
      yield* Effect.sleep(50)
      yield* Effect.repeat(theirs.receive, { until: (frame) => equal(frame, last) })
    }),
  ),

  check(
    "an interrupted reader takes nothing away",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      for (let i = 0; i < 5; i++) {
        const reading = yield* Effect.forkScoped(theirs.receive)
        yield* Effect.yieldNow
        yield* Fiber.interrupt(reading)
        yield* arrives(world, [ours, theirs], filled(50, i))
      }
    }),
  ),

  check(
    "a binding is 32 bytes, the same at both ends and another on another link",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      const [others] = yield* world.open
      if (ours.binding === undefined || theirs.binding === undefined) {
        return yield* holds("neither end has one", ours.binding === theirs.binding)
      }
      yield* holds("it has 32 bytes", ours.binding.length === 32)
      yield* holds("it is the same at both ends", equal(ours.binding, theirs.binding))
      yield* holds("it differs between links", others.binding !== undefined && !equal(ours.binding, others.binding))
    }),
  ),

  check(
    "the path is known or admitted to be unknown, also of a link that is gone",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      for (const end of [ours, theirs]) yield* hasPath(end)
      yield* ours.close
      yield* hasPath(ours)
    }),
  ),

  ...(["ours", "theirs"] as const).map((closer) =>
    check<LinkWorld>(
      `closing ends both ends, whoever does it: ${closer}`,
      Effect.fnUntraced(function* (world) {
        const [ours, theirs] = yield* world.open
        yield* arrives(world, [ours, theirs], filled(9, 9))
        const readings = yield* Effect.forEach([ours, theirs], (end) => Effect.forkScoped(drain(end)))
        yield* Effect.yieldNow
        const end = closer === "ours" ? ours : theirs
        yield* end.close
        yield* end.close
        yield* Effect.all([ours.closed, theirs.closed], { concurrency: 2 })
        for (const reading of readings) yield* failsWith("a waiting reader", "LinkClosed", Fiber.join(reading))
        for (const side of [ours, theirs]) {
          for (let i = 0; i < 2; i++) yield* failsWith("sending", "LinkClosed", side.send(filled(3, i)))
          for (let i = 0; i < 2; i++) yield* failsWith("receiving", "LinkClosed", drain(side))
        }
      }),
    ),
  ),

  check(
    "what arrived before the end can still be read",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      if (world.lossy) return
      yield* ours.send(filled(10, 1))
      yield* Effect.sleep(50)
      yield* theirs.close
      yield* holds("it arrived", equal(yield* theirs.receive, filled(10, 1)))
      yield* failsWith("receiving more", "LinkClosed", theirs.receive)
    }),
  ),

  check(
    "a sender that waits for room is told when the link ends",
    Effect.fnUntraced(function* (world) {
      const [ours, theirs] = yield* world.open
      const sending = yield* Effect.forkScoped(Effect.forever(ours.send(filled(MAX_LINK_FRAME, 5))))
      yield* Effect.sleep(20)
      yield* theirs.close
      yield* failsWith("the sender", "LinkClosed", Fiber.join(sending))
    }),
  ),
]

const drain = (link: Link) => Effect.forever(link.receive)

const hasPath = (link: Link) =>
  Effect.flatMap(link.path, ({ kind, roundTrip = 0 }) =>
    holds("the path", ["direct", "relayed", "memory", "unknown"].includes(kind) && roundTrip >= 0),
  )
