/** Descriptions and addresses, whole and damaged. */
import fc from "fast-check"
import type { Candidate } from "../../../src/adapters/transport/webrtc/candidate.ts"
import type { Description } from "../../../src/adapters/transport/webrtc/description.ts"

export const numRuns = 300 * Number(process.env["FUZZ"] ?? 1)
export const property = <Ts extends [unknown, ...Array<unknown>]>(
  ...args: [...{ [K in keyof Ts]: fc.Arbitrary<Ts[K]> }, (...ts: Ts) => void]
) => fc.assert(fc.property(...(args as unknown as Parameters<typeof fc.property<Ts>>)), { numRuns })

export const letters = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength })
export const ICE_CHARS = "abcxyzABCXYZ0189+/"

export const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
export const ip = fc.oneof(bytesOf(4), bytesOf(16)).map((bytes) => ({ ip: bytes }))
export const anyCandidate: fc.Arbitrary<Candidate> = fc
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

export const describing = (type: Description["type"]): fc.Arbitrary<Description> =>
  fc.record({
    type: fc.constant(type),
    mid: fc.constantFrom("0", "data", "1a"),
    ufrag: letters(ICE_CHARS, 4, 32),
    pwd: letters(ICE_CHARS, 22, 64),
    fingerprint: bytesOf(32),
    setup: type === "offer" ? fc.constant("actpass") : fc.constantFrom("active", "passive"),
    candidates: fc.array(anyCandidate, { maxLength: 12 }),
  })
export const anyDescription = fc.oneof(describing("offer"), describing("answer"))

/** A few changes anywhere in a text. */
export const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.string({ maxLength: 4 })), { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) =>
      changes.reduce((now, [at, cut, put]) => {
        const place = at % (now.length + 1)
        return now.slice(0, place) + put + now.slice(place + cut)
      }, text),
    )
