/** A typical batch: a message sent writes the ratchets' states (some 6 KiB), a history entry, the frame and two rows. */
import * as Effect from "effect/Effect"
import type { Storage } from "../../src/core/store.ts"
import { batch, command, rowOf } from "../../src/spec/conformance/store-check.ts"

const bytes = (length: number, seed: number) => new Uint8Array(length).fill(seed & 0xff)

const typical = (host: string, version: number) =>
  batch(host, version, {
    rows: new Map([
      ["session/main" as const, rowOf("open", { next: version, received: [], window: 16 })],
      [`delivery/${version}` as const, version % 2 === 0 ? rowOf("sealed", { attempt: 1 }) : undefined],
    ]),
    records: new Map([
      ["layer/mls", bytes(2_400, version)],
      ["layer/signal", bytes(2_200, version)],
      ["layer/kem", bytes(1_300, version)],
      ["layer/aes", bytes(200, version)],
      [`history/${String(version).padStart(8, "0")}`, bytes(160, version)],
      [`frame/${version % 16}`, bytes(1_100, version)],
    ]),
    outward: [command(`${version + 1}.0`)],
    confirmed: [`${version}.0`],
  })

/** Batches a second: `hosts` conversations at once, each with one batch after the other. */
export const commitMany = (storage: Storage, hosts: number, batches: number, now: () => number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const store = yield* storage.open
      const talk = (host: string) =>
        Effect.gen(function* () {
          for (let version = 0; version < batches / hosts; version++) yield* store.commit(typical(host, version))
        })
      const start = now()
      yield* Effect.forEach(
        Array.from({ length: hosts }, (_, i) => `host ${i}`),
        talk,
        { concurrency: "unbounded" },
      )
      return (batches / (now() - start)) * 1_000
    }),
  )
