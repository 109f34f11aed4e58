/** Damaged, cut, foreign and reflected messages: both sides refuse, and both records stay as they are, byte for byte. */
import { describe, expect, it } from "vitest"
import { concat } from "../../src/core/crypto/bytes.ts"
import type { Braid } from "../../src/core/layers/signal/braid-state.ts"
import { decodePreKeyMessage } from "../../src/core/layers/signal/pre-key-message.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { acquainted, exchange, introduced, logged, other, read, SEED, type Side, text, write } from "./couple.ts"

/** Bits tried a message: each of them would take half a minute on the peer's side. */
const BITS = Number(process.env["INTEROP_BITS"] ?? 150)

/**
 * The bytes of a prekey message that nothing covers: its version (the protocol's is inside, too) and the registration id, which
 * names an installation to Signal's service and goes into no key.
 */
const bare = (message: Uint8Array): ReadonlyArray<number> => {
  const inner = decodePreKeyMessage(message)!.message
  const field = Buffer.from(message).indexOf(Buffer.from(inner)) + inner.length
  const next = message.indexOf((6 << 3) | 0, field)
  return [0, ...Array.from({ length: next - field }, (_, i) => field + i)]
}

describe.each(["us", "peer"] satisfies ReadonlyArray<Side>)("a message to %s", (to) => {
  const salt = to === "us" ? 500 : 510

  it("that is damaged in a bit, cut, or made longer", async () => {
    for (const isFirst of [true, false]) {
      const couple = isFirst ? await introduced(salt, other(to)) : await acquainted(salt + 1)
      await logged(`damage-${to}-${isFirst}`, couple, async () => {
        const dice = makeDice(SEED + salt)
        const message = await write(couple, other(to), "words")
        const free = isFirst ? bare(message) : []
        for (let i = 0; i < BITS; i++) {
          const bit = dice.upTo(message.length * 8 - 1)
          if (free.includes(bit >> 3)) continue
          const damaged = message.with(bit >> 3, message[bit >> 3]! ^ (1 << (bit & 7)))
          expect(await read(couple, to, damaged), `bit ${bit} of ${message.length * 8}`).toBeUndefined()
        }
        for (let i = 0; i < 20; i++)
          expect(await read(couple, to, message.slice(0, dice.upTo(message.length - 1)))).toBeUndefined()
        expect(await read(couple, to, concat(message, Uint8Array.of(0)))).toBeUndefined()
        expect(await read(couple, to, message)).toBe("words")
      })
    }
  })

  it("with another MAC, another ciphertext, another braid message", async () => {
    const couple = await acquainted(salt + 2)
    await logged(`parts-${to}`, couple, async () => {
      const message = await write(couple, other(to), "words")
      const at = { ciphertext: 45, braid: message.length - 20, mac: message.length - 4 }
      for (const place of Object.values(at))
        for (let bit = 0; bit < 8; bit++)
          expect(await read(couple, to, message.with(place, message[place]! ^ (1 << bit)))).toBeUndefined()
      expect(await read(couple, to, message)).toBe("words")
    })
  })

  it("that is its own, or of another session", async () => {
    const [couple, another] = [await acquainted(salt + 3), await acquainted(salt + 4)]
    await logged(`reflected-${to}`, couple, async () => {
      expect(await read(couple, to, await write(couple, to, "mine"))).toBeUndefined()
      expect(await read(couple, to, await write(another, other(to), "not yours"))).toBeUndefined()
      await exchange(couple, other(to), "and on")
    })
  })
})

/**
 * Our side breaks the rules: what it sends of the braid is altered before the MAC is made, so that only the braid's own checks
 * can tell.
 */
describe("a braid that lies under a right MAC", () => {
  const lying = (alter: (braid: Braid) => Braid) => async (type: string) => {
    const couple = await introduced(520, type === "header" ? "us" : "peer")
    let refused = false
    let lied = false
    await logged(`lie-${type}`, couple, async () => {
      for (let i = 0; i < 120 && !refused; i++) {
        if (i % 2 === (type === "header" ? 1 : 0)) {
          await exchange(couple, "peer", `${i}`)
          continue
        }
        const { braid } = couple.us.session().keys!
        const altered = lied ? braid : alter(braid)
        lied ||= altered !== braid
        couple.us.replace((session) => ({ ...session, keys: { ...session.keys!, braid: altered } }))
        refused = (await read(couple, "peer", couple.us.say(text(`${i}`)))) === undefined
      }
    })
    return refused
  }
  const flip = (bytes: Uint8Array | undefined) => bytes && { bytes: bytes.with(40, bytes[40]! ^ 1) }

  it("about the header is refused by libsignal", async () => {
    const lie = lying((braid) => {
      const header = flip(braid.material.signedHeader)
      return header ? { ...braid, material: { ...braid.material, signedHeader: header.bytes } } : braid
    })
    expect(await lie("header")).toBe(true)
  })

  it("about the second ciphertext is refused by libsignal", async () => {
    const lie = lying((braid) => {
      const second = flip(braid.material.signedSecond)
      return second ? { ...braid, material: { ...braid.material, signedSecond: second.bytes } } : braid
    })
    expect(await lie("second")).toBe(true)
  })

  it("about nothing is taken", async () => {
    expect(await lying((braid) => braid)("header")).toBe(false)
    expect(await lying((braid) => braid)("second")).toBe(false)
  })
})
