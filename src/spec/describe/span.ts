/** What a stretch of bytes is. Spans lie side by side and leave no byte out: that is tested, for arbitrary frames. */
import type { LayerName } from "../../core/layers/layer.ts"
import type { Keyed } from "./keyed.ts"

/** A stretch of bytes, and what it is. */
export interface Span {
  /** Where it begins, in the bytes that are described. */
  readonly at: number
  /** In bytes. */
  readonly length: number
  /** In a word or two. */
  readonly name: string
  /** As a person would write it, where that says more than the bytes. */
  readonly value?: string
  /** What it is for, in a sentence or two. */
  readonly note: string
  /** The invariants that it serves, by id. */
  readonly rules?: ReadonlyArray<string>
  /** Of a ciphertext or an authenticator: the key that made it. */
  readonly keyed?: Keyed
  /** What it consists of. They tile it. */
  readonly parts?: ReadonlyArray<Span>
  /** The plaintext of a ciphertext, for who has the key. */
  readonly opens?: Opening
}

/**
 * What opens a ciphertext: a layer; the MLS layer's handshake keys, for a commit; a recovery secret, for where the peer stands; the
 * vault, for what lies on the disk.
 */
export type OpenedBy = LayerName | "commit" | "recovery" | "vault"

/** A plaintext, explained. */
export interface Opening {
  /** What opened it. */
  readonly by: OpenedBy
  /** The plaintext. */
  readonly bytes: Uint8Array
  /** They tile it. */
  readonly spans: ReadonlyArray<Span>
}

/** The plaintext of a ciphertext, from whoever has the keys, or kept it; undefined where nobody has. */
export type Opener = (by: OpenedBy, ciphertext: Uint8Array) => Uint8Array | undefined

/** Where spans leave a gap, overlap, or go beyond: sentences, none of them if the spans tile the bytes at every level. */
export const tilingProblems = (spans: ReadonlyArray<Span>, length: number, from = 0): ReadonlyArray<string> => {
  const problems: Array<string> = []
  let at = from
  for (const span of spans) {
    if (span.at !== at || span.length <= 0) problems.push(`${span.name}: ${span.at}+${span.length}, not from ${at}`)
    at = span.at + span.length
    if (span.parts !== undefined) problems.push(...tilingProblems(span.parts, span.length, span.at))
    if (span.opens !== undefined) problems.push(...tilingProblems(span.opens.spans, span.opens.bytes.length))
  }
  if (at !== from + length) problems.push(`${at - from} of ${length} bytes are described`)
  return problems
}

/** Side by side, from `at`; those of no length are left out. */
export const inARow = (at: number, spans: ReadonlyArray<Omit<Span, "at">>): ReadonlyArray<Span> => {
  let next = at
  return spans.flatMap((span) => {
    const start = next
    next += span.length
    return span.length === 0 ? [] : [{ ...span, at: start }]
  })
}

/** The same spans for bytes that begin elsewhere. */
export const shifted = (spans: ReadonlyArray<Span>, by: number): ReadonlyArray<Span> =>
  spans.map((span) => ({
    ...span,
    at: span.at + by,
    ...(span.parts !== undefined && { parts: shifted(span.parts, by) }),
  }))

/** For bytes that are not what they should be: all of them, as one. */
export const unreadable = (length: number, note: string): ReadonlyArray<Span> =>
  length === 0 ? [] : [{ at: 0, length, name: "unreadable", note }]
