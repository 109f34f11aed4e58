/**
 * The body of a backup: chunks of one size, each sealed with its index and whether it is the last, so that what is cut off,
 * swapped, repeated or added is noticed. Bounded memory in both directions. Docs: docs/backup.md, "Chunks".
 */
import * as Effect from "effect/Effect"
import { concat, u32be } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { BackupRefused } from "./problem.ts"
import type { ByteSource, Pull } from "./pull.ts"

/** Plaintext in a chunk. Small files stay small, and a tag costs a thousandth. */
export const CHUNK_BYTES = 16 * 1024
const TAG_BYTES = 16
export const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
/** The smallest file: 64 KiB say nothing but "few messages". */
const MIN_CHUNKS = 4

export interface ChunkKey {
  readonly crypto: CryptoService
  readonly key: Uint8Array
  /** The hash of everything before the chunks. */
  readonly context: Uint8Array
}

/**
 * To how many chunks a body of `chunks` is filled up: at most 12 % more, so that the size says little (Padmé: Nikitin et al.,
 * "Reducing Metadata Leakage from Encrypted Files", 2019, §4).
 */
export const paddedChunks = (chunks: number): number => {
  if (chunks <= MIN_CHUNKS) return MIN_CHUNKS
  const exponent = Math.floor(Math.log2(chunks))
  const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1)
  return Math.ceil(chunks / step) * step
}

/** The chunks of what `source` gives, with zeros behind it. The last one is marked. */
export const sealChunks = <E>({ context, crypto, key }: ChunkKey, source: Pull<Uint8Array, E>): Pull<Uint8Array, E> => {
  let waiting: Uint8Array = new Uint8Array(0)
  let index = 0
  /** Known once the source has ended. */
  let total: number | undefined
  return Effect.gen(function* () {
    while (total === undefined && waiting.length < CHUNK_BYTES) {
      const more = yield* source
      if (more === undefined) total = paddedChunks(index + 1)
      else waiting = concat(waiting, more)
    }
    if (index === total) return undefined
    const plain = new Uint8Array(CHUNK_BYTES)
    plain.set(waiting.subarray(0, CHUNK_BYTES))
    waiting = waiting.slice(CHUNK_BYTES)
    const sealed = yield* crypto.aes256Gcm.seal(key, nonceOf(index, index + 1 === total), plain, context)
    index += 1
    return sealed
  })
}

/** What the chunks hold, chunk by chunk. Ends only when the last one has opened and nothing follows it. */
export const openChunks = <E>(
  { context, crypto, key }: ChunkKey,
  source: ByteSource<E>,
): Pull<Uint8Array, E | BackupRefused> => {
  let index = 0
  let ended = false
  const opens = (sealed: Uint8Array, isLast: boolean) =>
    Effect.option(crypto.aes256Gcm.open(key, nonceOf(index, isLast), sealed, context))
  return Effect.gen(function* () {
    if (ended) return undefined
    const sealed = yield* source.take(SEALED_BYTES)
    if (sealed.length < SEALED_BYTES) return yield* new BackupRefused({ reason: "truncated" })
    const isLast = !(yield* source.hasMore)
    const opened = yield* opens(sealed, isLast)
    if (opened._tag === "None") {
      // Asked only to say what happened: a genuine chunk at the end that is not the last one means that the rest is gone.
      const isCut = isLast && (yield* opens(sealed, false))._tag === "Some"
      return yield* new BackupRefused({ reason: isCut ? "truncated" : "altered" })
    }
    index += 1
    ended = isLast
    return opened.value
  })
}

/** The key is fresh for every file, so the index alone keeps nonces apart; 64 TiB fit. */
const nonceOf = (index: number, isLast: boolean): Uint8Array =>
  concat(new Uint8Array(7), u32be(index), Uint8Array.of(isLast ? 1 : 0))
