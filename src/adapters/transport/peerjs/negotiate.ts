/**
 * One connection over a broker, from either side: descriptions and candidates there and back, until frames can flow.
 * Messages may come in any order and from anyone; those that do not fit are dropped.
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { type Link, Unreachable } from "../../../core/transport.ts"
import type { Candidate } from "../webrtc/candidate.ts"
import type { Connection } from "../webrtc/connection.ts"
import { type Description, MAX_CANDIDATES } from "../webrtc/description.ts"
import type { Signal } from "./message.ts"

/** A peer that is there answers within this many milliseconds; the stock server says `EXPIRE` after 5 to 6 seconds. */
const ANSWER_TIMEOUT = 15_000

/** ICE and DTLS take this many milliseconds at most, through relays and with lost packets. */
const OPEN_TIMEOUT = 20_000

/** What a peer may have said and we not yet taken: a description, and its candidates. */
export const MAX_SAID = MAX_CANDIDATES + 1

export interface Signalling {
  readonly send: (signal: Signal) => void
  /** What the peer says about this connection. Fails when it will say nothing more. */
  readonly said: Queue.Dequeue<Signal, Unreachable>
}

/** Our side asks for it. `onFound` is called when the peer has answered. */
export const callPeer = (
  connection: Connection,
  { said, send }: Signalling,
  onFound: () => void,
): Effect.Effect<Link, Unreachable> =>
  Effect.gen(function* () {
    send({ kind: "offer", description: yield* connection.offer })
    const early: Array<Candidate> = []
    const answer = yield* within(ANSWER_TIMEOUT, "absent", nextAnswer(said, early))
    onFound()
    yield* connection.take(answer)
    // Not before: who does not answer need not know our network addresses, and a check that outruns the answer's taking finds
    // node-datachannel without the fingerprint to verify.
    yield* Effect.forkScoped(tell(connection, send))
    yield* Effect.forkScoped(hear(connection, said, early))
    return yield* within(OPEN_TIMEOUT, "noPath", connection.link)
  }).pipe(Effect.scoped)

/** The peer asks for it, with this offer. */
export const answerPeer = (
  connection: Connection,
  { said, send }: Signalling,
  offer: Description,
): Effect.Effect<Link, Unreachable> =>
  Effect.gen(function* () {
    send({ kind: "answer", description: yield* connection.answer(offer) })
    yield* Effect.forkScoped(tell(connection, send))
    yield* Effect.forkScoped(hear(connection, said, []))
    return yield* within(OPEN_TIMEOUT, "noPath", connection.link)
  }).pipe(Effect.scoped)

const within = <A>(duration: number, reason: Unreachable["reason"], effect: Effect.Effect<A, Unreachable>) =>
  Effect.timeoutOrElse(effect, { duration, orElse: () => Effect.fail(new Unreachable({ reason })) })

/** Candidates may overtake the answer: they are kept for it. */
const nextAnswer = Effect.fnUntraced(function* (said: Signalling["said"], early: Array<Candidate>) {
  while (true) {
    const signal = yield* Queue.take(said)
    if (signal.kind === "answer") return signal.description
    if (signal.kind === "candidate" && early.length < MAX_CANDIDATES) early.push(signal.candidate)
  }
})

const tell = (connection: Connection, send: Signalling["send"]): Effect.Effect<void> =>
  Effect.forever(Effect.map(Queue.take(connection.found), (candidate) => send({ kind: "candidate", candidate })))

const hear = Effect.fnUntraced(function* (
  connection: Connection,
  said: Signalling["said"],
  early: ReadonlyArray<Candidate>,
) {
  for (const candidate of early) yield* connection.add(candidate)
  while (true) {
    const signal = yield* Queue.take(said)
    if (signal.kind === "candidate") yield* connection.add(signal.candidate)
  }
})
