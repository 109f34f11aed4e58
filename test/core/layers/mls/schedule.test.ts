/**
 * Schedules: a network that loses, repeats, reorders and damages, members that commit by turns and are stored and loaded at
 * any moment. Whatever happens, a message opens exactly once, with its text, as long as its epoch is kept.
 * `FUZZ=20` runs twenty times as many.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { mlsApply, mlsCommit, mlsMayCommit } from "../../../../src/core/layers/mls/healing.ts"
import { mlsLayer } from "../../../../src/core/layers/mls/layer.ts"
import { MAX_FORWARD_STEPS, MAX_PAST_EPOCHS } from "../../../../src/core/layers/mls/limits.ts"
import { openSender, readPrivateMessage } from "../../../../src/core/layers/mls/message.ts"
import type { MlsState } from "../../../../src/core/layers/mls/state.ts"
import { MAX_STORED, SKIPPED_LIFETIME } from "../../../../src/core/layers/skipped-keys.ts"
import {
  ASSOCIATED,
  bytesEqual,
  crypto,
  handshake,
  heal,
  isRefused,
  NOW,
  now,
  open,
  read,
  run,
  seal,
  text,
} from "./fixture.ts"

const FUZZ = Number(process.env["FUZZ"] ?? 1)

const { pair } = await handshake()

type Side = "joiner" | "inviter"
const other = (side: Side): Side => (side === "joiner" ? "inviter" : "joiner")

interface Sent {
  readonly to: Side
  readonly epoch: number
  readonly ciphertext: Uint8Array
  readonly text: string
  opened: boolean
}

interface CommitSent {
  readonly to: Side
  /** Out of which epoch. */
  readonly epoch: number
  readonly bytes: Uint8Array
  applied: boolean
}

const side = fc.constantFrom<Side>("joiner", "inviter")
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), side }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("damage" as const), pick: fc.nat(), at: fc.nat(), bit: fc.nat(7) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("commit" as const), side }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("deliverCommit" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const), side }) },
)

const schedule = fc.array(step, { minLength: 20, maxLength: 120, size: "max" })

describe("any schedule", () => {
  it("opens each message once, and no other", async () => {
    const seen = { epochs: 0, opened: 0, crossed: 0, replayed: 0 }
    await fc.assert(
      fc.asyncProperty(schedule, fc.boolean(), async (steps, alwaysReloaded) => {
        const members: Record<Side, MlsState> = { ...pair }
        const sent: Array<Sent> = []
        const commits: Array<CommitSent> = []

        const attempt = (message: Sent) => {
          const state = members[message.to]
          const result = open(state, message.ciphertext)
          const kept = state.current.number - message.epoch <= MAX_PAST_EPOCHS
          expect(result !== undefined).toBe(!message.opened && kept)
          if (message.opened) seen.replayed += 1
          if (result === undefined) return
          expect(read(result.plaintext)).toBe(message.text)
          if (message.epoch !== state.current.number) seen.crossed += 1
          members[message.to] = result.state
          message.opened = true
          seen.opened += 1
        }

        for (const next of steps) {
          if (next.do === "send") {
            const words = `message ${sent.length}`
            const epoch = members[next.side].current.number
            const sealed = seal(members[next.side], text(words))
            members[next.side] = sealed.state
            sent.push({ to: other(next.side), epoch, ciphertext: sealed.ciphertext, text: words, opened: false })
          } else if (next.do === "deliver" && sent.length > 0) {
            attempt(sent[next.pick % sent.length]!)
          } else if (next.do === "damage" && sent.length > 0) {
            const message = sent[next.pick % sent.length]!
            const damaged = message.ciphertext.slice()
            damaged[next.at % damaged.length]! ^= 1 << next.bit
            expect(open(members[message.to], damaged)).toBeUndefined()
          } else if (next.do === "commit") {
            const state = members[next.side]
            if (mlsMayCommit(state)) {
              const made = await run(mlsCommit(state))
              members[next.side] = made.state
              const epoch = state.current.number
              commits.push({ to: other(next.side), epoch, bytes: made.commit, applied: false })
            } else expect(await isRefused(mlsCommit(state))).toBe(true)
          } else if (next.do === "deliverCommit" && commits.length > 0) {
            const made = commits[next.pick % commits.length]!
            const state = members[made.to]
            const before = mlsLayer.encode(state)
            // In its own frame it would come in a message of its epoch, which settles whatever was pending.
            if (!made.applied && state.current.number === made.epoch && state.pending === undefined) {
              members[made.to] = await run(mlsApply(state, made.bytes))
              made.applied = true
              seen.epochs += 1
            } else expect(await isRefused(mlsApply(state, made.bytes))).toBe(true)
            expect(mlsLayer.encode(state)).toEqual(before)
          }
          for (const each of ["joiner", "inviter"] as const)
            if (alwaysReloaded || (next.do === "reload" && next.side === each))
              members[each] = mlsLayer.decode(mlsLayer.encode(members[each]))!
        }
        // Everything that is still under way arrives in the end, the latest first, and then once more.
        for (const message of [...sent].reverse()) attempt(message)
        for (const message of sent) attempt(message)
      }),
      { numRuns: 50 * FUZZ },
    )
    // The schedules are such that all of it happened.
    expect(Object.values(seen).every((times) => times > 5 * FUZZ)).toBe(true)
  })
})

/** Seals so many messages at once and gives back those that are asked for. */
const burst = (state: MlsState, count: number, wanted: ReadonlyArray<number>) => {
  const kept = new Map<number, Uint8Array>()
  for (let i = 0; i < count; i++) {
    const sealed = seal(state, text(`${i}`))
    if (wanted.includes(i)) kept.set(i, sealed.ciphertext)
    state = sealed.state
  }
  return { state, at: (index: number) => kept.get(index)! }
}

describe("a gap", () => {
  it("of as many as allowed is bridged, and of one more is not", () => {
    const sent = burst(pair.joiner, MAX_FORWARD_STEPS + 2, [0, 500, MAX_FORWARD_STEPS, MAX_FORWARD_STEPS + 1])
    expect(open(pair.inviter, sent.at(MAX_FORWARD_STEPS + 1))).toBeUndefined()
    const bridged = open(pair.inviter, sent.at(MAX_FORWARD_STEPS))!
    expect(mlsLayer.view(bridged.state).skipped).toBe(MAX_FORWARD_STEPS)
    const late = open(bridged.state, sent.at(500))!
    expect(read(late.plaintext)).toBe("500")
    expect(open(late.state, sent.at(500))).toBeUndefined()
    expect(read(open(late.state, sent.at(0))!.plaintext)).toBe("0")
  })

  it("after gap costs the oldest keys first, and never more room than allowed", async () => {
    const first = burst(pair.joiner, MAX_FORWARD_STEPS, [0, 1, MAX_FORWARD_STEPS - 1])
    let inviter = open(pair.inviter, first.at(MAX_FORWARD_STEPS - 1))!.state
    const renewed = await heal({ joiner: first.state, inviter })
    const second = burst(renewed.joiner, MAX_FORWARD_STEPS + 2, [0, 2, MAX_FORWARD_STEPS])
    inviter = open(renewed.inviter, second.at(MAX_FORWARD_STEPS))!.state
    expect(mlsLayer.view(inviter).skipped).toBe(2 * MAX_FORWARD_STEPS - 1)
    const third = burst(second.state, 5, [4])
    inviter = open(inviter, third.at(4))!.state
    expect(mlsLayer.view(inviter).skipped).toBe(MAX_STORED)
    expect(mlsLayer.decode(mlsLayer.encode(inviter))).toEqual(inviter)
    expect(mlsLayer.encode(inviter).length).toBeLessThan(160 * 1024)
    // The keys of 0 … 3 of the epoch before gave way.
    expect(open(inviter, first.at(1))).toBeUndefined()
    expect(read(open(inviter, second.at(0))!.plaintext)).toBe("0")
  })
})

describe("time", () => {
  const sent = burst(pair.joiner, 3, [0, 1, 2])
  const gapped = open(pair.inviter, sent.at(1))!.state

  it("ends the life of a skipped key, not before it is due", () => {
    const { expire, view } = mlsLayer
    const due = NOW + SKIPPED_LIFETIME
    expect(expire(gapped, due - 1)).toBe(gapped)
    expect(view(expire(gapped, due)).skipped).toBe(0)
    expect(open(expire(gapped, due), sent.at(0))).toBeUndefined()
    expect(read(open(expire(gapped, due), sent.at(2))!.plaintext)).toBe("2")
  })

  it("set back does not prolong it", () => {
    const early = mlsLayer.expire(gapped, NOW - SKIPPED_LIFETIME)
    expect(mlsLayer.view(early).skipped).toBe(1)
    expect(mlsLayer.view(mlsLayer.expire(early, NOW)).skipped).toBe(0)
  })

  it("ends the life of an epoch that was left", async () => {
    const late = seal(pair.joiner, text("late"))
    const { inviter } = await heal({ ...pair, joiner: late.state })
    const due = NOW + SKIPPED_LIFETIME
    expect(mlsLayer.expire(inviter, due - 1)).toBe(inviter)
    expect(read(open(inviter, late.ciphertext)!.plaintext)).toBe("late")
    expect(open(mlsLayer.expire(inviter, due), late.ciphertext)).toBeUndefined()
  })
})

describe("a ciphertext", () => {
  it("has a length that depends on its plaintext's alone, in any epoch and generation", async () => {
    const lengths = [0, 1, 63, 64, 256, 1024, 16_383, 16_384, 131_072]
    let members = pair
    const seen = new Map<number, Set<number>>(lengths.map((length) => [length, new Set()]))
    for (let epoch = 0; epoch < 5; epoch++) {
      for (const from of ["joiner", "inviter"] as const) {
        for (let round = 0; round < 3; round++) {
          for (const length of lengths) {
            const sealed = seal(members[from], crypto.random(length))
            seen.get(length)!.add(sealed.ciphertext.length)
            members = { ...members, [from]: sealed.state }
          }
        }
      }
      members = await heal(members)
    }
    for (const [length, ciphertexts] of seen) {
      expect(ciphertexts.size).toBe(1)
      expect([...ciphertexts][0]! - length).toBeLessThan(256)
    }
  })

  it("opens only under the associated data it was sealed with", () => {
    const sealed = seal(pair.joiner, text("bound"))
    const wrong = [ASSOCIATED.map((byte, i) => (i === 31 ? byte ^ 1 : byte)), ASSOCIATED.slice(1), new Uint8Array()]
    for (const associated of wrong) expect(open(pair.inviter, sealed.ciphertext, associated)).toBeUndefined()
    expect(read(open(pair.inviter, sealed.ciphertext)!.plaintext)).toBe("bound")
  })

  it("is not opened by its sender, nor in another group", async () => {
    const sealed = seal(pair.joiner, text("reflected"))
    expect(open(sealed.state, sealed.ciphertext)).toBeUndefined()
    expect(open(pair.joiner, sealed.ciphertext)).toBeUndefined()
    const elsewhere = await handshake()
    expect(open(elsewhere.pair.inviter, sealed.ciphertext)).toBeUndefined()
  })

  it("has an epoch and generation that no other of its sender has", async () => {
    let members = pair
    const seen = new Set<string>()
    let sealed = 0
    for (let epoch = 0; epoch < 4; epoch++) {
      for (const from of ["joiner", "inviter", "joiner"] as const) {
        for (let round = 0; round < 5; round++) {
          const { groupId, leaf } = members[from]
          const framing = { ...members[from].current, groupId }
          const { ciphertext, state } = seal(mlsLayer.decode(mlsLayer.encode(members[from]))!, text("again"))
          const message = readPrivateMessage(ciphertext)!
          const sender = now(openSender(crypto, framing, message))
          expect(sender.leaf).toBe(leaf)
          seen.add(`${sender.leaf} ${message.epoch} ${sender.generation}`)
          sealed += 1
          members = { ...members, [from]: state }
        }
      }
      members = await heal(members)
    }
    expect(seen.size).toBe(sealed)
  })

  it("is never sealed twice alike, not even from one state", () => {
    const once = seal(pair.joiner, text("again"))
    const twice = seal(pair.joiner, text("again"))
    expect(bytesEqual(once.ciphertext, twice.ciphertext)).toBe(false)
  })
})
