/**
 * The rules that keep messages and keys, each broken in a copy of the sources: the simulator must notice within 200 schedules,
 * and be content with the same schedule without the fault.
 */
import { assert, describe, it } from "vitest"
import type * as Run from "../../src/spec/simulation/run.ts"
import { drawSchedule, FAULT_KINDS, type FaultKind } from "../../src/spec/simulation/schedule.ts"
import { type Edit, withFault } from "../attacks/mutant.ts"

/** A fault that takes longer to find could go unnoticed for a night. */
const MAX_SCHEDULES = 200

interface Mutant {
  readonly breaks: string
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  /** Faults of the world that bring it to light; all unless said. */
  readonly kinds?: ReadonlyArray<FaultKind>
  /** Where to begin to look, and how much is written. */
  readonly from?: number
  readonly sends?: number
}

const HOST = "src/core/host/host.ts"
const RECORDS = "src/core/contact/cascade-records.ts"
const SESSION = "src/core/contact/handlers/session.ts"
const OPENING = "src/core/contact/handlers/open-frame.ts"
const IS_ACKNOWLEDGEMENT = "JSON.stringify(one.params).includes('acknowledgement')"

const mutants: ReadonlyArray<Mutant> = [
  {
    // A real one, once: docs/simulator.md tells of it.
    breaks: "DL-3",
    fault: "a frame is repeated for ever, though the peer gave up its keys",
    edits: [
      [
        "src/machines/delivery.ts",
        "mayBeStale: ({ context }) => context.attempt >= TRANSMISSIONS_A_SEALING * 2 ** Math.min(context.sealings - 1, 32),",
        "mayBeStale: () => false,",
      ],
    ],
    kinds: ["loss", "reorder", "delay", "duplicate"],
    from: 118,
    sends: 50,
  },
  {
    breaks: "SM-2",
    fault: "transmit before commit",
    edits: [
      [HOST, "inDoubt = true\n", "inDoubt = true\n      for (const entry of batch.records) ahead.set(...entry)\n"],
      [HOST, "yield* store.commit(batch)\n", "yield* outbox.take(batch.outward)\n      yield* store.commit(batch)\n"],
      [HOST, "if (batch !== undefined) yield* outbox.take(batch.outward)", ""],
      [HOST, "const answers =", "const ahead = new Map()\n  const answers ="],
      [
        HOST,
        "read: (record) => store.read(id, record),",
        "read: (record) => ahead.has(record) ? Effect.succeed(ahead.get(record)) : store.read(id, record),",
      ],
    ],
  },
  {
    breaks: "DL-6",
    fault: "acknowledge before it is here: the number after the last is acknowledged as well",
    edits: [
      [
        SESSION,
        "const { frame, transitions, write } = yield* sealed(records, at, bytes)",
        "const { frame, transitions, write } = yield* sealed(records, at, content.encode({ kind: 'acknowledgement', upTo: upTo + 1, also: [], readUpTo }))",
      ],
    ],
  },
  {
    // What it says is made durable by the same commit as the frame that says it.
    breaks: "SM-2",
    fault: "acknowledge before commit",
    edits: [
      [HOST, "inDoubt = true\n", "inDoubt = true\n      for (const entry of batch.records) ahead.set(...entry)\n"],
      [
        HOST,
        "yield* store.commit(batch)\n",
        `yield* outbox.take(batch.outward.filter((one) => ${IS_ACKNOWLEDGEMENT}))\n      yield* store.commit(batch)\n`,
      ],
      [
        HOST,
        "yield* outbox.take(batch.outward)\n    for",
        `yield* outbox.take(batch.outward.filter((one) => !${IS_ACKNOWLEDGEMENT}))\n    for`,
      ],
      [HOST, "const answers =", "const ahead = new Map()\n  const answers ="],
      [
        HOST,
        "read: (record) => store.read(id, record),",
        "read: (record) => ahead.has(record) ? Effect.succeed(ahead.get(record)) : store.read(id, record),",
      ],
    ],
  },
  {
    breaks: "DL-1",
    fault: "dedupe by outer identity only: what comes under another seal is taken for another message",
    edits: [
      [
        OPENING,
        'const event = { type: "NumberedOpened", number: what.number, kind: what.kind } as const',
        'const number = isNew(at, what.number) ? what.number : (at.contextOf(SESSION) as SessionContext).next\n      const event = { type: "NumberedOpened", number, kind: what.kind } as const',
      ],
      [OPENING, "if (!isNew(at, what.number)) return", "if (!isNew(at, number)) return"],
      [OPENING, "[[RECORD.incoming(what.number), plaintext]]", "[[RECORD.incoming(number), plaintext]]"],
      [
        "src/core/contact/handlers/receipt.ts",
        'text?.kind !== "text" || (yield* findMessage(at, text.id)) !== undefined',
        'text?.kind !== "text"',
      ],
    ],
  },
  {
    breaks: "SM-1",
    fault: "a cache is kept across a takeover",
    edits: [
      ["src/core/contact/contact.ts", "makeCascadeRecords(role)", "makeCascadeRecords(role, undefined, crypto)"],
      [
        RECORDS,
        'export const makeCascadeRecords = (role: Role, desk: Pick<Desk, "layers" | "transcript"> = FIRST): CascadeRecords => {',
        // One for each process, as a module has it.
        "const caches = new WeakMap()\nexport const makeCascadeRecords = (role: Role, desk = FIRST, process = {}): CascadeRecords => {\n  const kept = caches.get(process) ?? {}\n  caches.set(process, kept)",
      ],
      [
        RECORDS,
        "if (last !== undefined && equal(last.outermost, outermost)) return last.state",
        "if (kept.state !== undefined) return kept.state",
      ],
      [
        RECORDS,
        "const encoded = sottoCascade.encode(state)",
        "kept.state = state\n      const encoded = sottoCascade.encode(state)",
      ],
    ],
    kinds: ["lease", "crash"],
  },
  {
    breaks: "SM-1",
    fault: "a key is kept after its use",
    edits: [[RECORDS, "write: records.writes(next), transitions }", "write: records.writes(live), transitions }"]],
  },
  {
    breaks: "DL-4",
    fault: "retransmit with a fresh seal",
    edits: [
      ["src/machines/delivery.ts", 'LinkOpened: { target: "sealed", reenter: true } },', 'LinkOpened: "queued" },'],
      ["src/machines/delivery.ts", 'on: { LinkOpened: "sealed" },', 'on: { LinkOpened: "queued" },'],
    ],
  },
  {
    breaks: "DL-6",
    fault: "acknowledge what was not received",
    edits: [[SESSION, "number < upTo || had", "number <= upTo || had"]],
  },
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
  },
  {
    breaks: "SM-4",
    fault: "nobody listens again after a restart",
    edits: [
      [
        "src/core/contact/listening.ts",
        "yield* Effect.forkScoped(Effect.flatMap(again, (listener) => takeFrom(listener, listening)))",
        "",
      ],
    ],
  },
]

describe("the simulator notices", () => {
  for (const { breaks, edits, fault, from = 1, kinds = FAULT_KINDS, sends = 30 } of mutants) {
    it(`${breaks}: ${fault}`, { timeout: 600_000 }, async () => {
      const schedule = (seed: number) => drawSchedule({ seed, sends, kinds })
      const found = await withFault(edits, "src/spec/simulation/run.ts", async ({ runSimulation }: typeof Run) => {
        for (let seed = from; seed < from + MAX_SCHEDULES; seed++) {
          const { violations } = await runSimulation(schedule(seed))
          const violation = violations.find((text) => text.startsWith(breaks))
          if (violation !== undefined) return { seed, violation }
        }
        return undefined
      })
      assert.isDefined(found, `not within ${MAX_SCHEDULES} schedules`)
      console.log(`${fault}: seed ${found?.seed}: ${found?.violation}`)
      await withFault([], "src/spec/simulation/run.ts", async ({ runSimulation }: typeof Run) => {
        assert.deepEqual((await runSimulation(schedule(found!.seed))).violations, [])
      })
    })
  }
})
