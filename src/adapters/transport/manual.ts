/**
 * WebRTC data channels without any service: two codes are carried by hand, the offer there and the answer back, as text or
 * QR codes. Without a STUN server among `iceServers` this works inside one network, and nobody else learns of it.
 *
 * People take their time: a browser that answered waits for minutes. node-datachannel gives up half a minute after it
 * answered, so that in Node the one who offers should be the one who waits.
 */
import * as Effect from "effect/Effect"
import { type HandTransport, Unreachable } from "../../core/transport.ts"
import { decodeCode, encodeCode } from "./manual/code.ts"
import { type Connection, openConnection } from "./webrtc/connection.ts"
import type { Description } from "./webrtc/description.ts"
import { checkIce, type IceOptions } from "./webrtc/ice.ts"

export type { IceOptions, WebRtc } from "./webrtc/ice.ts"

/** Candidates that are not found in this many milliseconds are left out: a STUN server that is down delays no code longer. */
const GATHER = 3_000

/** Once both have both codes, ICE and DTLS take this many milliseconds at most. */
const OPEN_TIMEOUT = 30_000

/**
 * Milliseconds for which the answering side leaves it to the other to check first. Where packets take no time, its own checks
 * would meet the offering side while that is taking the answer: node-datachannel then is through with ICE and DTLS before it
 * knows the fingerprint that it is to verify.
 */
const HEAD_START = 1_000

/** Throws a TypeError for options that can never work. */
export const manual = (options: IceOptions = {}): HandTransport => {
  checkIce(options)
  return {
    kind: "manual",

    offer: Effect.gen(function* () {
      const connection = yield* openConnection(options)
      const code = yield* codeOf(connection, yield* connection.offer)
      let taken = false
      const accept = Effect.fnUntraced(function* (answer: Uint8Array) {
        const description = taken ? undefined : decodeCode("answer", answer)
        if (description === undefined) return yield* new Unreachable({ reason: "invalid" })
        taken = true
        yield* connection.take(description)
        const orElse = () => Effect.fail(new Unreachable({ reason: "noPath" }))
        return yield* Effect.timeoutOrElse(connection.link, { duration: OPEN_TIMEOUT, orElse })
      })
      return { code, accept }
    }),

    answer: Effect.fnUntraced(function* (offer) {
      const description = decodeCode("offer", offer)
      if (description === undefined) return yield* new Unreachable({ reason: "invalid" })
      const connection = yield* openConnection(options, true)
      const code = yield* codeOf(connection, yield* connection.answer({ ...description, candidates: [] }))
      const check = Effect.forEach(description.candidates, connection.add, { discard: true })
      yield* Effect.forkScoped(Effect.andThen(Effect.sleep(HEAD_START), check))
      return { code, link: connection.link }
    }),
  }
}

const codeOf = Effect.fnUntraced(function* (connection: Connection, description: Description) {
  const candidates = yield* connection.gather(GATHER)
  const code = encodeCode({ ...description, candidates })
  if (code === undefined) return yield* new Unreachable({ reason: "unsupported" })
  return code
})
