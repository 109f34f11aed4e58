/**
 * A data channel as a Link: back-pressure, bounds on what arrives, one end. Docs: the Link port in core/transport.ts.
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import { type Link, LinkClosed, MAX_LINK_FRAME } from "../../../core/transport.ts"

/** More than this handed over and not yet sent: `send` waits. Enough to fill a fast path; a queue of 4 MiB stalls Chromium. */
export const HIGH_WATER = 256 * 1024
/** … until no more than this is left, so that the sender is back before the buffer is empty. */
const LOW_WATER = 64 * 1024

/**
 * Frames that arrived and nobody has taken: 4 MiB at most. WebRTC has no way to slow the peer down, so the newest are lost
 * beyond it; a flood costs its sender and not our memory.
 */
const MAX_ARRIVED = 256

/** What was sent before `close` gets this many milliseconds to leave. */
const LINGER = 1_000

export interface Channel {
  readonly link: Link
  /** Ends it from without: the connection beneath is gone. */
  readonly lost: () => void
}

/**
 * `channel` is open or opening. `hangUp` frees the connection beneath, and may be called repeatedly. The channel is reliable
 * and ordered (see connection.ts), but nothing here depends on it.
 */
export const linkOver = (
  channel: RTCDataChannel,
  binding: Uint8Array,
  path: Link["path"],
  hangUp: () => void,
): Channel => {
  const arrived = Effect.runSync(Queue.dropping<Uint8Array, LinkClosed>(MAX_ARRIVED))
  const gone = Deferred.makeUnsafe<void>()
  const shut = Deferred.makeUnsafe<void>()
  const drained = Latch.makeUnsafe(true)

  const end = () => {
    if (!Deferred.doneUnsafe(gone, Exit.void)) return
    drained.openUnsafe()
    Queue.failCauseUnsafe(arrived, Cause.fail(new LinkClosed()))
  }
  const lost = () => {
    end()
    Deferred.doneUnsafe(shut, Exit.void)
    hangUp()
  }

  channel.binaryType = "arraybuffer"
  channel.bufferedAmountLowThreshold = LOW_WATER
  channel.addEventListener("bufferedamountlow", () => drained.openUnsafe())
  channel.addEventListener("close", lost)
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const frame = frameOf(data)
    if (frame !== undefined) Queue.offerUnsafe(arrived, frame)
  })

  const send = Effect.fnUntraced(function* (frame: Uint8Array) {
    if (frame.length < 1 || frame.length > MAX_LINK_FRAME) return yield* Effect.die(new RangeError("not a link frame"))
    if (Deferred.isDoneUnsafe(gone) || !trySend(channel, frame)) return yield* new LinkClosed()
    // Once more if woken by an event of an earlier filling, which may have been under way.
    while (channel.bufferedAmount > HIGH_WATER) {
      drained.closeUnsafe()
      yield* drained.await
      if (Deferred.isDoneUnsafe(gone)) return yield* new LinkClosed()
    }
  })

  const close = Effect.gen(function* () {
    if (Deferred.isDoneUnsafe(gone)) return
    end()
    channel.close()
    yield* Effect.raceFirst(Deferred.await(shut), Effect.sleep(LINGER)).pipe(
      Effect.andThen(Effect.sync(lost)),
      Effect.forkDetach,
    )
  })

  const link: Link = { send, receive: Queue.take(arrived), binding, path, closed: Deferred.await(gone), close }
  return { link, lost }
}

/** A peer's message, if it is a frame. Text, and whatever is too long, is nothing that a peer of ours sends. */
const frameOf = (data: unknown): Uint8Array | undefined => {
  if (!(data instanceof ArrayBuffer) || data.byteLength < 1 || data.byteLength > MAX_LINK_FRAME) return undefined
  return new Uint8Array(data)
}

const trySend = (channel: RTCDataChannel, frame: Uint8Array): boolean => {
  try {
    channel.send(frame.slice())
    return true
  } catch {
    return false // closing, though its event has not come yet
  }
}
