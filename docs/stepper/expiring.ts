/**
 * What the invariant of expiry says at a moment of a run: looks at what lies on everybody's disk, one after each step. Time is over for
 * a text once its owner's process has counted past it, or had the chance to. Docs: invariants.md, "Expiry".
 */
import { entry, moment, outgoing, RECORD } from "../../src/core/contact/records.ts"
import { content } from "../../src/core/content.ts"
import { utf8 } from "../../src/core/crypto/bytes.ts"
import { toHex } from "../../src/core/hex.ts"
import type { ExpiryObservation, Look } from "../../src/spec/invariants/expiry.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import type { PeerInView, View } from "../../src/spec/simulation/view.ts"

/** A text that disappears, as it was seen on a disk. */
interface Text {
  readonly text: string
  readonly due: number
}

/** What was seen on one disk, and what is remembered of it for the next look. */
interface Disk {
  readonly looks: ReadonlyArray<Look>
  /** By message id: those with a time at the last look, and those whose time was over before. */
  readonly texts: ReadonlyMap<string, Text>
  readonly over: ReadonlyMap<string, Text>
  /** Of the process, at the last look. */
  readonly wasOpen: boolean
}

/** So far, by whose disk it is and whom the conversation is with. */
export type Looks = ReadonlyMap<string, Disk>
export const NO_LOOKS: Looks = new Map()

export const observed = (looks: Looks): ExpiryObservation => ({ disks: [...looks.values()].map((disk) => disk.looks) })

/** An older disk in its place has older texts on it: what went before says nothing of it. */
const isOther = ([what]: Choice): boolean => ["putBack", "restore", "replace", "lose"].includes(what)

/** With one look more at everything. `choices`: all that led to it. */
export const lookedAt = (before: Looks, simulation: Simulation, view: View, choices: ReadonlyArray<Choice>): Looks => {
  const last = choices.at(-1)
  const known = last !== undefined && isOther(last) ? NO_LOOKS : before
  const isCalm = choices.every(([what]) => what !== "clock")
  const after = new Map<string, Disk>()
  for (const peer of view.peers)
    for (const other of view.peers) {
      const records = simulation.records(peer.name, other.name)
      const name = `${peer.name} ${other.name}`
      if (records !== undefined) after.set(name, seen(known.get(name), records, peer, isCalm, last))
    }
  return after
}

type Records = ReadonlyMap<string, Uint8Array>

const seen = (
  before: Disk | undefined,
  records: Records,
  { clock, status }: PeerInView,
  isCalm: boolean,
  choice: Choice | undefined,
): Disk => {
  const isOpen = status === "ready"
  const counted = moment.decode(records.get(RECORD.clock) ?? new Uint8Array()) ?? 0
  const hadChance = isCalm && isOpen && before?.wasOpen === true
  const over = new Map(before?.over)
  for (const [id, text] of before?.texts ?? [])
    if (text.due <= counted || (hadChance && text.due < clock)) over.set(id, text)
  const { ids, texts, written } = textsOn(records)
  if (over.size === 0 && texts.size === 0) return { looks: [], texts, over, wasOpen: isOpen }
  const live = new Set(written)
  const bytes = [...records.values()]
  const kept = [...over].flatMap(([id, { text }]) => {
    // The same words may have been written again.
    const isThere = ids.kept.has(id) || (!live.has(text) && text.length >= DISTINCT && isIn(bytes, utf8(text)))
    return isThere ? [id] : []
  })
  const shown = [...over.keys()].filter((id) => ids.shown.has(id))
  const look: Look = { after: choice?.join(" ") ?? "", over: [...over.keys()], kept, shown, frames: 0 }
  return { looks: [...(before?.looks ?? []), look], texts, over, wasOpen: isOpen }
}

/** Shorter texts may stand in other bytes by chance. */
const DISTINCT = 6

const startingWith = (records: Records, prefix: string): ReadonlyArray<Uint8Array> =>
  [...records].flatMap(([id, bytes]) => (id.startsWith(prefix) ? [bytes] : []))

const textsOn = (records: Records) => {
  const texts = new Map<string, Text>()
  const ids = { kept: new Set<string>(), shown: new Set<string>() }
  const written: Array<string> = []
  for (const bytes of startingWith(records, "history/")) {
    const found = entry.decode(bytes)
    if (found === undefined || found.text === "" || found.line !== undefined) continue
    const id = toHex(found.id)
    ids.shown.add(id)
    written.push(found.text)
    if (found.due !== undefined) texts.set(id, { text: found.text, due: found.due })
  }
  const waiting = [
    ...startingWith(records, "incoming/"),
    ...startingWith(records, "outgoing/").flatMap((bytes) => outgoing.decode(bytes)?.content ?? []),
  ]
  for (const bytes of waiting) {
    const found = content.decode(bytes)
    if (found === undefined || !("text" in found)) continue
    ids.kept.add(toHex(found.id))
    written.push(found.text)
  }
  return { texts, ids, written }
}

const isIn = (all: ReadonlyArray<Uint8Array>, wanted: Uint8Array): boolean =>
  all.some((bytes) => {
    for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1))
      if (wanted.every((byte, i) => bytes[at + i] === byte)) return true
    return false
  })
