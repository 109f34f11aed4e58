/** Both roles, with and without a one-time prekey, through several epochs of the braid. */
import { describe, expect, it } from "vitest"
import { isPreKeyMessage } from "../../src/core/layers/signal/pre-key-message.ts"
import { decodeSignalMessage } from "../../src/core/layers/signal/signal-message.ts"
import { acquainted, exchange, introduced, logged, other, read, type Side, write } from "./couple.ts"

/** About 89 messages an epoch. */
const MESSAGES = 300

const situations = [
  ["us", true],
  ["us", false],
  ["peer", true],
  ["peer", false],
] as const

describe.each(situations)("%s initiates, with a one-time prekey: %s", (initiator, oneTime) => {
  const name = `conversation-${initiator}-${oneTime}`
  const responder: Side = other(initiator)

  it("holds a conversation through three epochs", async () => {
    const couple = await introduced(
      situations.findIndex(([a, b]) => a === initiator && b === oneTime),
      initiator,
      oneTime,
    )
    await logged(name, couple, async () => {
      for (let i = 0; i < MESSAGES; i++) await exchange(couple, i % 2 === 0 ? initiator : responder, `${i}`)
      expect(couple.us.session().keys!.braid.machine.context.epoch).toBeGreaterThan(3)
    })
  })

  it("sends prekey messages until the first answer opens, which may come in any order", async () => {
    const couple = await introduced(10, initiator, oneTime)
    await logged(`${name}-first`, couple, async () => {
      const firsts: Array<Uint8Array> = []
      for (let i = 0; i < 5; i++) firsts.push(await write(couple, initiator, `first ${i}`))
      expect(firsts.every(isPreKeyMessage)).toBe(true)
      for (const i of [3, 0, 4]) expect(await read(couple, responder, firsts[i]!)).toBe(`first ${i}`)
      const answer = await write(couple, responder, "yes")
      expect(isPreKeyMessage(answer)).toBe(false)
      expect(isPreKeyMessage(await exchange(couple, initiator, "not heard yet"))).toBe(true)
      expect(await read(couple, initiator, answer)).toBe("yes")
      expect(isPreKeyMessage(await exchange(couple, initiator, "heard"))).toBe(false)
      for (const i of [2, 1]) expect(await read(couple, responder, firsts[i]!)).toBe(`first ${i}`)
      for (const first of firsts) expect(await read(couple, responder, first)).toBeUndefined()
      for (let i = 0; i < 6; i++) await exchange(couple, i % 2 === 0 ? responder : initiator, `${i}`)
    })
  })
})

it("both number their messages alike, and name the last of their chain before", async () => {
  const couple = await acquainted(20)
  await logged("numbers", couple, async () => {
    const numbers: Record<Side, Array<readonly [number, number]>> = { us: [], peer: [] }
    // A turn of the peer's before the first, so that both have a chain behind them.
    for (const times of [1, 3, 1, 2, 5, 4])
      for (const from of ["peer", "us"] as const)
        for (let i = 0; i < times; i++) {
          const { counter, previousCounter } = decodeSignalMessage(await exchange(couple, from, "word"))!
          numbers[from].push([counter, previousCounter])
        }
    expect(numbers.us.slice(1)).toEqual(numbers.peer.slice(1))
    expect(numbers.peer.filter(([counter]) => counter === 0).map(([, previous]) => previous)).toEqual([
      0, 0, 2, 0, 1, 4,
    ])
  })
})
