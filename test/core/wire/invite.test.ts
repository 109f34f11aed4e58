/** The invite as people handle it: copied, wrapped, cut short, mistyped, newer, or something else altogether. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { addressOf } from "../../../src/adapters/transport/peerjs/address.ts"
import { decodeInvite, encodeInvite, type Invite } from "../../../src/core/handshake/invite.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

const id = new Uint8Array(16).fill(0xfe)
const broker = { host: "broker.example.org", port: 9000, path: "/", key: "peerjs", secure: true }
const invite = (host = broker.host): Invite => ({
  version: 1,
  id,
  secret: new Uint8Array(32).fill(0xab),
  bundleHash: new Uint8Array(32).fill(0xcd),
  expiresAt: 1_800_000_000,
  meet: [addressOf({ broker: { ...broker, host }, id })],
})

test("comes back from its text, from a link, and from either with white space around and inside", () => {
  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)
  const origin = fc.constantFrom("", "#", "https://sotto.example/#", "file:///home/x/a%20b/index.html?a=1#")
  fc.assert(
    fc.property(wire.invite, origin, space, fc.nat(), (value, before, gap, at) => {
      const pasted = before + encodeInvite(value)
      const middle = at % pasted.length
      expect(decodeInvite(pasted)).toEqual(value)
      expect(decodeInvite(gap + pasted.slice(0, middle) + gap + pasted.slice(middle) + gap)).toEqual(value)
    }),
  )
})

test("survives a link as a browser hands it over", () => {
  fc.assert(
    fc.property(wire.invite, (value) => {
      const url = new URL("https://sotto.example/app/?lang=en")
      url.hash = encodeInvite(value)
      expect(decodeInvite(url.href)).toEqual(value)
      expect(decodeInvite(url.hash)).toEqual(value)
    }),
  )
})

test("is at most 300 characters for one broker with a name of 64, and for a common one with the inviter's name too", () => {
  const host = `${"a".repeat(56)}.example`
  expect(host.length).toBe(64)
  expect(encodeInvite(invite(host)).length + 1).toBeLessThanOrEqual(300)
  expect(encodeInvite({ ...invite(), name: "x".repeat(48) }).length + 1).toBeLessThanOrEqual(300)
})

test("takes an offer by hand along", () => {
  const value: Invite = { ...invite(), meet: [], hand: new Uint8Array(300).fill(5) }
  expect(decodeInvite(encodeInvite(value))).toEqual(value)
  expect(encodeInvite(value).length).toBeLessThan(620)
})

describe("says why not:", () => {
  const text = encodeInvite(invite())

  test("every place to cut it short is damage, once the prefix is there", () => {
    for (let length = "sotto1_".length; length < text.length; length++)
      expect(decodeInvite(text.slice(0, length)), `${length}`).toBe("damaged")
    for (let length = 0; length < "sotto1_".length; length++)
      expect(decodeInvite(text.slice(0, length))).toBe("notAnInvite")
  })

  test("every other character in its place is damage", () => {
    for (let at = "sotto1_".length; at < text.length; at++)
      for (const by of ["A", "-", "=", "é", "."].filter((by) => by !== text[at]))
        expect(decodeInvite(text.slice(0, at) + by + text.slice(at + 1)), `${at}`).toBe("damaged")
  })

  test("more behind it is damage, as from two pasted together", () => {
    for (const more of ["A", "AAAA", "=", text]) expect(decodeInvite(text + more)).toBe("damaged")
  })

  test("two neighbours swapped are damage", () => {
    fc.assert(
      fc.property(fc.integer({ min: 7, max: text.length - 2 }), (at) => {
        fc.pre(text[at] !== text[at + 1])
        expect(decodeInvite(text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2))).toBe("damaged")
      }),
    )
  })

  test.each(["sotto2_", "sotto2_AAAA", "sotto17_whatever-it-is", "https://sotto.example/#sotto2_AAAA"])(
    "%s is newer",
    (newer) => expect(decodeInvite(newer)).toBe("newer"),
  )

  test.each([
    "",
    " ",
    "hello",
    "https://sotto.example/",
    "sotto",
    "sotto_AAAA",
    "sotto0_AAAA",
    "sotto01_AAAA",
    "sotto1-AAAA",
    "Sotto1_AAAA",
    "xsotto1_AAAA",
    "sotto99999999_AAAA",
    `https://sotto.example/${text}`,
    `https://sotto.example/?invite=${text}`,
    `${text}#`,
    `${text}${"A".repeat(9_000)}`,
  ])("%j is no invite", (input) => expect(decodeInvite(input)).toBe("notAnInvite"))

  test("no text makes it throw", () => {
    const tails = fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.stringMatching(/^[\w-]{0,400}$/))
    fc.assert(
      fc.property(fc.constantFrom("", "sotto1_", "#sotto1_", text), tails, (start, tail) => {
        fc.pre(tail !== "" || start !== text)
        expect(["notAnInvite", "damaged", "newer"]).toContain(decodeInvite(start + tail.replaceAll(/\s/g, "x")))
      }),
      { numRuns: 500 },
    )
  })
})

test.each<readonly [string, Partial<Invite>]>([
  ["a name over 48 bytes", { name: "é".repeat(25) }],
  ["three places", { meet: [1, 2, 3].map(() => ({ kind: "memory", at: id })) }],
  ["an address over 160 bytes", { meet: [{ kind: "memory", at: new Uint8Array(161) }] }],
  ["an offer over 512 bytes", { hand: new Uint8Array(513) }],
  ["a short secret", { secret: new Uint8Array(31) }],
])("%s is not encoded", (_, fields) => {
  expect(() => encodeInvite({ ...invite(), ...fields })).toThrow(RangeError)
})
