/**
 * A contact whose host is closed: what a list shows of it, and when it wants to be woken. A few kilobytes, where an open one takes a
 * hundred. Waking it is the ordinary way in, as after a start of the process. Docs: docs/architecture.md, "Sleeping contacts".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { LiveContact, Shown } from "../contact/contact.ts"
import { EXPIRY, INVITER, INVITER_AGAIN, JOINER, JOINER_AGAIN, LINK, machines } from "../contact/machines.ts"
import { type About, about, RECORD } from "../contact/records.ts"
import { fromBase64url, toBase64url } from "../crypto/bytes.ts"
import { wake } from "../host/draft.ts"
import type { HostId, InstanceId, RecordId, Row, StoreService, Unavailable } from "../store.ts"
import { type PackedRow, packed, unpacked } from "./packed-row.ts"
import { readSummary, type Summary } from "./summary.ts"
import type { DisappearingTimer } from "./values.ts"

/** When a sleeping contact is to be woken, in milliseconds of the wall clock; Infinity: not by the clock. */
export interface Wakes {
  /** For something of its own: a message that expires. */
  readonly own: number
  /** To look for the peer again. */
  readonly link: number
}

/** Everything that is kept, as one text: the smallest that it can be, and of most contacts nobody looks at it. */
interface Kept {
  readonly about: string
  readonly rows: ReadonlyArray<PackedRow>
  readonly last: readonly [RecordId, string] | undefined
  readonly timer: DisappearingTimer | undefined
  readonly outcomes: ReadonlyArray<readonly [number, "failed" | "expired"]> | undefined
}

const PAIRING: ReadonlyArray<InstanceId> = [INVITER, INVITER_AGAIN, JOINER, JOINER_AGAIN]

export class Asleep implements Shown {
  wakes: Wakes
  private readonly text: string

  constructor(
    known: Uint8Array,
    rows: Iterable<readonly [InstanceId, Row]>,
    { last, outcomes, timer }: Summary,
    wakes: Wakes,
  ) {
    this.wakes = wakes
    this.text = JSON.stringify({
      about: toBase64url(known),
      rows: [...rows].map(packed),
      last: last && [last[0], toBase64url(last[1])],
      timer,
      outcomes: outcomes && [...outcomes],
    } satisfies Kept)
  }

  get host(): Shown["host"] {
    const rows = new Map(this.kept().rows.map(unpacked))
    const instances = wake(machines, { version: 0, rows, outward: [] }).live
    return {
      instances,
      view: (id) => {
        const snapshot = instances.get(id)?.snapshot
        return snapshot && { state: snapshot.value, context: snapshot.context }
      },
    }
  }

  get links(): Shown["links"] {
    return CLOSED
  }

  about(): About {
    return about.decode(fromBase64url(this.kept().about)!)!
  }

  layers() {
    return []
  }

  /** The wall clock was set back by so much. */
  setBack(ms: number): void {
    const { link, own } = this.wakes
    this.wakes = { own: own - ms, link: link - ms }
  }

  summary(): Summary {
    const { last, outcomes, timer } = this.kept()
    return {
      last: last && [last[0], fromBase64url(last[1])!],
      timer,
      outcomes: outcomes && new Map(outcomes),
    }
  }

  private kept(): Kept {
    return JSON.parse(this.text) as Kept
  }
}

const CLOSED: Shown["links"] = { isOpen: () => false }

/** A contact as it falls asleep; `known`: what it is, as committed. */
export const asleepFrom = ({ host }: LiveContact, known: About, summary: Summary): Asleep => {
  const rows: Array<readonly [InstanceId, Row]> = []
  for (const [id, { snapshot, timers }] of host.instances)
    rows.push([id, { value: snapshot.value, context: snapshot.context, timers }])
  const link = Math.min(...(host.instances.get(LINK)?.timers ?? []).map(({ due }) => due))
  return new Asleep(about.encode(known), rows, summary, { own: host.due(LINK), link })
}

/**
 * A contact as it lies in the storage, not looked at in this process. Undefined: it has to be opened, because it is being paired,
 * has messages that may be due to disappear, or left something undone.
 */
export const asleepIn = Effect.fnUntraced(function* (
  store: StoreService,
  id: HostId,
): Effect.fn.Return<Asleep | undefined, Unavailable> {
  const known = (yield* store.read(id, RECORD.about)) ?? new Uint8Array()
  const what = about.decode(known)
  if (what?.pairedAt === undefined) return undefined
  const { outward, rows } = yield* store.load(id)
  if (outward.length > 0 || rows.has(EXPIRY) || PAIRING.some((one) => rows.has(one))) return undefined
  const now = yield* Clock.currentTimeMillis
  let own = Number.POSITIVE_INFINITY
  for (const [one, { timers }] of rows) {
    if (one === LINK) continue
    // As its host would arm them again.
    for (const { delay = Number.POSITIVE_INFINITY, due } of timers) own = Math.min(own, due, now + delay)
  }
  // Nobody has looked for the peer since the process began.
  return new Asleep(known, rows, yield* readSummary(store, id, what.role), { own, link: 0 })
})

/** Nothing is due so soon that falling asleep would not be worth it, in milliseconds. */
const WORTH = 60_000

/** Whether an open contact may be put to sleep: it is paired, it has and looks for no link, and nothing is under way or soon due. */
export const mayRest = ({ about, host, links }: LiveContact, now: number): boolean =>
  about().pairedAt !== undefined &&
  links.isQuiet() &&
  host.idle() &&
  host.due(LINK) > now + WORTH &&
  !PAIRING.some((one) => host.instances.has(one)) &&
  !isLooking(host.view(LINK)?.state)

const isLooking = (state: unknown): boolean =>
  typeof state === "object" && state !== null && ("connecting" in state || "linked" in state)
