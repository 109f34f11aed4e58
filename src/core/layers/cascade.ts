/**
 * The cascade: content is sealed by four layers, each under keys of its own, from the innermost to the outermost. There is
 * no way to seal or open with fewer. Docs: protocol.md, "Layers" and "Padding".
 *
 *     content ─▶ bucket ─▶ mls ─▶ signal ─▶ kem ─▶ bucket + 3072 ─▶ aes
 */
import * as Effect from "effect/Effect"
import { Crypto, Refused } from "../crypto/crypto.ts"
import type { Transition } from "../host/transition.ts"
import { type Direction, type Role, receivedBy, sentBy } from "../ids.ts"
import { bucketOf, LARGEST_BUCKET, pad, padTo, SMALLEST_BUCKET, unpad, unpadFrom } from "../padding.ts"
import { bindingsOf } from "./associated.ts"
import type { Layer, LayerName, LayerView } from "./layer.ts"

/**
 * Room for what the three inner layers add, which varies with their counters: MLS at most 320 bytes, Signal 300, KEM 2,364.
 * A frame is padded to bucket + this before the outermost layer, so that its length tells the bucket alone.
 */
export const INNER_OVERHEAD = 3_072

/** The longest content that fits the largest bucket. */
export const MAX_CASCADE_CONTENT = LARGEST_BUCKET - 1

/**
 * How far from its end a counter stops being used: far more than what can be under way. Every counter of the layers goes
 * to 2³¹ at least.
 */
const WORN_OUT = 2 ** 31 - 2 ** 20

/** The states of the four layers, by name. */
export interface LayerStates<M, S, K, A> {
  /** Of the innermost layer. */
  readonly mls: M
  /** Of the second layer. */
  readonly signal: S
  /** Of the third layer. */
  readonly kem: K
  /** Of the outermost layer. */
  readonly aes: A
}

/** One side of a session. `transcript` is the handshake's hash, 32 bytes. */
export interface CascadeState<M, S, K, A> {
  /** The handshake's hash, 32 bytes. */
  readonly transcript: Uint8Array
  /** Which side this is. */
  readonly role: Role
  /** Each layer's own state. */
  readonly layers: LayerStates<M, S, K, A>
}

/** What a seal came to. */
export interface CascadeSealed<M, S, K, A> {
  /** All four layers' states after it: to be kept before the ciphertext leaves. */
  readonly state: CascadeState<M, S, K, A>
  /** `bucket + 3,092` bytes. */
  readonly ciphertext: Uint8Array
  /** Steps of the statecharts inside the layers, for `inspect`. */
  readonly transitions: ReadonlyArray<Transition>
}

/** What an open came to, after all four. */
export interface CascadeOpened<M, S, K, A> {
  /** All four layers' states after it. */
  readonly state: CascadeState<M, S, K, A>
  /** What was sealed, without its padding. */
  readonly content: Uint8Array
  /** Steps of the statecharts inside the layers, for `inspect`. */
  readonly transitions: ReadonlyArray<Transition>
}

/** From the innermost to the outermost. */
export const LAYER_NAMES: ReadonlyArray<LayerName> = ["mls", "signal", "kem", "aes"]

/** The four layers, each under its name. Generic, so that a layer can be replaced by another with the same promises. */
export interface CascadeLayers<M, S, K, A> {
  /** The innermost. */
  readonly mls: Layer<M>
  /** The second. */
  readonly signal: Layer<S>
  /** The third. */
  readonly kem: Layer<K>
  /** The outermost. */
  readonly aes: Layer<A>
}

/** Four layers as one: sealed by all of them or not at all. */
export interface Cascade<M, S, K, A> {
  /**
   * All four layers, or a defect: content over `MAX_CASCADE_CONTENT`, a layer that cannot seal yet, and inner layers that
   * outgrow their room are faults of the caller, and nothing leaves under fewer layers.
   */
  readonly seal: (
    state: CascadeState<M, S, K, A>,
    content: Uint8Array,
  ) => Effect.Effect<CascadeSealed<M, S, K, A>, never, Crypto>
  /** The content and the state after all four layers, or one refusal for whatever failed; then the old state still holds. */
  readonly open: (
    state: CascadeState<M, S, K, A>,
    ciphertext: Uint8Array,
  ) => Effect.Effect<CascadeOpened<M, S, K, A>, Refused, Crypto>
  /** Drops the skipped keys of all layers that are past their lifetime. `now` in milliseconds of the wall clock. */
  readonly expire: (state: CascadeState<M, S, K, A>, now: number) => CascadeState<M, S, K, A>
  /** Each layer's state as a record of its own. */
  readonly encode: (state: CascadeState<M, S, K, A>) => LayerStates<Uint8Array, Uint8Array, Uint8Array, Uint8Array>
  /** Undefined unless all four are states of their layers. */
  readonly decode: (
    transcript: Uint8Array,
    role: Role,
    records: LayerStates<Uint8Array, Uint8Array, Uint8Array, Uint8Array>,
  ) => CascadeState<M, S, K, A> | undefined
  /** From the innermost layer to the outermost. */
  readonly view: (state: CascadeState<M, S, K, A>) => ReadonlyArray<LayerView>
  /** True when a counter nears its end: the session must be agreed anew before anything more is sealed. */
  readonly isWornOut: (state: CascadeState<M, S, K, A>) => boolean
}

/** Composes the four. Throws a TypeError for a layer under another's name: its associated data would lie. */
export const makeCascade = <M, S, K, A>(layers: CascadeLayers<M, S, K, A>): Cascade<M, S, K, A> => {
  for (const name of LAYER_NAMES)
    if (layers[name].name !== name) throw new TypeError(`the layer "${layers[name].name}" stands in for "${name}"`)

  const seal = Effect.fnUntraced(function* (state: CascadeState<M, S, K, A>, content: Uint8Array) {
    const bind = yield* binder(state.transcript, sentBy(state.role))
    if (content.length > MAX_CASCADE_CONTENT) return yield* Effect.die(new RangeError("the content fits no bucket"))
    const padded = pad(content)
    const mls = yield* layers.mls.seal(state.layers.mls, padded, bind("mls"))
    const signal = yield* layers.signal.seal(state.layers.signal, mls.ciphertext, bind("signal"))
    const kem = yield* layers.kem.seal(state.layers.kem, signal.ciphertext, bind("kem"))
    const room = padded.length + INNER_OVERHEAD
    if (kem.ciphertext.length >= room) return yield* Effect.die(new RangeError("the inner layers outgrew their room"))
    const aes = yield* layers.aes.seal(state.layers.aes, padTo(kem.ciphertext, room), bind("aes"))
    return {
      state: { ...state, layers: { mls: mls.state, signal: signal.state, kem: kem.state, aes: aes.state } },
      ciphertext: aes.ciphertext,
      transitions: [...mls.transitions, ...signal.transitions, ...kem.transitions, ...aes.transitions],
    }
  })

  const open = Effect.fnUntraced(function* (
    state: CascadeState<M, S, K, A>,
    ciphertext: Uint8Array,
  ): Effect.fn.Return<CascadeOpened<M, S, K, A>, Refused, Crypto> {
    const bind = yield* binder(state.transcript, receivedBy(state.role))
    const aes = yield* layers.aes.open(state.layers.aes, ciphertext, bind("aes"))
    const bucket = aes.plaintext.length - INNER_OVERHEAD
    const inner = isBucket(bucket) ? unpadFrom(aes.plaintext, bucket + INNER_OVERHEAD) : undefined
    if (inner === undefined) return yield* new Refused()
    const kem = yield* layers.kem.open(state.layers.kem, inner, bind("kem"))
    const signal = yield* layers.signal.open(state.layers.signal, kem.plaintext, bind("signal"))
    const mls = yield* layers.mls.open(state.layers.mls, signal.plaintext, bind("mls"))
    const content = mls.plaintext.length === bucket ? unpad(mls.plaintext) : undefined
    if (content === undefined) return yield* new Refused()
    return {
      state: { ...state, layers: { mls: mls.state, signal: signal.state, kem: kem.state, aes: aes.state } },
      content,
      transitions: [...aes.transitions, ...kem.transitions, ...signal.transitions, ...mls.transitions],
    }
  })

  const view = ({ layers: { aes, kem, mls, signal } }: CascadeState<M, S, K, A>): ReadonlyArray<LayerView> => [
    layers.mls.view(mls),
    layers.signal.view(signal),
    layers.kem.view(kem),
    layers.aes.view(aes),
  ]

  return {
    seal,
    open,
    view,
    expire: (state, now) => ({
      ...state,
      layers: {
        mls: layers.mls.expire(state.layers.mls, now),
        signal: layers.signal.expire(state.layers.signal, now),
        kem: layers.kem.expire(state.layers.kem, now),
        aes: layers.aes.expire(state.layers.aes, now),
      },
    }),
    encode: (state) => ({
      mls: layers.mls.encode(state.layers.mls),
      signal: layers.signal.encode(state.layers.signal),
      kem: layers.kem.encode(state.layers.kem),
      aes: layers.aes.encode(state.layers.aes),
    }),
    decode: (transcript, role, records) => {
      const mls = layers.mls.decode(records.mls)
      const signal = layers.signal.decode(records.signal)
      const kem = layers.kem.decode(records.kem)
      const aes = layers.aes.decode(records.aes)
      if (mls === undefined || signal === undefined || kem === undefined || aes === undefined) return undefined
      return { transcript: transcript.slice(), role, layers: { mls, signal, kem, aes } }
    },
    isWornOut: (state) => view(state).some(({ epoch, received, sent }) => Math.max(epoch, received, sent) >= WORN_OUT),
  }
}

const binder = (transcript: Uint8Array, direction: Direction) =>
  Effect.map(Crypto, (crypto) => {
    const bindings = bindingsOf(crypto, transcript)
    return (layer: LayerName): Uint8Array => bindings[direction][layer]
  })

const isBucket = (length: number): boolean => length >= SMALLEST_BUCKET && bucketOf(length - 1) === length
