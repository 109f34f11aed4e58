/**
 * The rules of the pipeline, each broken in a copy of the source. The conversation's property must notice.
 * MUTANT_RUNS bounds how long it looks.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { type Edit, withFault } from "../../mutant.ts"
import { schedules } from "./fixture/schedules.ts"
import type * as World from "./fixture/world.ts"

const RUNS = Number(process.env["MUTANT_RUNS"] ?? 3_000)

interface Mutant {
  readonly breaks: string
  readonly edits: ReadonlyArray<Edit>
}

const HOST = "src/core/host/host.ts"
const TURN = "src/core/host/turn.ts"
const DRAFT = "src/core/host/draft.ts"
const MAILBOX = "src/core/host/mailbox.ts"
const OUTBOX = "src/core/host/outbox.ts"

const mutants: ReadonlyArray<Mutant> = [
  {
    breaks: "commit before perform",
    edits: [
      [HOST, "inDoubt = true\n", "inDoubt = true\n      for (const entry of batch.records) ahead.set(...entry)\n"],
      [HOST, "yield* store.commit(batch)\n", "yield* outbox.take(batch.outward)\n      yield* store.commit(batch)\n"],
      [HOST, "if (batch !== undefined) yield* outbox.take(batch.outward)", ""],
      [HOST, "const answers =", "const ahead = new Map<RecordId, Uint8Array | undefined>()\n  const answers ="],
      [
        HOST,
        "if (recent.has(record)) return Effect.succeed(recent.get(record))",
        "if (ahead.has(record)) return Effect.succeed(ahead.get(record))\n      if (recent.has(record)) return Effect.succeed(recent.get(record))",
      ],
    ],
  },
  { breaks: "recovery performs what was not confirmed", edits: [[HOST, "yield* outbox.take(saved.outward)", ""]] },
  { breaks: "recovery arms the timers", edits: [[HOST, "yield* alarm.set(earliest(committed))", ""]] },
  {
    breaks: "confirm after perform",
    edits: [
      [
        OUTBOX,
        "yield* options.performed(next, yield* perform(next))",
        "yield* options.performed(next, []); yield* options.performed(next, yield* perform(next))",
      ],
    ],
  },
  {
    breaks: "one instance's commands are performed in order",
    edits: [[OUTBOX, "if (lane !== undefined) {", "if (false) {"]],
  },
  {
    breaks: "a batch is applied whole",
    edits: [
      [
        "src/spec/simulation/life.ts",
        "store.commit(batch)",
        "store.commit(dice.chance(0.1) ? { ...batch, records: new Map() } : batch)",
      ],
    ],
  },
  {
    breaks: "the chain advances with its frame",
    edits: [["test/core/host/fixture/contact.ts", "[SENDING, encodeChain(next)],", ""]],
  },
  { breaks: "what follows from an event is settled", edits: [[TURN, "pending.push({ to: id, event })", "void event"]] },
  { breaks: "a poison event leaves no trace", edits: [[TURN, "draft.drop()", "draft.keep()"]] },
  {
    breaks: "a poison event costs itself only",
    edits: [[TURN, "return Effect.succeed(FAULTED)", "return Effect.failCause(cause as Cause.Cause<never>)"]],
  },
  {
    breaks: "a full mailbox takes nothing from outside",
    edits: [[MAILBOX, "held < MAX_MAILBOX && bytes < MAX_MAILBOX_BYTES", "bytes < MAX_MAILBOX_BYTES"]],
  },
  {
    breaks: "a full mailbox takes what was performed",
    edits: [[MAILBOX, "push: (post) => void push(post)", "push: (post) => void (hasRoom() && push(post))"]],
  },
  {
    breaks: "a submitter waits for room, and is not forgotten",
    edits: [[MAILBOX, "while (waiting.length > 0 && hasRoom()) push(waiting.shift()!)", ""]],
  },
  {
    breaks: "verdict after commit",
    edits: [
      [
        HOST,
        "if (answer !== undefined) verdicts.push([answer, verdict])",
        "if (answer !== undefined) Deferred.doneUnsafe(answer, Effect.succeed(verdict))",
      ],
    ],
  },
  { breaks: "confirmations do not wait for ever", edits: [[HOST, "yield* flushing.set(", "void ("]] },
  {
    breaks: "confirmations cause no commits but their own",
    edits: [
      [DRAFT, "if (idle && !(flush && confirmed.length > 0))", "if (idle && !flush)"],
      [HOST, "yield* alarm.set(rang", "yield* flushing.set(draft.now + CONFIRM_WITHIN)\n    yield* alarm.set(rang"],
    ],
  },
  {
    breaks: "a command has an id of its own",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
    edits: [[DRAFT, "${this.base.version + 1}.${this.outward.length}", "${this.base.version + 1}.0"]],
  },
]

describe("caught when broken:", () => {
  for (const mutant of mutants) {
    it(mutant.breaks, () =>
      withFault(mutant.edits, "test/core/host/fixture/world.ts", async ({ simulate }: typeof World) => {
        let violation: string | undefined
        const found = await fc.check(
          fc.asyncProperty(schedules, async (schedule) => {
            const { violations } = await Effect.runPromise(simulate(schedule))
            violation ??= violations[0]
            assert.deepStrictEqual(violations, [])
          }),
          { numRuns: RUNS, endOnFailure: true },
        )
        console.log(`${mutant.breaks}: schedule ${found.numRuns}: ${violation ?? found.errorInstance}`)
        assert.isTrue(found.failed)
      }),
    )
  }
})
