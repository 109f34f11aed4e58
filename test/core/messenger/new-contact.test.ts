/** What an invite is made of. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { addressOf } from "../../../src/adapters/transport/peerjs/address.ts"
import { Crypto } from "../../../src/core/crypto/crypto.ts"
import { encodeInvite } from "../../../src/core/handshake/invite.ts"
import { foundInviter, MAX_INVITE_CHARACTERS } from "../../../src/core/messenger/new-contact.ts"
import { seededCrypto } from "../../../src/spec/games/seeded.ts"

const inviteWith = (hostLength: number, name: string) =>
  Effect.map(
    foundInviter({
      name,
      withName: true,
      lifetime: 600_000,
      own: [
        addressOf({
          broker: {
            host: `${"b".repeat(hostLength - 8)}.example`,
            port: 443,
            path: "/peerjs/",
            key: "peerjs",
            secure: true,
          },
          id: new Uint8Array(16),
        }),
      ],
    }),
    ({ invite }) => invite,
  ).pipe(Effect.provideService(Crypto, seededCrypto(1)))

describe("an invite", () => {
  it.effect("stays within its length: the name gives way, by whole characters", () =>
    Effect.gen(function* () {
      for (const name of ["Ana", "a".repeat(48), "größer ".repeat(7), "👩‍👩‍👧".repeat(4)]) {
        for (const hostLength of [14, 40, 64]) {
          const invite = yield* inviteWith(hostLength, name)
          assert.isAtMost(encodeInvite(invite).length, MAX_INVITE_CHARACTERS, `${name} at ${hostLength}`)
          assert.isTrue(name.startsWith(invite.name ?? ""))
        }
      }
    }),
  )

  it.effect("carries an ordinary name whole", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* inviteWith(20, "Ana Lindqvist")).name, "Ana Lindqvist")
    }),
  )
})
