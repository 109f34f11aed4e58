/**
 * What brokers and peers say, read by the transports: anything may come, nothing throws, and what is accepted says one thing
 * only. `FUZZ=n` multiplies the runs.
 */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { decodeCode, encodeCode } from "../../../src/adapters/transport/manual/code.ts"
import { addressOf, placeOf } from "../../../src/adapters/transport/peerjs/address.ts"
import { readMessage, writeSignal } from "../../../src/adapters/transport/peerjs/message.ts"
import {
  type Candidate,
  mayTell,
  mayTry,
  parseCandidate,
  printCandidate,
} from "../../../src/adapters/transport/webrtc/candidate.ts"
import {
  type Description,
  parseDescription,
  printDescription,
} from "../../../src/adapters/transport/webrtc/description.ts"
import { parseIp, printIp } from "../../../src/adapters/transport/webrtc/ip.ts"

const numRuns = 300 * Number(process.env["FUZZ"] ?? 1)
const property = <Ts extends [unknown, ...Array<unknown>]>(
  ...args: [...{ [K in keyof Ts]: fc.Arbitrary<Ts[K]> }, (...ts: Ts) => void]
) => fc.assert(fc.property(...(args as unknown as Parameters<typeof fc.property<Ts>>)), { numRuns })

const letters = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength })
const ICE_CHARS = "abcxyzABCXYZ0189+/"

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const ip = fc.oneof(bytesOf(4), bytesOf(16)).map((bytes) => ({ ip: bytes }))
const anyCandidate: fc.Arbitrary<Candidate> = fc
  .record({
    type: fc.constantFrom("host", "srflx", "relay"),
    address: fc.oneof(
      ip,
      fc.uuid().map((mdns) => ({ mdns })),
    ),
    port: fc.integer({ min: 1, max: 65_535 }),
    priority: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  })
  .map((candidate) => ("mdns" in candidate.address ? { ...candidate, type: "host" } : candidate))

const describing = (type: Description["type"]): fc.Arbitrary<Description> =>
  fc.record({
    type: fc.constant(type),
    mid: fc.constantFrom("0", "data", "1a"),
    ufrag: letters(ICE_CHARS, 4, 32),
    pwd: letters(ICE_CHARS, 22, 64),
    fingerprint: bytesOf(32),
    setup: type === "offer" ? fc.constant("actpass") : fc.constantFrom("active", "passive"),
    candidates: fc.array(anyCandidate, { maxLength: 12 }),
  })
const anyDescription = fc.oneof(describing("offer"), describing("answer"))

/** A few changes anywhere in a text. */
const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.string({ maxLength: 4 })), { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) =>
      changes.reduce((now, [at, cut, put]) => {
        const place = at % (now.length + 1)
        return now.slice(0, place) + put + now.slice(place + cut)
      }, text),
    )

describe("IP addresses", () => {
  it("print and parse to themselves", () =>
    property(ip, (address) => assert.deepStrictEqual(parseIp(printIp(address.ip)), address.ip)))

  it("have many spellings, of which names, zones and odd numbers are none", () => {
    const same: ReadonlyArray<readonly [string, string]> = [
      ["::1", "0:0:0:0:0:0:0:1"],
      ["::", "0:0:0:0:0:0:0:0"],
      ["2001:DB8::", "2001:db8:0:0:0:0:0:0"],
      ["::ffff:192.0.2.7", "0:0:0:0:0:ffff:c000:207"],
      ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ]
    for (const [one, other] of same) assert.strictEqual(printIp(parseIp(one)!), other)
    const none = ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "0x7f.0.0.1", "127.1", "example.org"]
    const nor = [":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "fe80::1%eth0"]
    const really = ["g::", "12345::", "1.2.3.4::", "::1.2.3", "1".repeat(50), "::1\n", " ::1"]
    for (const text of [...none, ...nor, ...really]) assert.isUndefined(parseIp(text), text)
  })
})

describe("candidates", () => {
  it("print and parse to themselves", () =>
    property(anyCandidate, (candidate) => assert.deepStrictEqual(parseCandidate(printCandidate(candidate)), candidate)))

  it("that are not understood are none: other names, TCP, other components, extensions in place of fields", () => {
    const good = "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"
    assert.isDefined(parseCandidate(good))
    assert.isDefined(parseCandidate(`a=${good.replace("udp", "UDP")} generation 0 network-cost 999`))
    const spoil: ReadonlyArray<readonly [string, string]> = [
      ["192.0.2.1", "tracker.example"],
      ["192.0.2.1", "abc.local"],
      ["192.0.2.1", "12345678-1234-1234-1234-123456789abc.local.example"],
      ["typ host", "typ prflx"],
      ["typ host", "typ"],
      ["udp", "tcp"],
      ["candidate:1 1", "candidate:1 2"],
      [" 5000", " 0"],
      [" 5000", " 65536"],
      [" 5000", " 5e3"],
      ["2130706431", "99999999999"],
      ["candidate:", "c"],
      ["host", `host ${"x".repeat(600)}`],
    ]
    for (const [from, to] of spoil) assert.isUndefined(parseCandidate(good.replace(from, to)), to)
    const mdns = "12345678-1234-1234-1234-123456789abc.local"
    assert.isDefined(parseCandidate(good.replace("192.0.2.1", mdns)))
    assert.isUndefined(parseCandidate(good.replace("192.0.2.1", mdns).replace("host", "relay")))
  })

  it("tell nothing of what a relay hides", () =>
    property(anyCandidate, (candidate) => {
      assert.strictEqual(mayTell(candidate, true), candidate.type === "relay")
      assert.isTrue(mayTell(candidate, false))
      assert.strictEqual(mayTry(candidate, true), "ip" in candidate.address)
      const related = / raddr (\S+) rport (\S+)/.exec(printCandidate(candidate))
      assert.deepStrictEqual(related?.slice(1), candidate.type === "host" ? undefined : ["0.0.0.0", "0"])
    }))
})

describe("descriptions", () => {
  it("print and parse to themselves", () =>
    property(anyDescription, (description) =>
      assert.deepStrictEqual(parseDescription(description.type, printDescription(description)), description),
    ))

  it("are read for one data channel under one fingerprint, or not at all", () =>
    property(describing("offer"), (description) => {
      const sdp = printDescription(description)
      const fingerprint = /a=fingerprint:.*\r\n/.exec(sdp)![0]
      const other = fingerprint.replace(
        /(sha-256 )../,
        (_, name) => `${name}${sdp.includes("sha-256 00") ? "11" : "00"}`,
      )
      const never = [
        sdp.replace(fingerprint, ""),
        sdp + other,
        other + sdp,
        `${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`,
        sdp.replace("m=application", "m=video"),
        sdp.replace(/sha-256/g, "sha-1"),
        sdp.replace("a=setup:actpass", "a=setup:holdconn"),
        sdp.replace("a=sctp-port:5000", "a=sctp-port:0"),
        `${sdp}a=ice-pwd:${"a".repeat(22)}\r\n`,
        sdp.replace(/a=ice-ufrag:.*/, "a=ice-ufrag:a b"),
        sdp + "a=x\r\n".repeat(2_000),
      ]
      for (const text of never) assert.isUndefined(parseDescription("offer", text))
      assert.isUndefined(parseDescription("answer", sdp))
      // The same fingerprint for the session and for the media is one.
      assert.isDefined(parseDescription("offer", sdp + fingerprint.toLowerCase().replace("SHA", "sha")))
    }))

  it("never throw, and what is accepted prints to what is accepted", () =>
    property(fc.oneof(fc.string(), damaged(anyDescription.map(printDescription))), (text) => {
      for (const type of ["offer", "answer"] as const) {
        const description = parseDescription(type, text)
        if (description === undefined) continue
        assert.deepStrictEqual(parseDescription(type, printDescription(description)), description)
      }
    }))
})

describe("broker messages", () => {
  const anySignal = fc.oneof(
    describing("offer").map((description) => ({ kind: "offer", description }) as const),
    describing("answer").map((description) => ({ kind: "answer", description }) as const),
    anyCandidate.map((candidate) => ({ kind: "candidate", candidate }) as const),
  )
  /** As the server passes it on. */
  const relayed = (text: string, src: string) => JSON.stringify({ ...JSON.parse(text), src })

  it("are read as they were written", () =>
    property(anySignal, letters("0123456789abcdef", 32, 32), (signal, from) => {
      const text = relayed(writeSignal("peer", "dc_1", signal), from)
      assert.deepStrictEqual(readMessage(text), { kind: "signal", from, connection: "dc_1", signal })
    }))

  it("never throw, whatever comes", () => {
    property(fc.anything(), (data) => void readMessage(data))
    property(fc.json(), (text) => void readMessage(text))
    const types = ["OPEN", "LEAVE", "EXPIRE", "OFFER", "ANSWER", "CANDIDATE", "ID-TAKEN", "ERROR", "__proto__"]
    property(
      fc.record({ type: fc.constantFrom(...types), src: fc.anything(), payload: fc.anything() }, { requiredKeys: [] }),
      (message) => void readMessage(JSON.stringify(message, (_, v) => (typeof v === "bigint" ? 1 : v))),
    )
    property(damaged(anySignal.map((signal) => relayed(writeSignal("p", "dc_1", signal), "s"))), (text) => {
      const message = readMessage(text)
      if (message?.kind === "signal") assert.match(message.from, /^[\w-]{1,128}$/)
    })
  })

  it("that are too long, or of calls we never make, are none", () => {
    const open = (padding: number) => readMessage(JSON.stringify({ type: "OPEN", padding: " ".repeat(padding) }))
    assert.isDefined(open(10))
    assert.isUndefined(open(40_000))
    const [description] = fc.sample(describing("offer"), 1)
    const sdp = { type: "offer", sdp: printDescription(description!) }
    const offer = (type: string) =>
      readMessage(JSON.stringify({ type: "OFFER", src: "a", payload: { type, connectionId: "c", sdp } }))
    assert.isDefined(offer("data"))
    assert.isUndefined(offer("media"))
    assert.isUndefined(readMessage(JSON.stringify({ type: "LEAVE", src: "a b" })))
  })
})

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
