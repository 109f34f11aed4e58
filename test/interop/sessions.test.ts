/** Several sessions with one peer: both begin at once, former ones, a changed identity, and one that nobody answers. */
import { describe, expect, it } from "vitest"
import { isPreKeyMessage } from "../../src/core/layers/signal/pre-key-message.ts"
import { ANSWER_DEADLINE } from "../../src/core/layers/signal/session.ts"
import { decodeSessionRecord, MAX_ARCHIVED_SESSIONS } from "../../src/core/layers/signal/session-record.ts"
import { exchange, introduced, logged, other, read, SEED, strangers, text, write } from "./couple.ts"
import { newPeer } from "./peer.ts"
import { newUs } from "./us.ts"

const NOW = 1_700_000_000_000

describe("both begin at once", () => {
  const both = async (salt: number) => {
    const couple = strangers(salt)
    couple.us.begin(await couple.peer.publish(1, true))
    await couple.peer.initiate(couple.us.identity, couple.us.publish(2, true))
    return couple
  }

  it.each(["us", "peer"] as const)("and come to agree on one session, %s going on", async (first) => {
    const couple = await both(first === "us" ? 400 : 401)
    await logged(`both-${first}`, couple, async () => {
      const ours = await write(couple, "us", "ours")
      const theirs = await write(couple, "peer", "theirs")
      expect(await read(couple, "us", theirs)).toBe("theirs")
      expect(await read(couple, "peer", ours)).toBe("ours")
      expect(decodeSessionRecord(couple.us.record())!.archived).toHaveLength(1)
      for (let i = 0; i < 10; i++) await exchange(couple, i % 2 === 0 ? first : other(first), `${i}`)
      // From then on one session is written in by both: neither introduces itself any more.
      for (const side of [first, other(first)]) {
        const message = await exchange(couple, side, "settled")
        expect(isPreKeyMessage(message)).toBe(false)
      }
      for (let i = 0; i < 200; i++) await exchange(couple, i % 2 === 0 ? first : other(first), `${i}`)
      expect(couple.us.session().keys!.braid.machine.context.epoch).toBeGreaterThan(2)
    })
  })

  it("and keep crossing", async () => {
    const couple = await both(402)
    await logged("crossing", couple, async () => {
      for (let i = 0; i < 20; i++) {
        const [ours, theirs] = [await write(couple, "us", `ours ${i}`), await write(couple, "peer", `theirs ${i}`)]
        expect(await read(couple, "us", theirs)).toBe(`theirs ${i}`)
        expect(await read(couple, "peer", ours)).toBe(`ours ${i}`)
      }
      for (const side of ["us", "peer", "us"] as const) await exchange(couple, side, "in turns")
    })
  })
})

describe("former sessions", () => {
  it("of ours are kept by both, up to their number, and one past it is gone", async () => {
    const couple = strangers(403)
    await logged("former", couple, async () => {
      const records: Array<Uint8Array> = []
      for (let i = 0; i < MAX_ARCHIVED_SESSIONS + 2; i++) {
        couple.us.begin(await couple.peer.publish(i + 1, true))
        await exchange(couple, "us", "hello")
        await exchange(couple, "peer", "hello")
        records.push(couple.us.record())
      }
      expect(decodeSessionRecord(couple.us.record())!.archived).toHaveLength(MAX_ARCHIVED_SESSIONS)
      const theirs = couple.peer.record()!
      const tryFrom = async (index: number) => {
        couple.us.restore(records[index]!)
        const opened = await read(couple, "peer", couple.us.say(text("from afar")))
        couple.peer.restore(theirs)
        return opened
      }
      expect(await tryFrom(0)).toBeUndefined()
      expect(await tryFrom(1)).toBe("from afar")
      expect(await tryFrom(MAX_ARCHIVED_SESSIONS + 1)).toBe("from afar")
    })
  })

  it("of libsignal's are read by us, up to their number, and one past it is not", async () => {
    const couple = strangers(404)
    await logged("their-former", couple, async () => {
      const records: Array<Uint8Array> = []
      for (let i = 0; i < MAX_ARCHIVED_SESSIONS + 2; i++) {
        await couple.peer.initiate(couple.us.identity, couple.us.publish(i + 1, true))
        await exchange(couple, "peer", "hello")
        await exchange(couple, "us", "hello")
        records.push(couple.peer.record()!)
      }
      const tryFrom = async (index: number) => {
        couple.peer.restore(records[index]!)
        const ours = couple.us.record()
        const opened = await read(couple, "us", await couple.peer.encrypt(text("from afar")))
        couple.us.restore(ours)
        return opened
      }
      expect(await tryFrom(0)).toBeUndefined()
      expect(await tryFrom(1)).toBe("from afar")
      expect(await tryFrom(MAX_ARCHIVED_SESSIONS)).toBe("from afar")
    })
  })
})

describe("a changed identity", () => {
  it("of libsignal's is refused by us until it is trusted", async () => {
    const couple = await introduced(405, "peer")
    await logged("their-identity", couple, async () => {
      await exchange(couple, "peer", "hello")
      const moved = { us: couple.us, peer: newPeer() }
      await moved.peer.initiate(couple.us.identity, couple.us.publish(8, true))
      const message = await write(moved, "peer", "new phone")
      expect(await read(moved, "us", message)).toBeUndefined()
      couple.us.trust(moved.peer.identity)
      expect(await read(moved, "us", message)).toBe("new phone")
      for (const side of ["us", "peer"] as const) await exchange(moved, side, "and on")
    })
  })

  it("of ours is refused by libsignal until it is trusted", async () => {
    const couple = await introduced(406, "us")
    await logged("our-identity", couple, async () => {
      await exchange(couple, "us", "hello")
      const moved = { us: newUs(SEED + 1_406), peer: couple.peer }
      moved.us.trust(couple.peer.identity)
      moved.us.begin(await couple.peer.publish(8, true))
      const message = await write(moved, "us", "new phone")
      expect(await read(moved, "peer", message)).toBeUndefined()
      await couple.peer.trust(moved.us.identity)
      expect(await read(moved, "peer", message)).toBe("new phone")
      for (const side of ["peer", "us"] as const) await exchange(moved, side, "and on")
    })
  })

  it("is noticed in the bundle", async () => {
    const couple = strangers(407)
    const bundle = await newPeer().publish(1, true)
    expect(couple.us.begin(bundle)).toBe(false)
    const stranger = newUs(SEED + 1_407).publish(1, true)
    await expect(couple.peer.initiate(couple.us.identity, stranger)).rejects.toThrow()
  })
})

describe("a session that nobody answers", () => {
  it("ends at the same moment on both sides", async () => {
    const ours = strangers(408)
    ours.us.begin(await ours.peer.publish(1, true), NOW)
    const lasts = (now: number) => {
      try {
        ours.us.say(text("hello?"), now)
        return true
      } catch {
        return false
      }
    }
    const theirs = strangers(409)
    await theirs.peer.initiate(theirs.us.identity, theirs.us.publish(1, true), new Date(NOW))
    for (const [now, alive] of [
      [NOW + ANSWER_DEADLINE - 1_000, true],
      [NOW + ANSWER_DEADLINE, true],
      [NOW + ANSWER_DEADLINE + 1, false],
    ] as const) {
      expect(lasts(now)).toBe(alive)
      expect(await theirs.peer.hasCurrent(new Date(now))).toBe(alive)
    }
  })
})
