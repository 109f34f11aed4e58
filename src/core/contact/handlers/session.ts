/** The commands of the session: keeping what our user writes, and what comes of the peer's frames. */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { fromUtf8 } from "../../crypto/bytes.ts"
import { Crypto } from "../../crypto/crypto.ts"
import type { At, Handlers, Start, Tell } from "../../host/handlers.ts"
import type { InstanceId } from "../../store.ts"
import { type CascadeRecords, sealed } from "../cascade-records.ts"
import { type ContactMachines, LINK } from "../machines.ts"
import type { Places } from "../places.ts"
import { about, entry, outgoing, RECORD } from "../records.ts"
import { Application, Wire } from "../services.ts"
import { must } from "./handshake-records.ts"
import { openFrame } from "./open-frame.ts"
import { rekeyHandlers } from "./rekey.ts"

/** Delivered messages that keep an instance until they are read; older ones are told of reading by number alone. */
const MAX_RESTING = 256

export const sessionHandlers = (
  records: CascadeRecords,
  places: Places,
  /** Called with every frame that opened. */
  genuine: (frame: string) => void,
): Handlers<ContactMachines, Crypto, Wire | Application>["session"] => ({
  prepare: {
    keepMessage: Effect.fnUntraced(function* ({ at: time, id, index, lifetime, number }, at) {
      const text = must(fromUtf8(must(yield* at.read(draftOf(id)), draftOf(id))), draftOf(id))
      const message = { id: idBytes(id), number, at: time, text }
      places.give(id, { number, index })
      return {
        write: [
          [RECORD.history(index), entry.encode({ ...message, mine: true, gap: 0 })],
          [RECORD.outgoing(number), outgoingOf(content.encode({ kind: "text", ...message }), lifetime)],
        ],
      }
    }),

    keepName: Effect.fnUntraced(function* (_, at) {
      return { write: [[RECORD.ownName, (yield* at.read(RECORD.ownName)) ?? new Uint8Array()]] }
    }),

    keepProfile: Effect.fnUntraced(function* ({ number }, at) {
      const crypto = yield* Crypto
      const name = (yield* at.read(RECORD.ownName)) ?? new Uint8Array()
      const profile = { kind: "profile", id: crypto.random(16), number, name: fromUtf8(name) ?? "" } as const
      return {
        write: [
          [RECORD.ownName, name],
          [RECORD.outgoing(number), outgoingOf(content.encode(profile), null)],
        ],
      }
    }),

    ...rekeyHandlers(records),

    startDelivery: Effect.fnUntraced(function* ({ number }, at) {
      const { lifetime } = outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!
      return { start: [{ start: `delivery/${number}`, input: { number, lifetime: lifetime ?? null } }] }
    }),

    wakeDeliveries: (_, at) => Effect.succeed({ tell: everyDelivery(at, { type: "LinkOpened" }) }),

    endDeliveries: (_, at) => Effect.succeed({ tell: everyDelivery(at, { type: "SessionEnded" }) }),

    settleDeliveries: ({ also, readUpTo, upTo }, at) => {
      const had = new Set(also)
      const tell: Array<Tell<ContactMachines>> = []
      const alive = numbersOf(at, "delivery")
      for (const number of alive) {
        const to = `delivery/${number}` as const
        if (number < upTo || had.has(number)) tell.push({ to, event: { type: "Acknowledged" } })
        if (number < readUpTo) tell.push({ to, event: { type: "PeerRead" } })
      }
      for (const number of alive.slice(0, -MAX_RESTING)) {
        tell.push({ to: `delivery/${number}`, event: { type: "Retired" } })
      }
      return Effect.succeed({ tell })
    },

    openFrame: ({ frame }, at) => openFrame(records, frame, genuine, at),

    dropContent: ({ number }) => Effect.succeed({ erase: [RECORD.incoming(number)] }),

    startReceipt: ({ number }, at) => {
      const start: ReadonlyArray<Start<ContactMachines>> = [{ start: `receipt/${number}`, input: { number } }]
      const retired = numbersOf(at, "receipt").slice(0, -MAX_RESTING)
      return Effect.succeed({
        start,
        tell: retired.map((old) => ({ to: `receipt/${old}` as const, event: { type: "Retired" as const } })),
      })
    },

    showMessage: ({ gap, index, number }) =>
      Effect.succeed({ tell: [{ to: `receipt/${number}`, event: { type: "TurnCame", index, gap } }] }),

    takeProfile: Effect.fnUntraced(function* ({ number }, at) {
      const profile = content.decode((yield* at.read(RECORD.incoming(number)))!)
      const known = about.decode((yield* at.read(RECORD.about))!)
      if (profile?.kind !== "profile" || known === undefined) return {}
      return {
        // A peer that says no name keeps the one that its invite claimed.
        write: [[RECORD.about, about.encode({ ...known, name: profile.name || known.name })]],
        erase: [RECORD.incoming(number)],
      }
    }),

    settleReceipts: Effect.fnUntraced(function* ({ upTo }, at) {
      const rows = yield* at.list({ prefix: HISTORY, limit: MAX_COUNTED, fromEnd: true })
      const unread = rows.filter(([, bytes]) => {
        const found = entry.decode(bytes)
        return found !== undefined && !found.mine && found.number >= upTo
      }).length
      const read = numbersOf(at, "receipt").filter((number) => number < upTo)
      return {
        events: [{ type: "UnreadCounted", unread }],
        tell: read.map((number) => ({ to: `receipt/${number}` as const, event: { type: "UserRead" as const } })),
      }
    }),

    sealAcknowledgement: Effect.fnUntraced(function* ({ also, readUpTo, upTo }, at) {
      const apart = [...also].sort((a, b) => a - b)
      const bytes = content.encode({ kind: "acknowledgement", upTo, also: apart, readUpTo })
      const { frame, transitions, write } = yield* sealed(records, at, bytes)
      return { write: [...write, [RECORD.frame("acknowledgement"), frame]], transitions }
    }),

    sealTyping: Effect.fnUntraced(function* ({ active }, at) {
      const { frame, transitions, write } = yield* sealed(records, at, content.encode({ kind: "typing", active }))
      return { write: [...write, [RECORD.frame("typing"), frame]], transitions }
    }),

    keepComparison: Effect.fnUntraced(function* ({ at: comparedAt }, at) {
      const { comparedAt: _, ...known } = about.decode((yield* at.read(RECORD.about))!)!
      return { write: [[RECORD.about, about.encode({ ...known, ...(comparedAt !== null && { comparedAt }) })]] }
    }),

    pauseLink: () => Effect.succeed({ tell: [{ to: LINK, event: { type: "Paused" } }] }),
    resumeLink: () => Effect.succeed({ tell: [{ to: LINK, event: { type: "Resumed" } }] }),
  },

  perform: {
    transmit: Effect.fnUntraced(function* ({ frame }, { read }) {
      const bytes = yield* read(RECORD.frame(frame))
      // Neither is repeated: the next acknowledgement says it all again, and a typing notice is stale by then.
      if (bytes !== undefined) yield* (yield* Wire).transmit(bytes)
      return []
    }),
    tellTyping: ({ active }) => told({ type: "typing", active }),
    tellPaired: () => told({ type: "paired" }),
    tellFailed: ({ reason }) => told({ type: "failed", reason }),
    tellIdentityChanged: () => told({ type: "identityChanged" }),
  },
})

const HISTORY = "history/"
/** Unread messages are counted among this many of the last entries; nobody reads a larger number than that. */
const MAX_COUNTED = 500

/** Under which name our user's words come attached to MessageWritten. */
export const draftOf = (id: string): string => `draft/${id}`

const told = (news: Parameters<Application["Service"]["tell"]>[0]) =>
  Effect.as(
    Application.use(({ tell }) => tell(news)),
    [],
  )

const outgoingOf = (bytes: Uint8Array, lifetime: number | null): Uint8Array =>
  outgoing.encode({ content: bytes, ...(lifetime !== null && { lifetime }) })

/** Message ids are 16 bytes, in events 32 hexadecimal digits. */
const idBytes = (id: string): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(id.slice(2 * i, 2 * i + 2), 16))

const numbersOf = (at: At, machine: "delivery" | "receipt"): ReadonlyArray<number> =>
  at
    .alive(machine)
    .map(Number)
    .sort((a, b) => a - b)

const everyDelivery = (
  at: At,
  event: { readonly type: "LinkOpened" | "SessionEnded" },
): ReadonlyArray<Tell<ContactMachines>> =>
  numbersOf(at, "delivery").map((number) => ({ to: `delivery/${number}` satisfies InstanceId, event }))
