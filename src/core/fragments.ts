/**
 * Fragments: frames that are longer than a link takes, in parts and together again. Docs: protocol.md, "Fragments".
 *
 * Fragments are not authenticated, the frame inside is. So they are kept in memory only, within bounds, and nothing is
 * remembered of an id once it is complete or dropped: whoever forges fragments spoils at most what is in progress.
 */
import { encodeFrame, FRAGMENT_BYTES, type Fragment, MAX_FRAGMENTS, MAX_FRAME } from "./frame.ts"
import { MAX_LINK_FRAME } from "./transport.ts"

/** Frames in progress with one contact. A sender has few under way at once; more is a flood. */
export const MAX_IN_PROGRESS = 8
/** All that unfinished frames with one contact can hold, each lacking one fragment: just under 1 MiB. */
export const MAX_REASSEMBLY_BYTES = MAX_IN_PROGRESS * (MAX_FRAGMENTS - 1) * FRAGMENT_BYTES

/**
 * The link frames for one encoded frame: itself where it fits, else its fragments. `id` is 8 bytes that tell it from others
 * under way, the same at a retransmission, so that parts which came the first time count.
 */
export const split = (frame: Uint8Array, id: Uint8Array): ReadonlyArray<Uint8Array> => {
  if (frame.length <= MAX_LINK_FRAME) return [frame.slice()]
  if (frame.length > MAX_FRAME) throw new RangeError(`a frame of ${frame.length} bytes is over ${MAX_FRAME}`)
  const count = Math.ceil(frame.length / FRAGMENT_BYTES)
  return Array.from({ length: count }, (_, index) =>
    encodeFrame({
      kind: "fragment",
      id,
      index,
      count,
      bytes: frame.subarray(index * FRAGMENT_BYTES, (index + 1) * FRAGMENT_BYTES),
    }),
  )
}

interface InProgress {
  readonly id: string
  /** One place for each fragment. */
  readonly parts: ReadonlyArray<Uint8Array | undefined>
  /** Sum of the parts' lengths. */
  readonly bytes: number
}

/** Frames in progress with one contact, oldest first. An immutable value. */
export interface Reassembly {
  readonly inProgress: ReadonlyArray<InProgress>
}

export const NOTHING_IN_PROGRESS: Reassembly = { inProgress: [] }

/** A frame that was given up: parts contradicted each other, or newer frames needed the room. */
export interface Dropped {
  readonly reason: "conflict" | "room"
}

export interface Reassembled {
  readonly reassembly: Reassembly
  /** The frame that this fragment completed, for `decodeReassembled`. */
  readonly frame: Uint8Array | undefined
  readonly dropped: ReadonlyArray<Dropped>
}

/**
 * Adds a fragment. One that is there already changes nothing; one that contradicts what is there ends that frame and begins
 * it anew, since either may be the forged one.
 */
export const reassemble = (reassembly: Reassembly, fragment: Fragment): Reassembled => {
  const id = fragment.id.join()
  const before = reassembly.inProgress.find((frame) => frame.id === id)
  const known = before?.parts[fragment.index]
  if (known !== undefined && before?.parts.length === fragment.count && isSame(known, fragment.bytes))
    return { reassembly, frame: undefined, dropped: [] }

  const conflicts = before !== undefined && (known !== undefined || before.parts.length !== fragment.count)
  const after = withPart(
    conflicts || before === undefined ? { id, parts: new Array(fragment.count).fill(undefined), bytes: 0 } : before,
    fragment,
  )
  const dropped: Array<Dropped> = conflicts ? [{ reason: "conflict" }] : []
  const isComplete = after.parts.every((part) => part !== undefined)
  if (isComplete || conflicts || before === undefined) {
    const others = reassembly.inProgress.filter((frame) => frame !== before)
    if (isComplete) return { reassembly: { inProgress: others }, frame: join(after), dropped }
    return bounded([...others, after], dropped)
  }
  return bounded(
    reassembly.inProgress.map((frame) => (frame === before ? after : frame)),
    dropped,
  )
}

const withPart = (frame: InProgress, { bytes, index }: Fragment): InProgress => ({
  id: frame.id,
  parts: frame.parts.with(index, bytes.slice()),
  bytes: frame.bytes + bytes.length,
})

/** Drops the oldest frames until the bound holds. */
const bounded = (inProgress: ReadonlyArray<InProgress>, dropped: ReadonlyArray<Dropped>): Reassembled => {
  const over = Math.max(0, inProgress.length - MAX_IN_PROGRESS)
  const lost = new Array<Dropped>(over).fill({ reason: "room" })
  return { reassembly: { inProgress: inProgress.slice(over) }, frame: undefined, dropped: [...dropped, ...lost] }
}

const join = (frame: InProgress): Uint8Array => {
  const whole = new Uint8Array(frame.bytes)
  let at = 0
  for (const part of frame.parts) {
    whole.set(part!, at)
    at += part!.length
  }
  return whole
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])
