/**
 * The log of storage in OPFS, over files in memory that crash as disks do: torn at every byte, damaged in every byte, killed between
 * any two steps, compaction included. RUNS=2000 tries more. In a real browser: opfs.test.ts.
 */
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { assert } from "vitest"
import { encodeFrame, toJson } from "../../../src/adapters/storage/opfs/frames.ts"
import { Unavailable } from "../../../src/core/store.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { batch, rowOf } from "../../../src/spec/conformance/store-check.ts"
import { type Drive, driveStorage, logOn, makeDrive, makePlatter } from "./opfs-files.ts"

describe("the log of opfs", () => {
  for (const { name, run } of storeConformance) {
    it.live(name, () => {
      const drives = new Map<string, Drive>()
      const driveOf = (place: string): Drive => {
        const drive = drives.get(place) ?? makeDrive()
        drives.set(place, drive)
        return drive
      }
      return run({
        at: (place) => driveStorage(driveOf(place)),
        cuts: 4_000,
        disk: {
          image: async (place) => new Map(driveOf(place).platters.map(({ bytes }, i) => [String(i), bytes.slice()])),
          restore: async (place, image) => {
            for (const [i, platter] of driveOf(place).platters.entries()) platter.bytes = image.get(String(i))!.slice()
          },
        },
      })
    })
  }
})

/** The state of one host, as text. */
const stateOf = (drive: Drive): string => {
  const log = logOn(drive)
  const host = log.hosts.get("h")
  const records = host?.ids.map((id) => [id, [...log.read(host.records.get(id)!)]])
  return JSON.stringify([host?.version ?? 0, [...(host?.rows ?? [])], records ?? []])
}

const copied = ({ platters, wasMade }: Drive): Drive => ({
  platters: [makePlatter(platters[0].bytes.slice()), makePlatter(platters[1].bytes.slice())],
  taken: false,
  wasMade,
})

const step = (version: number, size = 20) =>
  batch("h", version, {
    rows: new Map([["m/1", rowOf("a", { version })]]),
    records: new Map([
      ["a", new Uint8Array(size).fill(version + 1)],
      [`r/${version % 7}`, new Uint8Array(size).fill(version + 1)],
    ]),
  })

describe("a log that was damaged", () => {
  it("in any byte that was durable is refused, or is as it was before its last batch; nothing else ever opens", () => {
    const drive = makeDrive()
    const log = logOn(drive)
    drive.wasMade = true
    const states: Array<string> = [stateOf(copied(drive))]
    for (let version = 0; version < 4; version++) {
      log.write(step(version))
      log.flush()
      states.push(stateOf(copied(drive)))
    }
    let refused = 0
    for (let at = 0; at < drive.platters[0].bytes.length; at++) {
      const hurt = copied(drive)
      hurt.platters[0].bytes[at]! ^= 0x10
      try {
        assert.include(states.slice(-2), stateOf(hurt), `byte ${at}`)
      } catch (error) {
        assert.instanceOf(error, Unavailable, `byte ${at}: ${error}`)
        refused += 1
      }
    }
    assert.isAbove(refused, drive.platters[0].bytes.length / 2)
  })

  it("is not begun anew: an empty place that was made before is lost", () => {
    const drive = makeDrive()
    drive.wasMade = true
    assert.throws(() => logOn(drive), Unavailable)
    assert.strictEqual(drive.platters[0].bytes.length + drive.platters[1].bytes.length, 0)
  })
})

describe("a log whose process dies", () => {
  class Crash extends Error {}

  const step$ = fc.record({
    size: fc.oneof({ weight: 6, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.constant(120_000) }),
    erase: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  })

  it("at any step, compaction included, opens with all that was answered and at most what was under way", () => {
    let compactions = 0
    fc.assert(
      fc.property(
        fc.array(step$, { minLength: 1, maxLength: 25 }),
        fc.nat(120),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }),
        (steps, dieAt, kept) => {
          const drive = makeDrive()
          let changes = 0
          const before = () => {
            if (changes++ === dieAt) throw new Crash()
          }
          let [answered, underWay] = ["", ""]
          try {
            const log = logOn(drive, { before })
            drive.wasMade = true
            answered = underWay = stateOf(copied(drive))
            let version = 0
            for (const { erase, size } of steps) {
              const twin = copied(drive)
              const ahead = logOn(twin)
              if (erase) ahead.erase("h")
              else ahead.write(step(version, size))
              ahead.flush()
              underWay = stateOf(twin)
              if (erase) log.erase("h")
              else log.write(step(version, size))
              log.flush()
              answered = underWay
              version = erase ? 0 : version + 1
              log.tidy()
            }
          } catch (error) {
            if (!(error instanceof Crash) && !(error instanceof Unavailable)) throw error
          }
          if (drive.platters[1].flushed.length > 0) compactions += 1
          // Of what was not flushed, some part reached the disk.
          drive.platters.forEach((platter, i) => {
            const { bytes, flushed } = platter
            if (bytes.length >= flushed.length) {
              const end = flushed.length + Math.floor((bytes.length - flushed.length) * kept[i]!)
              platter.bytes = bytes.slice(0, end)
            } else if (kept[i]! < 0.5) platter.bytes = flushed.slice() // the cut may not have
          })
          if (!drive.wasMade) return
          assert.include([answered, underWay], stateOf(drive))
        },
      ),
      { numRuns: Number(process.env["RUNS"] ?? 60) },
    )
    assert.isAbove(compactions, 0)
  })
})

describe("a log", () => {
  it.effect("is compacted: what nobody needs is gone from the files, at once after an erasure", () =>
    Effect.sync(() => {
      const drive = makeDrive()
      const log = logOn(drive)
      const sizeOf = () => drive.platters[0].bytes.length + drive.platters[1].bytes.length
      for (let version = 0; version < 200; version++) {
        log.write(step(version, 10_000))
        log.flush()
        log.tidy()
      }
      assert.isBelow(sizeOf(), 1_000_000)
      log.erase("h")
      log.flush()
      log.tidy()
      assert.isBelow(sizeOf(), 1_000)
    }),
  )

  it("says when it is full, keeps what it had, and goes on with what fits", () => {
    const drive = makeDrive()
    let room = Number.POSITIVE_INFINITY
    const log = logOn(drive, {
      before: (change) => {
        if (change === "write" && room <= 0) throw new DOMException("no room", "QuotaExceededError")
      },
    })
    log.write(step(0))
    log.flush()
    room = 0
    for (const write of [() => log.write(step(1)), () => log.erase("h")]) {
      try {
        write()
        assert.fail("it was written")
      } catch (error) {
        assert.deepInclude({ ...(error as Unavailable) }, { _tag: "Unavailable", reason: "full" })
      }
    }
    room = 1
    log.write(step(1))
    log.flush()
    drive.wasMade = true
    assert.include(stateOf(copied(drive)), '[2,[["m/1"')
  })

  it("that grew or shrank under its writer is not written to", () => {
    for (const [change, reason] of [
      [(bytes: Uint8Array) => new Uint8Array([...bytes, 1]), "elsewhere"],
      [() => new Uint8Array(), "lost"],
    ] as const) {
      const drive = makeDrive()
      const log = logOn(drive)
      log.write(step(0))
      log.flush()
      drive.platters[0].bytes = change(drive.platters[0].bytes)
      const before = drive.platters[0].bytes.slice()
      try {
        log.write(step(1))
        assert.fail("it was written")
      } catch (error) {
        assert.deepInclude({ ...(error as Unavailable) }, { _tag: "Unavailable", reason })
      }
      assert.deepStrictEqual(drive.platters[0].bytes, before)
    }
  })

  it("is refused untouched when a later version wrote it", () => {
    const drive = makeDrive()
    drive.platters[0].bytes = encodeFrame(0, 0, toJson({ is: "begin", format: 2, generation: 9, salt: 1 }), [])
    const before = drive.platters[0].bytes.slice()
    for (const wasMade of [true, false]) {
      drive.wasMade = wasMade
      assert.throws(() => logOn(drive), Unavailable)
      assert.deepStrictEqual(drive.platters[0].bytes, before)
    }
  })
})
