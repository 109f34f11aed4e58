/** The commands of the inviter's side of pairing. Docs: protocol.md, "Handshake". */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import { Crypto } from "../../crypto/crypto.ts"
import { encodeFrame } from "../../frame.ts"
import { complete, type Heard, offer } from "../../handshake/agree.ts"
import type { PairingSecret } from "../../handshake/envelope.ts"
import { checkHello } from "../../handshake/messages.ts"
import { oneTime } from "../../handshake/own-keys.ts"
import { confirmMac, recoverySecret } from "../../handshake/transcript.ts"
import type { Handlers } from "../../host/handlers.ts"
import { sottoCascade } from "../../layers/profile.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import { type ContactMachines, SESSION } from "../machines.ts"
import { about, type Greeting, greetings, HANDSHAKE_RECORDS, RECORD } from "../records.ts"
import type { Application, Wire } from "../services.ts"
import { checkConfirm } from "./confirm.ts"
import { abandon, sendConfirm, sendMessage, tellRefusal } from "./handshake-commands.ts"
import {
  bindingOf,
  keepPeer,
  must,
  nonEmpty,
  pairingOf,
  readAbout,
  readGreetings,
  readInvite,
  readOwnStatics,
} from "./handshake-records.ts"

export const inviterHandlers = (
  records: CascadeRecords,
): Handlers<ContactMachines, Crypto, Wire | Application>["inviter"] => ({
  prepare: {
    checkHello: Effect.fnUntraced(function* ({ frame }, at) {
      const crypto = yield* Crypto
      const hello = must(yield* at.read(frame), frame)
      const pairing = pairingOf(yield* readInvite(at))
      const binding = (yield* at.read(bindingOf(frame))) ?? new Uint8Array()
      const checked = checkHello(crypto, pairing, hello, nonEmpty(binding))
      if (typeof checked === "string") return { events: [{ type: "HelloRefused", reason: checked }] }
      const known = yield* readGreetings(at)
      // A repeated Hello, also an older one, gets the Bundle that it got before: it creates nothing.
      const before = known.find((greeting) => equal(greeting.hello, hello))
      const greeting = before ?? { hello, binding, nonce: crypto.random(32) }
      const prepared = must(oneTime.decode((yield* at.read(RECORD.oneTime)) ?? new Uint8Array()), RECORD.oneTime)
      return {
        write: [
          [RECORD.bundle, offer(crypto, heardIn(pairing, greeting), prepared, greeting.nonce)],
          ...(before === undefined ? [[RECORD.greetings, greetings.encode([...known, greeting])] as const] : []),
        ],
        events: [{ type: "HelloGenuine" }],
      }
    }),

    checkAccept: Effect.fnUntraced(function* ({ frame }, at) {
      const crypto = yield* Crypto
      const accept = must(yield* at.read(frame), frame)
      const pairing = pairingOf(yield* readInvite(at))
      const prepared = must(oneTime.decode((yield* at.read(RECORD.oneTime)) ?? new Uint8Array()), RECORD.oneTime)
      const own = yield* readOwnStatics(at)
      let agreed: Effect.Success<ReturnType<typeof complete>> | undefined
      // The Accept names the Bundle that it answers, and that one is looked for: the others refuse it before any computation.
      for (const greeting of (yield* readGreetings(at)).toReversed()) {
        const heard = heardIn(pairing, greeting)
        const bundle = offer(crypto, heard, prepared, greeting.nonce)
        const result = yield* Effect.option(complete({ ...heard, bundle }, own, prepared, accept))
        if (result._tag === "Some") agreed = result.value
        if (agreed !== undefined) break
      }
      if (agreed === undefined) return { events: [{ type: "AcceptRefused", reason: "invalid" }] }
      const { meet, peer, state, transitions } = agreed
      const mac = confirmMac(crypto, pairing.secret, state.transcript, "inviter")
      const sealed = yield* sottoCascade.seal(state, content.encode({ kind: "confirm", role: "inviter", mac }))
      const known = yield* readAbout(at)
      const kept = yield* keepPeer(at, peer)
      return {
        write: [
          ...records.writes(sealed.state),
          [RECORD.transcript, state.transcript],
          [RECORD.confirm, encodeFrame({ kind: "confirm", role: "inviter", ciphertext: sealed.ciphertext })],
          [RECORD.recovery, recoverySecret(crypto, pairing.secret, state.transcript)],
          [RECORD.about, about.encode({ ...known, peer: meet })],
          kept.write,
        ],
        // One-time keys die on use.
        erase: [RECORD.oneTime],
        events: [{ type: "AcceptGenuine" }],
        tell: kept.tell,
        transitions: [...transitions, ...sealed.transitions],
      }
    }),

    checkConfirm: Effect.fnUntraced(function* ({ frame }, at) {
      const confirmed = yield* checkConfirm(records, at, frame, "joiner")
      if (confirmed === undefined) return { events: [{ type: "ConfirmRefused" }] }
      return {
        write: records.writes(confirmed.state),
        events: [{ type: "ConfirmGenuine" }],
        transitions: confirmed.transitions,
      }
    }),

    finish: Effect.fnUntraced(function* (_, at) {
      const known = yield* readAbout(at)
      return {
        write: [[RECORD.about, about.encode({ ...known, pairedAt: at.now })]],
        erase: HANDSHAKE_RECORDS,
        tell: [{ to: SESSION, event: { type: "HandshakeFinished" } }],
      }
    }),

    abandon,
  },

  perform: { sendBundle: sendMessage(RECORD.bundle, "bundle"), sendConfirm, tellRefusal },
})

const heardIn = (pairing: PairingSecret, { binding, hello }: Greeting): Heard => ({
  pairing,
  hello,
  binding: nonEmpty(binding),
})
