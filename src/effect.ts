/**
 * Sotto for Effect users: the engine as a service, commands as Effects that fail with `SottoError`, sequences as Streams.
 * `sotto` is the same with promises.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { type Engine, type EngineOptions, makeEngine } from "./core/engine.ts"
import type { SottoError } from "./core/errors.ts"
import type { ContactHandle } from "./core/messenger/contact-handle.ts"
import type { Message, MessageChange, MessengerEvent } from "./core/messenger/values.ts"
import type { Observable } from "./core/observable.ts"

export {
  type Aead,
  type Cbc,
  Crypto,
  type CryptoService,
  type DiffieHellman,
  type Digest,
  type Encapsulated,
  type IncrementalKem,
  type Kem,
  Refused,
  type Signature,
  type XEdDSA,
} from "./core/crypto/crypto.ts"
export { nobleCrypto } from "./core/crypto/noble.ts"
export type { Engine, EngineOptions, EngineStorage } from "./core/engine.ts"
export { SottoError } from "./core/errors.ts"
export type { Transition } from "./core/host/transition.ts"
export {
  type Cascade,
  type CascadeLayers,
  type CascadeOpened,
  type CascadeSealed,
  type CascadeState,
  type LayerStates,
  makeCascade,
} from "./core/layers/cascade.ts"
export type { Layer, LayerName, LayerView, NestedView, Opened, Sealed } from "./core/layers/layer.ts"
export type { ChangeListener } from "./core/messenger/changes.ts"
export type { ContactHandle } from "./core/messenger/contact-handle.ts"
export type { Conversation, Sent } from "./core/messenger/conversation.ts"
export type { VaultDesk } from "./core/messenger/guard.ts"
export type { Hand } from "./core/messenger/hand-pairing.ts"
export type { InviteHandle } from "./core/messenger/invite-handle.ts"
export type { News } from "./core/messenger/news.ts"
export { sealInPlace } from "./core/messenger/opening.ts"
export type * from "./core/messenger/values.ts"
export type { SendOptions } from "./core/messenger/writing.ts"
export type { Observable } from "./core/observable.ts"
export type { SafetyNumber } from "./core/safety-number.ts"
export {
  type Batch,
  Conflict,
  Elsewhere,
  type Outward,
  type Range,
  type Row,
  type Saved,
  type Storage,
  type StorageMeasure,
  Store,
  type StoreService,
  type Timer,
  Unavailable,
  type UnavailableReason,
} from "./core/store.ts"
export {
  type Address,
  type HandAnswer,
  type HandOffer,
  type HandTransport,
  type Link,
  LinkClosed,
  type Listener,
  type Path,
  type Transport,
  Unreachable,
} from "./core/transport.ts"
export type { VaultState } from "./core/vault/keeper.ts"
export {
  type Candidate,
  type Enrolled,
  type Enrolment,
  type Occasion,
  type Unlock,
  UnlockFailed,
} from "./core/vault/unlock.ts"
export { type MethodView, sealedStorage, type VaultOptions } from "./core/vault/vault.ts"
export type { HealingReason } from "./machines/standing.ts"

/** One user's messenger. It closes with its scope. */
export class Sotto extends Context.Service<Sotto, Engine>()("sotto/Sotto") {
  /** The service, for a program that provides it. */
  static readonly layer = (options: EngineOptions): Layer.Layer<Sotto, SottoError> =>
    Layer.effect(Sotto, makeEngine(options))
}

/** A messenger in the present scope. */
export const make = makeEngine

/** An observable as a stream: its present value, then every change. */
export const changes = <A>(observable: Observable<A>): Stream.Stream<A> =>
  Stream.callback<A>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => observable.subscribe((value) => void Queue.offerUnsafe(queue, value))),
      (stop) => Effect.sync(stop),
    ),
  )

/** What is worth telling a person, from now on. */
export const events = (engine: Engine): Stream.Stream<MessengerEvent> =>
  Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => engine.news.listen()),
        ({ stop }) => Effect.sync(stop),
      ),
      ({ next }) =>
        Stream.fromPull(
          Effect.succeed(
            Effect.flatMap(Effect.promise(next), (event) =>
              event === undefined ? Cause.done() : Effect.succeed([event] as const),
            ),
          ),
        ),
    ),
  )

/** What becomes of messages that were told of before, from now on, until the contact is gone. */
export const messageChanges = (contact: ContactHandle): Stream.Stream<MessageChange, SottoError> =>
  Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => contact.conversation.listen()),
        ({ stop }) => Effect.sync(stop),
      ),
      ({ next }) =>
        Stream.fromPull(
          Effect.succeed(
            Effect.flatMap(next, (change) => (change === undefined ? Cause.done() : Effect.succeed([change] as const))),
          ),
        ),
    ),
  )

/** A page of history at a time. */
const PAGE = 100

/** The conversation with a contact: history after a cursor, then what is added. */
export const messages = (contact: ContactHandle, after = ""): Stream.Stream<Message, SottoError> => {
  const { length, page } = contact.conversation
  return changes(length).pipe(
    Stream.mapAccumEffect(
      () => after,
      (cursor) => Effect.map(rest(page, cursor), (found) => [found.at(-1)?.cursor ?? cursor, found] as const),
    ),
  )
}

const rest = Effect.fnUntraced(function* (
  page: ContactHandle["conversation"]["page"],
  cursor: string,
): Effect.fn.Return<ReadonlyArray<Message>, SottoError> {
  const found: Array<Message> = []
  for (let from = cursor; ; ) {
    const next = yield* page({ after: from, limit: PAGE })
    found.push(...next)
    if (next.length < PAGE) return found
    from = next.at(-1)!.cursor
  }
})

/** Waits until an observable holds what is wanted. */
export const until = <A>(observable: Observable<A>, wanted: (value: A) => boolean): Effect.Effect<A> =>
  changes(observable).pipe(
    Stream.filter(wanted),
    Stream.runHead,
    Effect.map((found) => Option.getOrThrow(found)),
  )
