/** Addresses, and codes carried by hand: one encoding, and no way to mean another host. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { decodeCode, encodeCode } from "../../../src/adapters/transport/manual/code.ts"
import { addressOf, placeOf } from "../../../src/adapters/transport/peerjs/address.ts"
import type { Candidate } from "../../../src/adapters/transport/webrtc/candidate.ts"
import type { Description } from "../../../src/adapters/transport/webrtc/description.ts"
import { bytesOf, describing, property } from "./arbitraries.ts"

describe("addresses", () => {
  const anyPlace = fc.record({
    broker: fc.record({
      host: fc.constantFrom("broker.example", "a", "192.0.2.1", "[2001:db8::1]", "x-y.z9.example"),
      port: fc.integer({ min: 1, max: 65_535 }),
      path: fc.constantFrom("/", "/a/", "/a/b-c/"),
      key: fc.constantFrom("peerjs", "k", "a_B-9"),
      secure: fc.boolean(),
    }),
    id: bytesOf(16),
  })

  it("hold what they were made of", () =>
    property(anyPlace, (place) => assert.deepStrictEqual(placeOf(addressOf(place)), place)))

  it("have one encoding, and name nothing that could end a part of a URL", () =>
    property(anyPlace, fc.nat(), fc.integer({ min: 0, max: 255 }), (place, at, byte) => {
      const address = addressOf(place)
      address.at[at % address.at.length] = byte
      const read = placeOf(address)
      if (read === undefined) return
      assert.deepStrictEqual(addressOf(read), address)
      const { host, key, path, port } = read.broker
      const url = new URL(`ws://${host}:${port}${path}peerjs?key=${key}&id=1`)
      assert.deepStrictEqual([url.username, url.searchParams.get("id"), url.hash], ["", "1", ""])
      assert.strictEqual(url.pathname, `${path}peerjs`)
      if (!host.startsWith("[")) assert.strictEqual(url.hostname, host)
    }))

  it("do not name one host and mean another", () => {
    const id = new Uint8Array(16)
    const named = (host: string) => () =>
      addressOf({ broker: { host, port: 1, path: "/", key: "peerjs", secure: true }, id })
    for (const host of ["localhost", "127.0.0.1", "[::1]", "a1.example", "1.example"]) assert.doesNotThrow(named(host))
    for (const host of [
      "2130706433",
      "0x7f.1",
      "127.1",
      "127.0.0.01",
      "a.1",
      "::1",
      "[127.0.0.1]",
      "[::1",
      "A.example",
    ]) {
      assert.throws(named(host), RangeError)
    }
  })
})

describe("codes carried by hand", () => {
  const portable = (type: Description["type"]) => describing(type).map((description) => ({ ...description, mid: "0" }))

  it("hold what they were made of, relays first, and at most eight ways to the host", () =>
    property(fc.constantFrom("offer", "answer"), fc.infiniteStream(portable("offer")), (_, stream) => {
      const description = stream.next().value as Description
      const code = encodeCode(description)!
      const read = decodeCode("offer", code)!
      assert.isAtMost(code.length, 512)
      assert.isAtMost(read.candidates.length, 8)
      assert.strictEqual(read.candidates.length, Math.min(8, description.candidates.length))
      for (const { address, port, type } of read.candidates) {
        const known = description.candidates.some(
          (one) => one.type === type && one.port === port && fc.stringify(one.address) === fc.stringify(address),
        )
        assert.isTrue(known)
      }
      const { candidates: _a, ...rest } = description
      const { candidates: _b, ...readRest } = read
      assert.deepStrictEqual(readRest, rest)
      assert.isUndefined(decodeCode("answer", code))
    }))

  it("of a host with two interfaces and a STUN server take less than 300 bytes", () => {
    const address = (n: number, length: number) => ({ ip: new Uint8Array(length).fill(n) })
    const candidates = (["host", "srflx"] as const).flatMap((type) =>
      [4, 16, 4, 16].map((length, n) => ({ type, address: address(n, length), port: 50_000 + n, priority: 1 })),
    )
    const [description] = fc.sample(portable("offer"), 1)
    const typical = { ...description!, ufrag: "abcd", pwd: "a".repeat(24), candidates }
    assert.isBelow(encodeCode(typical)!.length, 300)
    assert.isBelow(encodeCode({ ...typical, candidates: candidates.slice(0, 2) })!.length, 120)
  })

  it("have one encoding, and never throw", () => {
    const [plain] = fc.sample(portable("offer"), 1)
    const at = (type: Candidate["type"], last: number): Candidate => ({
      type,
      address: { ip: Uint8Array.of(192, 0, 2, last) },
      port: 7,
      priority: 1,
    })
    const code = Buffer.from(encodeCode({ ...plain!, candidates: [at("relay", 1), at("host", 2)] })!)
    // Both are seven bytes; the one for the host is not to come first.
    const [relay, host] = [code.subarray(-15, -8), code.subarray(-7)].map((packed) => Buffer.from(packed))
    code.set(host!, code.length - 15)
    code.set(relay!, code.length - 7)
    assert.isUndefined(decodeCode("offer", new Uint8Array(code)))

    property(fc.uint8Array({ maxLength: 600 }), (bytes) => void decodeCode("offer", bytes))
    property(portable("answer"), fc.nat(), fc.integer({ min: 0, max: 255 }), (description, at, byte) => {
      const code = encodeCode(description)!
      code[at % code.length] = byte
      const read = decodeCode("answer", code)
      if (read !== undefined) assert.deepStrictEqual(encodeCode(read), code)
    })
  })
})
