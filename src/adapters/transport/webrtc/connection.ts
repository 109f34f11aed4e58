/**
 * One RTCPeerConnection, from its descriptions to a Link. Who carries the descriptions is not known here. RFC 8829, 8831.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { concat } from "../../../core/crypto/bytes.ts"
import { type Link, Unreachable } from "../../../core/transport.ts"
import { type Candidate, mayTell, mayTry, parseCandidate, printCandidate } from "./candidate.ts"
import { type Description, MAX_CANDIDATES, parseDescription, printDescription } from "./description.ts"
import { type IceOptions, makePeerConnection } from "./ice.ts"
import { type Channel, linkOver } from "./link.ts"
import { pathOf } from "./path.ts"

/**
 * Reliable and ordered. Frames need neither, but the messages in them are shown in order anyway: unordered delivery would
 * only move the wait from SCTP into the ratchets, as skipped keys that live longer and have to be stored.
 */
const CHANNEL: RTCDataChannelInit = { ordered: true }
const LABEL = "sotto"

export interface Connection {
  /** Our offer. Its candidates come by `found`. */
  readonly offer: Effect.Effect<Description, Unreachable>
  /** Takes the peer's offer and answers it. Candidates as above. */
  readonly answer: (offer: Description) => Effect.Effect<Description, Unreachable>
  readonly take: (answer: Description) => Effect.Effect<void, Unreachable>
  /** Our candidates as they are found, only those that may be told. */
  readonly found: Queue.Dequeue<Candidate>
  /** All that are found, once no more will be, or within this many milliseconds. For whoever cannot send them one by one. */
  readonly gather: (patience: number) => Effect.Effect<ReadonlyArray<Candidate>>
  /** A candidate of the peer, once its description was taken. Ignored where it cannot be used. */
  readonly add: (candidate: Candidate) => Effect.Effect<void>
  /** Resolves when frames can flow; fails with `noPath` when they never will. */
  readonly link: Effect.Effect<Link, Unreachable>
}

/**
 * The connection and its link end with the scope, if not before. `patient`: the peer may take long to hear of us, so that a
 * stack that has given up checking is not taken at its word; where it can, it wakes when the peer's checks come.
 */
export const openConnection = Effect.fnUntraced(function* (
  ice: IceOptions,
  patient = false,
): Effect.fn.Return<Connection, Unreachable, Scope.Scope> {
  const relayOnly = ice.relayOnly ?? false
  const pc = yield* makePeerConnection(ice)
  const opened = Deferred.makeUnsafe<Link, Unreachable>()
  const gathered = Deferred.makeUnsafe<void>()
  const found = yield* Queue.dropping<Candidate>(MAX_CANDIDATES)
  let channel: Channel | undefined
  let ours: Description | undefined
  let theirs: Description | undefined
  let added = 0

  const hangUp = () => {
    Deferred.doneUnsafe(opened, Exit.fail(new Unreachable({ reason: "noPath" })))
    Queue.shutdownUnsafe(found)
    pc.close()
  }
  yield* Effect.addFinalizer(() => channel?.link.close ?? Effect.sync(hangUp))

  const use = (raw: RTCDataChannel) => {
    const open = () => {
      // Frames can flow before the promise that took the answer resolves, and `pc.remoteDescription` is still null.
      if (ours === undefined || theirs === undefined) return hangUp()
      const binding = bindingOf(ours.fingerprint, theirs.fingerprint)
      channel ??= linkOver(raw, binding, pathOf(pc, ice.webrtc === undefined), hangUp)
      Deferred.doneUnsafe(opened, Exit.succeed(channel.link))
    }
    raw.addEventListener("close", () => channel ?? hangUp())
    if (raw.readyState === "open") open()
    else raw.addEventListener("open", open)
  }

  pc.addEventListener("connectionstatechange", () => {
    const failed = pc.connectionState === "failed" && !(patient && channel === undefined)
    if (!failed && pc.connectionState !== "closed") return
    channel?.lost()
    hangUp()
  })
  pc.addEventListener("icegatheringstatechange", () => {
    if (pc.iceGatheringState === "complete") Deferred.doneUnsafe(gathered, Exit.void)
  })
  pc.addEventListener("icecandidate", ({ candidate }) => {
    const parsed = candidate ? parseCandidate(candidate.candidate) : undefined
    if (parsed !== undefined && mayTell(parsed, relayOnly)) Queue.offerUnsafe(found, parsed)
  })

  const local = (type: Description["type"], made: () => Promise<RTCSessionDescriptionInit>) =>
    Effect.tryPromise({
      try: async () => {
        const description = await made()
        ours = parseDescription(type, description.sdp ?? "")
        if (ours !== undefined) await pc.setLocalDescription(description)
        return ours
      },
      catch: (cause) => new Unreachable({ reason: "unsupported", cause }),
    }).pipe(
      Effect.flatMap((description) => {
        if (description === undefined) return Effect.fail(new Unreachable({ reason: "unsupported" }))
        return Effect.succeed({ ...description, candidates: [] })
      }),
    )

  const remote = (description: Description) =>
    Effect.tryPromise({
      try: () => {
        theirs = description
        const candidates = description.candidates.filter((candidate) => mayTry(candidate, relayOnly))
        return pc.setRemoteDescription({
          type: description.type,
          sdp: printDescription({ ...description, candidates }),
        })
      },
      catch: (cause) => new Unreachable({ reason: "noPath", cause }),
    })

  return {
    found,
    link: Deferred.await(opened),
    take: remote,

    gather: (patience) =>
      Effect.map(Effect.timeoutOption(Deferred.await(gathered), patience), () => {
        const { sdp = "", type } = pc.localDescription ?? {}
        const described = parseDescription(type === "offer" ? "offer" : "answer", sdp)
        return described?.candidates.filter((candidate) => mayTell(candidate, relayOnly)) ?? []
      }),

    offer: Effect.suspend(() => {
      use(pc.createDataChannel(LABEL, CHANNEL))
      return local("offer", () => pc.createOffer())
    }),

    answer: (offer) => {
      let first = true
      pc.addEventListener("datachannel", (event) => {
        if (!first) return event.channel.close()
        first = false
        use(event.channel)
      })
      return Effect.andThen(
        remote(offer),
        local("answer", () => pc.createAnswer()),
      )
    },

    add: (candidate) => {
      if (!mayTry(candidate, relayOnly) || ++added > MAX_CANDIDATES) return Effect.void
      const init = { candidate: printCandidate(candidate), sdpMid: ours?.mid ?? null, sdpMLineIndex: 0 }
      return Effect.ignore(Effect.tryPromise(() => pc.addIceCandidate(init)))
    },
  }
})

/** SHA-256 of both certificates' fingerprints in ascending order: the same at both ends, unless they see different ones. */
const bindingOf = (ours: Uint8Array, theirs: Uint8Array): Uint8Array => {
  const place = ours.findIndex((byte, i) => byte !== theirs[i])
  return sha256(place < 0 || ours[place]! < theirs[place]! ? concat(ours, theirs) : concat(theirs, ours))
}
