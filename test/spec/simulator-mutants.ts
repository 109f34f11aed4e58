/**
 * The rules that keep messages and keys, each broken by an edit of the sources. simulator-mutants.test.ts has the simulator find them:
 * every invariant of delivery and of the simulator is here.
 */
import { FAULT_KINDS, type FaultKind } from "../../src/spec/simulation/schedule.ts"
import type { Edit } from "../mutant.ts"

export interface Mutant {
  readonly breaks: string
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  /** Faults of the world that bring it to light; all unless said. */
  readonly kinds?: ReadonlyArray<FaultKind>
  /** How much is written, and the first schedule that tells. */
  readonly sends?: number
  readonly seen: number
  /** Whether some messages disappear before they are had. */
  readonly expires?: boolean
}

const HOST = "src/core/host/host.ts"
const RECORDS = "src/core/contact/cascade-records.ts"
const SESSION = "src/core/contact/handlers/session.ts"
const OPENING = "src/core/contact/handlers/open-frame.ts"
const IS_ACKNOWLEDGEMENT = "JSON.stringify(one.params).includes('acknowledgement')"

/** What a commit holds is read before it is durable. */
const READ_AHEAD: ReadonlyArray<Edit> = [
  [HOST, "const recent = new Recent()", "const ahead = new Map()\n  const recent = new Recent()"],
  [
    HOST,
    "if (recent.has(record)) return",
    "if (ahead.has(record)) return Effect.succeed(ahead.get(record)?.slice())\n      if (recent.has(record)) return",
  ],
]
const AHEAD_OF_ITS_COMMIT: Edit = [
  HOST,
  "inDoubt = true\n",
  "inDoubt = true\n      for (const [record, bytes] of batch.records) ahead.set(record, bytes?.slice())\n",
]

export const mutants: ReadonlyArray<Mutant> = [
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
    seen: 118,
    sends: 50,
  },
  {
    breaks: "SM-2",
    fault: "transmit before commit",
    seen: 1,
    edits: [
      AHEAD_OF_ITS_COMMIT,
      [HOST, "yield* store.commit(batch)\n", "yield* outbox.take(batch.outward)\n      yield* store.commit(batch)\n"],
      [HOST, "if (batch !== undefined) yield* outbox.take(batch.outward)", ""],
      ...READ_AHEAD,
    ],
  },
  {
    breaks: "DL-6",
    fault: "acknowledge before commit: what was received becomes durable two commits later",
    edits: [
      [
        HOST,
        "yield* store.commit(batch)\n      inDoubt = false",
        "for (const [record, bytes] of batch.records) ahead.set(record, bytes?.slice())\n      held.push(batch)\n      if (held.length > 2) yield* store.commit(held.shift())\n      inDoubt = false",
      ],
      [HOST, "const answers =", "const held = []\n  const answers ="],
      ...READ_AHEAD,
    ],
    kinds: [],
    sends: 4,
    seen: 1,
  },
  {
    breaks: "DL-6",
    fault: "acknowledge before it is here: the number after the last is acknowledged as well",
    seen: 2,
    edits: [
      [
        SESSION,
        "const { frame, transitions, write } = yield* sealed(records, at, bytes)",
        "const { frame, transitions, write } = yield* sealed(records, at, content.encode({ kind: 'acknowledgement', upTo: upTo + 1, also: [], readUpTo }))",
      ],
    ],
    kinds: ["loss", "delay"],
    sends: 10,
  },
  {
    // What it says is made durable by the same commit as the frame that says it.
    breaks: "SM-2",
    fault: "an acknowledgement leaves before its own commit",
    seen: 1,
    edits: [
      AHEAD_OF_ITS_COMMIT,
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
      ...READ_AHEAD,
    ],
  },
  {
    breaks: "DL-2",
    fault: "a message that expired leaves no gap",
    edits: [["src/machines/session-established.ts", "gap: at.context.gap + 1", "gap: at.context.gap"]],
    kinds: ["partition", "loss"],
    expires: true,
    seen: 2,
  },
  {
    breaks: "SM-3",
    fault: "a storage takes commits of whoever lost it",
    edits: [
      [
        "src/spec/simulation/disk.ts",
        '(writer === mine ? act() : new Unavailable({ reason: "blocked" }))',
        "act() as never",
      ],
      // Nor does it tell whoever lost it, or compare versions.
      ["src/spec/simulation/disk.ts", "if (found !== batch.expected) return", "if (found === -1) return"],
      ["src/spec/simulation/disk.ts", "        dispossess()\n", ""],
    ],
    kinds: ["lease"],
    seen: 8,
  },
  {
    breaks: "DL-1",
    fault: "dedupe by outer identity only: what comes under another seal is taken for another message",
    seen: 18,
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
    fault: "a key is kept after its use",
    seen: 1,
    edits: [[RECORDS, "write: records.writes(next), transitions }", "write: records.writes(live), transitions }"]],
    kinds: [],
    sends: 2,
  },
  {
    // The keys that the other tab used would serve again. The peer does not vouch for that state, and takes it for a copy.
    breaks: "HL-2",
    fault: "cache kept across takeover: a tab that takes its place back goes on with the records that it remembers",
    seen: 22,
    edits: [
      [HOST, "/** A turn takes", "const kept = new WeakMap()\n/** A turn takes"],
      [
        HOST,
        "const recent = new Recent()",
        "const mine = kept.get(clock) ?? new Map()\n  kept.set(clock, mine)\n  const recent = mine.get(id) ?? new Recent()\n  mine.set(id, recent)",
      ],
    ],
    kinds: ["lease"],
  },
  {
    breaks: "HL-2",
    fault: "an answer from before the peer took up new keys is believed after it did",
    kinds: FAULT_KINDS,
    seen: 15,
    edits: [
      [
        "src/core/contact/handlers/judge.ts",
        'if (early && !switched && isAmong(newest.id, tell.offered ?? [])) return "overtaken"',
        "",
      ],
    ],
  },
  {
    breaks: "DL-4",
    fault: "retransmit with a fresh seal",
    seen: 3,
    edits: [
      ["src/machines/delivery.ts", 'LinkOpened: { target: "sealed", reenter: true } },', 'LinkOpened: "queued" },'],
      ["src/machines/delivery.ts", 'on: { LinkOpened: "sealed" },', 'on: { LinkOpened: "queued" },'],
    ],
  },
  {
    breaks: "DL-6",
    fault: "acknowledge what was not received",
    seen: 2,
    edits: [[SESSION, "number < upTo || had", "number <= upTo || had"]],
  },
  {
    breaks: "DL-1",
    fault: "the application is told twice",
    seen: 1,
    edits: [
      [
        "src/core/contact/handlers/receipt.ts",
        'yield* (yield* Application).tell({ type: "message", index })',
        'yield* (yield* Application).tell({ type: "message", index }); yield* (yield* Application).tell({ type: "message", index })',
      ],
    ],
  },
  {
    breaks: "DL-5",
    fault: "a frame that comes again is not acknowledged again",
    edits: [["src/machines/session-acknowledging.ts", '        FrameRepeated: "gathering",\n', ""]],
    seen: 10,
  },
  {
    breaks: "DL-7",
    fault: "what comes early is not said to be here",
    edits: [["src/machines/session-acknowledging.ts", '        NumberedOpened: "gathering",\n', ""]],
    seen: 11,
  },
  {
    breaks: "SM-5",
    fault: "a pause is drawn from the runtime's own chance",
    edits: [["src/core/contact/handlers/link.ts", "(yield* Random.next)", "Math.random()"]],
    // Or, by that chance, one soon after.
    seen: 32,
    sends: 10,
  },
  {
    breaks: "SM-4",
    fault: "nobody listens again after a restart",
    seen: 13,
    edits: [
      [
        "src/core/contact/listening.ts",
        "yield* Effect.forkScoped(Effect.flatMap(again, (listener) => takeFrom(listener, listening)))",
        "",
      ],
    ],
  },
]
