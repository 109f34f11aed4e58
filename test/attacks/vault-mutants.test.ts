/** ST-1 and ST-2 notice a vault with a rule taken out. */
import { assert, describe, it } from "vitest"
import { broken } from "../../src/spec/invariants/invariant.ts"
import { vaultInvariants } from "../../src/spec/invariants/vault.ts"
import { type Edit, withFault } from "../mutant.ts"
import type * as Game from "./fixture/vault-game.ts"

const VAULT = "src/core/vault"

const mutants: ReadonlyArray<readonly [says: string, breaks: "ST-1" | "ST-2", edits: ReadonlyArray<Edit>]> = [
  [
    "a record is not bound to its version",
    "ST-1",
    [[`${VAULT}/box.ts`, "u64be(version), utf8(id)", "u64be(0), utf8(id)"]],
  ],
  ["a record is not bound to its id", "ST-1", [[`${VAULT}/box.ts`, "u64be(version), utf8(id)", "u64be(version)"]]],
  [
    "a host may be older than it was",
    "ST-1",
    [[`${VAULT}/sealed-host.ts`, "version < expected.floor()", "version < 0"]],
  ],
  [
    "an old header counts",
    "ST-1",
    [[`${VAULT}/sealed-store.ts`, "opened.generation !== options.generation", "opened.generation < 0"]],
  ],
  ["a header is not proven", "ST-1", [[`${VAULT}/vault.ts`, "!header.isGenuine(crypto, keys)", "false as boolean"]]],
  [
    "every host has its id for a name",
    "ST-2",
    [
      [
        `${VAULT}/sealed-store.ts`,
        "disk: crypto.random(16), key",
        "disk: new TextEncoder().encode(id.padEnd(16)), key",
      ],
    ],
  ],
  [
    "slots are called like what is in them",
    "ST-2",
    [
      [
        `${VAULT}/sealed-host.ts`,
        "for (const [name, bytes] of sealed) records.set(name, bytes)",
        "for (const [name, bytes] of sealed) records.set(name, bytes)\n    for (const [id] of batch.records) records.set(id, new Uint8Array(1))",
      ],
    ],
  ],
  [
    "rows are kept as they are",
    "ST-2",
    [[`${VAULT}/sealed-host.ts`, "rows: NONE, records", "rows: batch.rows, records"]],
  ],
]

describe("the invariants of storage notice that", () => {
  it.each(mutants)("%s", async (_, breaks, edits) => {
    const found = await withFault<typeof Game, ReadonlyArray<string>>(
      edits,
      "test/attacks/fixture/vault-game.ts",
      async ({ play }) => {
        for (const seed of [1, 2]) {
          const observation = await play(seed)
          const ids = broken(vaultInvariants, observation).map(({ id }) => id)
          if (ids.length > 0) return ids
        }
        return []
      },
    )
    assert.include(found, breaks)
  })
})
