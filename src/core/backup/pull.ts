/** Sequences that are asked for one thing at a time: what a backup is written from and read from. */
import * as Effect from "effect/Effect"
import { concat } from "../crypto/bytes.ts"

/** The next value; undefined at the end, and ever after. */
export type Pull<A, E> = Effect.Effect<A | undefined, E>

/** Bytes in the portions that their reader wants. */
export interface ByteSource<E> {
  /** The next `length` bytes, or what is left. Perhaps a view into a portion: to be read, not to be kept or changed. */
  readonly take: (length: number) => Effect.Effect<Uint8Array, E>
  readonly hasMore: Effect.Effect<boolean, E>
  /** What is left of the present portion, or the next one; undefined at the end. */
  readonly portion: Effect.Effect<Uint8Array | undefined, E>
}

/** Holds no more than one portion of the source and what the reader asks for. */
export const byteSource = <E>(source: Pull<Uint8Array, E>): ByteSource<E> => {
  let portion: Uint8Array = new Uint8Array(0)
  let ended = false
  const fill = Effect.gen(function* () {
    while (!ended && portion.length === 0) {
      const more = yield* source
      if (more === undefined) ended = true
      else portion = more
    }
  })
  return {
    take: Effect.fnUntraced(function* (length) {
      yield* fill
      if (portion.length >= length) {
        const whole = portion.subarray(0, length)
        portion = portion.subarray(length)
        return whole
      }
      const parts: Array<Uint8Array> = []
      for (let missing = length; missing > 0; ) {
        yield* fill
        if (portion.length === 0) break
        const part = portion.subarray(0, missing)
        parts.push(part)
        portion = portion.subarray(part.length)
        missing -= part.length
      }
      return concat(...parts)
    }),
    hasMore: Effect.map(fill, () => portion.length > 0),
    portion: Effect.map(fill, () => {
      const whole = portion
      portion = new Uint8Array(0)
      return whole.length > 0 ? whole : undefined
    }),
  }
}

/** An async iterable of bytes as a pull. `stop` tells it that nobody will ask again. */
export const pullOf = <E>(
  iterable: AsyncIterable<Uint8Array>,
  failed: (cause: unknown) => E,
): { readonly next: Pull<Uint8Array, E>; readonly stop: Effect.Effect<void> } => {
  const iterator = iterable[Symbol.asyncIterator]()
  return {
    next: Effect.map(Effect.tryPromise({ try: () => iterator.next(), catch: failed }), (result) =>
      result.done === true ? undefined : result.value,
    ),
    stop: Effect.ignore(Effect.tryPromise({ try: async () => iterator.return?.(), catch: () => undefined })),
  }
}

/** One value, asked for when it is wanted. */
export const once = <A, E>(value: Effect.Effect<A, E>): Pull<A, E> => {
  let asked = false
  return Effect.suspend(() => {
    if (asked) return Effect.succeed(undefined)
    asked = true
    return value
  })
}

/** One pull after the other; each is made when the one before it has ended. */
export const chained = <A, E>(pulls: () => Iterator<Pull<A, E>>): Pull<A, E> => {
  const rest = pulls()
  let now = rest.next()
  return Effect.gen(function* () {
    while (now.done !== true) {
      const found = yield* now.value
      if (found !== undefined) return found
      now = rest.next()
    }
    return undefined
  })
}
