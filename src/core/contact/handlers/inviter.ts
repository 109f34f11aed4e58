/** The commands of the inviter's side of a handshake. Docs: protocol.md, "Handshake" and "Healing". */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import { Crypto } from "../../crypto/crypto.ts"
import { encodeFrame } from "../../frame.ts"
import { complete, type Heard, offer } from "../../handshake/agree.ts"
import type { PairingSecret } from "../../handshake/envelope.ts"
import { checkHello, openAccept } from "../../handshake/messages.ts"
import { oneTime } from "../../handshake/own-keys.ts"
import { hashStaticPublic } from "../../handshake/static-keys.ts"
import { confirmMac } from "../../handshake/transcript.ts"
import type { At, Handlers } from "../../host/handlers.ts"
import { sottoCascade } from "../../layers/profile.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import type { Life } from "../life.ts"
import { type ContactMachines, SESSION, STANDING } from "../machines.ts"
import { about, type Greeting, greetings, HANDSHAKE_RECORDS, RECORD } from "../records.ts"
import type { Application, Wire } from "../services.ts"
import { checkConfirm } from "./confirm.ts"
import { abandon, sendConfirm, sendMessage, tellRefusal } from "./handshake-commands.ts"
import {
  bindingOf,
  deskAt,
  identityChanged,
  isAgain,
  keptPeer,
  must,
  nextSecret,
  nonEmpty,
  readAbout,
  readGreetings,
  readKnownPeer,
  readOwnStatics,
  readPairing,
} from "./handshake-records.ts"
import { frameDigest } from "./open-frame.ts"
import { nowOffered, spentQuestions } from "./standing-records.ts"
import { resumeFor, switchKeys } from "./switch.ts"

export const inviterHandlers = (
  first: CascadeRecords,
  again: CascadeRecords,
  life: Life,
): Handlers<ContactMachines, Crypto, Wire | Application>["inviter"] => {
  const recordsAt = (at: At): CascadeRecords => (isAgain(at) ? again : first)
  return {
    prepare: {
      checkHello: Effect.fnUntraced(function* ({ frame }, at) {
        const crypto = yield* Crypto
        const hello = must(yield* at.read(frame), frame)
        const pairing = yield* readPairing(at)
        const binding = (yield* at.read(bindingOf(frame))) ?? new Uint8Array()
        const checked = checkHello(crypto, pairing, hello, nonEmpty(binding))
        if (typeof checked === "string") return { events: [{ type: "HelloRefused", reason: checked }] }
        const known = yield* readGreetings(at)
        // A repeated Hello, also an older one, gets the Bundle that it got before: it creates nothing.
        const before = known.find((greeting) => equal(greeting.hello, hello))
        const greeting = before ?? { hello, binding, nonce: crypto.random(32) }
        const prepared = yield* readOneTime(at)
        const { bundle, greetings: record } = deskAt(at)
        return {
          write: [
            [bundle, offer(crypto, heardIn(pairing, greeting), prepared, greeting.nonce)],
            ...(before === undefined ? [[record, greetings.encode([...known, greeting])] as const] : []),
          ],
          events: [{ type: "HelloGenuine" }],
        }
      }),

      checkAccept: Effect.fnUntraced(function* ({ frame }, at) {
        const crypto = yield* Crypto
        const accept = must(yield* at.read(frame), frame)
        const pairing = yield* readPairing(at)
        const prepared = yield* readOneTime(at)
        const own = yield* readOwnStatics(at)
        const expected = isAgain(at) ? yield* readKnownPeer(at, crypto) : undefined
        let agreed: Effect.Success<ReturnType<typeof complete>> | undefined
        // The Accept names the Bundle that it answers, and that one is looked for: the others refuse it before any computation.
        for (const greeting of (yield* readGreetings(at)).toReversed()) {
          const heard = heardIn(pairing, greeting)
          const bundle = offer(crypto, heard, prepared, greeting.nonce)
          if (expected !== undefined) {
            const genuine = openAccept(crypto, pairing, { bundleMessage: bundle }, accept)
            if (genuine !== undefined && !equal(hashStaticPublic(crypto, genuine.statics), expected)) {
              return { ...identityChanged(genuine.statics), events: [{ type: "AcceptRefused", reason: "invalid" }] }
            }
          }
          const result = yield* Effect.option(complete({ ...heard, bundle }, own, prepared, accept))
          if (result._tag === "Some") agreed = result.value
          if (agreed !== undefined) break
        }
        if (agreed === undefined) return { events: [{ type: "AcceptRefused", reason: "invalid" }] }
        const { meet, peer, state, transitions } = agreed
        const mac = confirmMac(crypto, pairing.secret, state.transcript, "inviter")
        const { resume, write } = yield* resumeFor(at, life)
        const confirm = content.encode({ kind: "confirm", role: "inviter", mac, ...resume })
        const sealed = yield* sottoCascade.seal(state, confirm)
        const known = yield* readAbout(at)
        const next = nextSecret(at, crypto, pairing.secret, state.transcript)
        return {
          write: [
            ...write,
            ...recordsAt(at).writes(sealed.state),
            [deskAt(at).transcript, state.transcript],
            [deskAt(at).confirm, encodeFrame({ kind: "confirm", role: "inviter", ciphertext: sealed.ciphertext })],
            next,
            ...(isAgain(at) ? [yield* nowOffered(at, next[1]), ...(yield* spentQuestions(at))] : []),
            [RECORD.about, about.encode({ ...known, peer: meet })],
            keptPeer(peer),
          ],
          // One-time keys die on use.
          erase: [deskAt(at).oneTime],
          events: [{ type: "AcceptGenuine" }],
          transitions: [...transitions, ...sealed.transitions],
        }
      }),

      checkConfirm: Effect.fnUntraced(function* ({ frame }, at) {
        const records = recordsAt(at)
        const confirmed = yield* checkConfirm(records, at, frame, "joiner")
        if (confirmed === undefined) return { events: [{ type: "ConfirmRefused" }] }
        const digest = frameDigest(yield* Crypto, (yield* at.read(frame))!)
        return {
          write: [
            ...confirmed.write,
            ...records.writes(confirmed.state),
            // After pairing both tell their names; beside a session there may be nothing to say but that it was taken.
            ...(isAgain(at) ? [[RECORD.confirmed, digest] as const] : []),
          ],
          events: [{ type: "ConfirmGenuine" }],
          transitions: confirmed.transitions,
        }
      }),

      finish: Effect.fnUntraced(function* (_, at) {
        if (isAgain(at)) return yield* switchKeys(at, again, first, life, [])
        const known = yield* readAbout(at)
        return {
          write: [[RECORD.about, about.encode({ ...known, pairedAt: at.now })]],
          erase: HANDSHAKE_RECORDS,
          tell: [
            { to: SESSION, event: { type: "HandshakeFinished" } },
            { to: STANDING, event: { type: "Agreed", life: life.name } },
          ],
        }
      }),

      abandon,
    },

    perform: { sendBundle: sendMessage("bundle"), sendConfirm, tellRefusal },
  }
}

const readOneTime = Effect.fnUntraced(function* (at: At) {
  const { oneTime: record } = deskAt(at)
  return must(oneTime.decode((yield* at.read(record)) ?? new Uint8Array()), record)
})

const heardIn = (pairing: PairingSecret, { binding, hello }: Greeting): Heard => ({
  pairing,
  hello,
  binding: nonEmpty(binding),
})
