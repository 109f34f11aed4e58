/** Signal's limits, to each and one past it, on both sides. The tedious part, losing thousands of messages, is skipped on ours. */
import { describe, expect, it } from "vitest"
import { MAX_BRAID_JUMP, MAX_STORED_BRAID_KEYS, nextSendingKey } from "../../src/core/layers/signal/braid-chains.ts"
import { chainStep } from "../../src/core/layers/signal/chain-key.ts"
import { MAX_RECEIVER_CHAINS, MAX_STORED_SEEDS } from "../../src/core/layers/signal/receiver-chain.ts"
import type { Session } from "../../src/core/layers/signal/session.ts"
import { MAX_FORWARD_JUMP } from "../../src/machines/double-ratchet.ts"
import { acquainted, type Couple, exchange, logged, other, read, type Side, text, write } from "./couple.ts"

const { crypto } = (await acquainted(300)).us

/** As writing and losing so many messages, as far as the Double Ratchet's chain knows. */
const skipChain =
  (count: number) =>
  (session: Session): Session => {
    const { sending } = session.keys!
    let chain = sending!.chain
    for (let i = 0; i < count; i++) chain = chainStep(crypto, chain)
    const { context, value } = session.ratchet
    return {
      ...session,
      keys: { ...session.keys!, sending: { ...sending!, chain } },
      ratchet: { value, context: { ...context, sent: context.sent + count } },
    }
  }
/** The same, as far as the braid's chain knows. */
const skipBraid =
  (count: number) =>
  (session: Session): Session => {
    const { braid } = session.keys!
    let { chains } = braid
    for (let i = 0; i < count; i++) chains = nextSendingKey(crypto, chains, braid.machine.context.epoch - 1)!.chains
    return { ...session, keys: { ...session.keys!, braid: { ...braid, chains } } }
  }
/** The chain of the one, the braid of the other. */
const together = (chain: Session, braid: Session): Session => ({
  ...chain,
  keys: { ...chain.keys!, braid: braid.keys!.braid },
})

/** What the peer makes of the next message of such a session; nothing remains of it on either side. */
const afterwards = async ({ peer, us }: Couple, session: Session): Promise<string | undefined> => {
  const [ours, theirs] = [us.record(), peer.record()!]
  us.replace(() => session)
  const result = await read({ peer, us }, "peer", us.say(text("here")))
  us.restore(ours)
  peer.restore(theirs)
  return result
}

describe("forward jumps", () => {
  it("libsignal takes ours to the same place", async () => {
    const couple = await acquainted(301)
    await logged("jumps", couple, async () => {
      const here = couple.us.session()
      const chain = skipChain(MAX_FORWARD_JUMP - 1)(here)
      const braid = skipBraid(MAX_BRAID_JUMP - 1)(here)
      expect(await afterwards(couple, skipChain(1)(chain))).toBe("here")
      expect(await afterwards(couple, skipChain(2)(chain))).toBeUndefined()
      expect(await afterwards(couple, braid)).toBe("here")
      expect(await afterwards(couple, skipBraid(1)(braid))).toBeUndefined()
      // So many messages may be lost in a row, and no more.
      expect(await afterwards(couple, together(chain, braid))).toBe("here")
      expect(await afterwards(couple, together(skipChain(1)(chain), skipBraid(1)(braid)))).toBeUndefined()
    })
  })

  it("we take libsignal's to that place", async () => {
    const couple = await acquainted(302)
    await logged("their-jumps", couple, async () => {
      for (let lost = 0; lost < MAX_BRAID_JUMP - 1; lost++) await couple.peer.encrypt(text("lost"))
      const last = await couple.peer.encrypt(text("here"))
      const past = await couple.peer.encrypt(text("too far"))
      expect(await read(couple, "us", past)).toBeUndefined()
      expect(await read(couple, "us", last)).toBe("here")
      expect(await read(couple, "us", past)).toBe("too far")
    })
  })
})

describe("stored keys", () => {
  it("both keep as many of a chain, the newest", async () => {
    for (const from of ["us", "peer"] as const) {
      const couple = await acquainted(303)
      await logged(`stored-${from}`, couple, async () => {
        const late = [await write(couple, from, "late"), await write(couple, from, "late")]
        for (let i = 2; i < MAX_STORED_SEEDS + 1; i++) await write(couple, from, "lost")
        await exchange(couple, from, "now")
        expect(await read(couple, other(from), late[0]!)).toBeUndefined()
        expect(await read(couple, other(from), late[1]!)).toBe("late")
      })
    }
  })

  it("libsignal counts them by chain, as we do", async () => {
    const couple = await acquainted(304)
    await logged("stored-chains", couple, async () => {
      const late: Array<Uint8Array> = []
      for (let turn = 0; turn < 3; turn++) {
        await exchange(couple, "peer", "your turn")
        late.push(couple.us.say(text("late")))
        couple.us.replace(skipChain(MAX_STORED_SEEDS - 1))
        await exchange(couple, "us", "now")
      }
      for (const message of late) expect(await read(couple, "peer", message)).toBe("late")
    })
  })

  it("in the braid's chain both count how far behind a message is", async () => {
    for (const from of ["us", "peer"] as const) {
      const couple = await acquainted(305)
      await logged(`stored-braid-${from}`, couple, async () => {
        const [first, second] = [await write(couple, from, "first"), await write(couple, from, "second")]
        for (let i = 0; i < MAX_STORED_BRAID_KEYS; i++) await exchange(couple, from, `${i}`)
        expect(await read(couple, other(from), first)).toBeUndefined()
        expect(await read(couple, other(from), second)).toBe("second")
      })
    }
  })
})

it("both follow five chains of the other", async () => {
  for (const from of ["us", "peer"] satisfies ReadonlyArray<Side>) {
    const couple = await acquainted(306)
    await logged(`chains-${from}`, couple, async () => {
      const late: Array<Uint8Array> = []
      for (let turn = 0; turn < MAX_RECEIVER_CHAINS + 2; turn++) {
        await exchange(couple, other(from), "your turn")
        late.push(await write(couple, from, `${turn}`))
        await exchange(couple, from, "now")
      }
      const read_: Array<string | undefined> = []
      for (const message of late) read_.push(await read(couple, other(from), message))
      expect(read_).toEqual([undefined, undefined, "2", "3", "4", "5", "6"])
    })
  }
})
