/** The commands of the session: keeping what our user writes, and what comes of the peer's frames. */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { fromUtf8 } from "../../crypto/bytes.ts"
import { Crypto } from "../../crypto/crypto.ts"
import type { At, Handlers, Start, Tell } from "../../host/handlers.ts"
import type { InstanceId } from "../../store.ts"
import { type CascadeRecords, sealed } from "../cascade-records.ts"
import { type Life, maySeal } from "../life.ts"
import { type ContactMachines, LINK } from "../machines.ts"
import type { Places } from "../places.ts"
import { about, entry, outgoing, RECORD } from "../records.ts"
import { Application, Wire } from "../services.ts"
import { messageHandlers } from "./messages.ts"
import { openFrame, type Remembered } from "./open-frame.ts"
import { rekeyHandlers } from "./rekey.ts"

/** Delivered messages that keep an instance until they are read; older ones are told of reading by number alone. */
const MAX_RESTING = 256
/** So many more before the oldest are taken away, all at once: to look for them costs more than to let them rest. */
const RETIRED_TOGETHER = 64

export const sessionHandlers = (
  records: CascadeRecords,
  life: Life,
  places: Places,
  /** Called with every frame that opened. */
  genuine: (frame: string) => void,
  remembered: Remembered = { latest: undefined },
): Handlers<ContactMachines, Crypto, Wire | Application>["session"] => ({
  prepare: {
    ...messageHandlers(records.role, places),

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
          [RECORD.outgoing(number), outgoing.encode({ content: content.encode(profile) })],
        ],
      }
    }),

    keepReplaced: Effect.fnUntraced(function* ({ index }, at) {
      const id = (yield* Crypto).random(16)
      const line = { mine: true, id, number: 0, at: at.now, text: "", gap: 0, line: "replaced" } as const
      return { write: [[RECORD.history(index), entry.encode(line)]] }
    }),

    ...rekeyHandlers(records, life),

    startDelivery: Effect.fnUntraced(function* ({ number }, at) {
      const { until } = outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!
      const lifetime = until === undefined ? null : Math.max(0, until - at.now)
      return { start: [{ start: `delivery/${number}`, input: { number, lifetime } }] }
    }),

    wakeDeliveries: (_, at) => Effect.succeed({ tell: everyDelivery(at, { type: "LinkOpened" }) }),

    resumeSealing: (_, at) => Effect.succeed({ tell: everyDelivery(at, { type: "SealingAllowed" }) }),

    endDeliveries: (_, at) => Effect.succeed({ tell: everyDelivery(at, { type: "SessionEnded" }) }),

    settleDeliveries: ({ also, apart, passed, readUpTo, upTo }, at) => {
      const had = new Set(also)
      const tell: Array<Tell<ContactMachines>> = []
      const alive = numbersOf(at, "delivery")
      for (const number of alive) {
        const to = `delivery/${number}` as const
        const isHad = number < upTo || had.has(number)
        if (isHad && at.stateOf(to) !== "delivered") {
          tell.push({ to, event: { type: "Acknowledged", apart: apart.includes(number) } })
        }
        if (number < readUpTo) tell.push({ to, event: { type: "PeerRead" } })
      }
      for (const number of alive.slice(0, -MAX_RESTING)) {
        tell.push({ to: `delivery/${number}`, event: { type: "Retired" } })
      }
      return Effect.succeed({ tell, erase: passed.map((number) => RECORD.outgoing(number)) })
    },

    leaveAside: ({ number }) =>
      Effect.succeed({
        erase: [RECORD.incoming(number)],
        tell: [{ to: `receipt/${number}`, event: { type: "Superseded" } }],
      }),

    openFrame: ({ frame }, at) => openFrame(records, frame, genuine, remembered, at),

    dropContent: ({ number }) => Effect.succeed({ erase: [RECORD.incoming(number)] }),

    startReceipt: ({ number }, at) => {
      const start: ReadonlyArray<Start<ContactMachines>> = [{ start: `receipt/${number}`, input: { number } }]
      const tooMany = at.howMany("receipt") > MAX_RESTING + RETIRED_TOGETHER
      const retired = tooMany ? numbersOf(at, "receipt").slice(0, -MAX_RESTING) : []
      return Effect.succeed({
        start,
        tell: retired.map((old) => ({ to: `receipt/${old}` as const, event: { type: "Retired" as const } })),
      })
    },

    showMessage: ({ as, gap, index, number }) =>
      Effect.succeed({ tell: [{ to: `receipt/${number}`, event: { type: "TurnCame", as, index, gap } }] }),

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

    sealAcknowledgement: Effect.fnUntraced(function* ({ also, readUpTo, upTo }, at) {
      if (!maySeal(at, life)) return { erase: [RECORD.frame("acknowledgement")] }
      const apart = [...also].sort((a, b) => a - b)
      const bytes = content.encode({ kind: "acknowledgement", upTo, also: apart, readUpTo })
      const { frame, transitions, write } = yield* sealed(records, at, bytes)
      return { write: [...write, [RECORD.frame("acknowledgement"), frame]], transitions }
    }),

    sealTyping: Effect.fnUntraced(function* ({ active }, at) {
      if (!maySeal(at, life)) return { erase: [RECORD.frame("typing")] }
      const { frame, transitions, write } = yield* sealed(records, at, content.encode({ kind: "typing", active }))
      return { write: [...write, [RECORD.frame("typing"), frame]], transitions }
    }),

    keepComparison: Effect.fnUntraced(function* ({ at: comparedAt }, at) {
      const { comparedAt: _, ...known } = about.decode((yield* at.read(RECORD.about))!)!
      return { write: [[RECORD.about, about.encode({ ...known, ...(comparedAt !== null && { comparedAt }) })]] }
    }),

    // What our user compared was the identity that they saw; one that they did not compare is not compared any more.
    acceptIdentity: Effect.fnUntraced(function* (_, at) {
      const candidate = yield* at.read(RECORD.candidate)
      if (candidate === undefined) return {}
      const { comparedAt: _before, ...known } = about.decode((yield* at.read(RECORD.about))!)!
      return {
        write: [
          [RECORD.peerStatics, candidate],
          [RECORD.about, about.encode(known)],
        ],
        erase: [RECORD.candidate],
      }
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
    tellHealed: ({ reason }) => told({ type: "healed", reason }),
    tellReplaced: () => told({ type: "replaced" }),
  },
})

const told = (news: Parameters<Application["Service"]["tell"]>[0]) =>
  Effect.as(
    Application.use(({ tell }) => tell(news)),
    [],
  )

const numbersOf = (at: At, machine: "delivery" | "receipt"): ReadonlyArray<number> =>
  at
    .alive(machine)
    .map(Number)
    .sort((a, b) => a - b)

const everyDelivery = (
  at: At,
  event: { readonly type: "LinkOpened" | "SealingAllowed" | "SessionEnded" },
): ReadonlyArray<Tell<ContactMachines>> =>
  numbersOf(at, "delivery").map((number) => ({ to: `delivery/${number}` satisfies InstanceId, event }))
