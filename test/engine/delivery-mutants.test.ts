/** Conversations with one known fault each. Every invariant of delivery must notice its own. */
import { assert, describe, it } from "vitest"
import { type DeliveryObservation, deliveryInvariants } from "../../src/spec/invariants/delivery.ts"
import { byId } from "../../src/spec/invariants/invariant.ts"
import { type Edit, withFault } from "../mutant.ts"
import type * as Conversation from "./conversation.ts"
import type { Plan } from "./conversation-plans.ts"
import type * as SessionLife from "./session-life.ts"

interface Mutant {
  readonly breaks: string
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  readonly observe: (edits: ReadonlyArray<Edit>) => Promise<DeliveryObservation>
}

const GOOD = { loss: 0, duplicate: 0, reorder: 0, corrupt: 0, delay: 0 }

const talking =
  (plan: Partial<Plan> & Pick<Plan, "moves">) =>
  (edits: ReadonlyArray<Edit>): Promise<DeliveryObservation> =>
    withFault(edits, "test/engine/conversation.ts", ({ converse }: typeof Conversation) =>
      converse({ seed: 1, slow: false, faults: [GOOD, GOOD], ...plan }),
    )

const send = (by: 0 | 1, count: number, expires = false) => ({ do: "send", by, count, long: false, expires }) as const
const wait = (ms: number) => ({ do: "wait", ms }) as const

const ACKNOWLEDGING = "src/machines/session-acknowledging.ts"

const mutants: ReadonlyArray<Mutant> = [
  {
    breaks: "DL-1",
    fault: "the application is told twice",
    edits: [
      [
        "src/core/contact/handlers/receipt.ts",
        'yield* (yield* Application).tell({ type: "message", index })',
        'yield* (yield* Application).tell({ type: "message", index }); yield* (yield* Application).tell({ type: "message", index })',
      ],
    ],
    observe: talking({ moves: [send(0, 2), wait(900)] }),
  },
  {
    breaks: "DL-2",
    fault: "a tombstone leaves no gap",
    edits: [["src/machines/session-established.ts", "gap: at.context.gap + 1", "gap: at.context.gap"]],
    observe: talking({
      moves: [
        { do: "part", who: 1, on: true },
        send(0, 2, true),
        wait(5_000),
        { do: "part", who: 1, on: false },
        send(0, 1),
        wait(60_000),
      ],
    }),
  },
  {
    breaks: "DL-3",
    fault: "what waits to be sealed is not woken",
    edits: [
      [
        "src/core/contact/handlers/session.ts",
        'Effect.succeed({ tell: everyDelivery(at, { type: "SealingAllowed" }) })',
        'Effect.succeed({ tell: everyDelivery(at, { type: "SealingAllowed" }).slice(0, 0) })',
      ],
    ],
    observe: talking({ moves: [{ do: "close", who: 1 }, { do: "cut" }, send(0, 2), wait(900)] }),
  },
  {
    breaks: "DL-4",
    fault: "a message is sealed anew for every link",
    edits: [
      [
        "src/machines/delivery.ts",
        'on: { Transmitted: "sent", LinkOpened: { target: "sealed", reenter: true } },',
        'on: { Transmitted: "sent", LinkOpened: "queued" },',
      ],
      ["src/machines/delivery.ts", 'on: { LinkOpened: "sealed" },', 'on: { LinkOpened: "queued" },'],
    ],
    observe: talking({ faults: [GOOD, { ...GOOD, loss: 1 }], moves: [send(0, 2), { do: "cut" }, wait(5_000)] }),
  },
  {
    breaks: "DL-5",
    fault: "a frame that comes again is not acknowledged again",
    edits: [[ACKNOWLEDGING, '        FrameRepeated: "gathering",\n', ""]],
    observe: talking({ faults: [GOOD, { ...GOOD, loss: 1 }], moves: [send(0, 2), wait(20)] }),
  },
  {
    breaks: "DL-6",
    fault: "more is taken for acknowledged than was received",
    edits: [["src/core/contact/handlers/session.ts", "number < upTo || had", "number <= upTo || had"]],
    observe: talking({ faults: [{ ...GOOD, delay: [0, 300] }, GOOD], moves: [send(0, 8), wait(900)] }),
  },
  {
    breaks: "DL-7",
    fault: "what comes early is not said to be here",
    edits: [[ACKNOWLEDGING, '        NumberedOpened: "gathering",\n', ""]],
    observe: (edits) =>
      withFault(edits, "test/engine/session-life.ts", ({ secondFirst }: typeof SessionLife) => secondFirst()),
  },
]

describe("the invariants of delivery notice", () => {
  for (const { breaks, edits, fault, observe } of mutants) {
    it(`${breaks}: ${fault}`, async () => {
      const { holds } = byId(deliveryInvariants, breaks)
      assert.isFalse(holds(await observe(edits)), "with the fault")
      assert.isTrue(holds(await observe([])), "and are content without it")
    })
  }
})
