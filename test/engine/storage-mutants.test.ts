/** Storages with one known fault each. Every invariant of storage must notice its own. */
import { assert, describe, it } from "vitest"
import { byId } from "../../src/spec/invariants/invariant.ts"
import { type StorageHistory, storageInvariants } from "../../src/spec/invariants/storage.ts"
import { type Edit, withFault } from "../mutant.ts"
import type * as Life from "./storage-life.ts"

interface Mutant {
  readonly breaks: "ST-3" | "ST-4"
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  readonly observe: (life: typeof Life) => Promise<ReadonlyArray<StorageHistory>>
}

const some =
  (count: number, history: (life: typeof Life) => (seed: number) => Promise<StorageHistory>) =>
  async (life: typeof Life) => {
    const histories: Array<StorageHistory> = []
    for (let seed = 1; seed <= count; seed++) histories.push(await history(life)(seed))
    return histories
  }

const ENGINE = "src/core/engine.ts"

const mutants: ReadonlyArray<Mutant> = [
  {
    breaks: "ST-3",
    fault: "a store in memory does not look whose lease it is",
    edits: [["src/adapters/storage/memory.ts", "lease.fence !== shelves.fence", "lease.fence < 0"]],
    observe: some(20, ({ contendInMemory }) => contendInMemory),
  },
  {
    breaks: "ST-3",
    fault: "a SQLite file does not look whose lease it is",
    edits: [
      [
        "src/adapters/storage/sqlite.ts",
        'Number(statements.fence.get()!["fence"]) !== lease.fence',
        'Number(statements.fence.get()!["fence"]) < 0',
      ],
      ["src/adapters/storage/sqlite/lease.ts", "!over && fenceOf(db) !== fence", "!over && fenceOf(db) < 0"],
      ["src/adapters/storage/sqlite.ts", "if (loss !== undefined) throw loss", "if (loss === null) throw loss"],
    ],
    observe: some(3, ({ contendInSqlite }) => contendInSqlite),
  },
  {
    breaks: "ST-4",
    fault: "a loss is not told",
    edits: [[ENGINE, 'news.publish({ type: "storageFailed", reason })\n      news.publish', "news.publish"]],
    observe: async ({ failUnderWay }) => [await failUnderWay("lost")],
  },
  {
    breaks: "ST-4",
    fault: "a messenger goes on after a loss",
    edits: [[ENGINE, 'return shut("closed")\n    })', "return Effect.void\n    })"]],
    observe: async ({ failUnderWay }) => [await failUnderWay("full")],
  },
  {
    breaks: "ST-4",
    fault: "a log that was lost is begun anew",
    edits: [["src/adapters/storage/opfs/log.ts", 'if (wasMade) throw new Unavailable({ reason: "lost" })', ""]],
    observe: async ({ evictLog }) => [await evictLog()],
  },
]

describe("the invariants of storage notice", () => {
  for (const { breaks, edits, fault, observe } of mutants) {
    it(`${breaks}: ${fault}`, async () => {
      const { holds } = byId(storageInvariants, breaks)
      const whole = (with_: ReadonlyArray<Edit>) => withFault(with_, "test/engine/storage-life.ts", observe)
      assert.isFalse((await whole(edits)).every(holds), "with the fault")
      assert.isTrue((await whole([])).every(holds), "and are content without it")
    })
  }
})
