/**
 * What brokers and peers say, read by the transports: anything may come, nothing throws, and what is accepted says one thing
 * only. `FUZZ=n` multiplies the runs.
 */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { readMessage, writeSignal } from "../../../src/adapters/transport/peerjs/message.ts"
import { mayTell, mayTry, parseCandidate, printCandidate } from "../../../src/adapters/transport/webrtc/candidate.ts"
import { parseDescription, printDescription } from "../../../src/adapters/transport/webrtc/description.ts"
import { parseIp, printIp } from "../../../src/adapters/transport/webrtc/ip.ts"
import { anyCandidate, anyDescription, damaged, describing, ip, letters, property } from "./arbitraries.ts"

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
