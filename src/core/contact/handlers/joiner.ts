/** The commands of the joiner's side of a handshake. Docs: protocol.md, "Handshake" and "Healing". */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { concat, equal } from "../../crypto/bytes.ts"
import { Crypto } from "../../crypto/crypto.ts"
import { encodeFrame } from "../../frame.ts"
import { accept } from "../../handshake/agree.ts"
import { Ahead } from "../../handshake/keys-ahead.ts"
import { makeHello, openBundle } from "../../handshake/messages.ts"
import { hashStaticPublic } from "../../handshake/static-keys.ts"
import { confirmMac } from "../../handshake/transcript.ts"
import type { At, Handlers } from "../../host/handlers.ts"
import { sottoCascade } from "../../layers/profile.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import type { Life } from "../life.ts"
import { type ContactMachines, SESSION, STANDING } from "../machines.ts"
import { AGAIN, about, asked, challenged, HANDSHAKE_RECORDS, HEALING_RECORDS, RECORD } from "../records.ts"
import type { Application, Wire } from "../services.ts"
import { checkConfirm } from "./confirm.ts"
import { abandon, sendConfirm, sendHello, sendMessage, tellRefusal } from "./handshake-commands.ts"
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
  readHeard,
  readKnownPeer,
  readOwnStatics,
  readPairing,
} from "./handshake-records.ts"
import { resumeFor, switchKeys } from "./switch.ts"

export const joinerHandlers = (
  first: CascadeRecords,
  again: CascadeRecords,
  life: Life,
): Handlers<ContactMachines, Crypto, Wire | Application>["joiner"] => {
  const recordsAt = (at: At): CascadeRecords => (isAgain(at) ? again : first)
  return {
    prepare: {
      makeHello: Effect.fnUntraced(function* ({ link }, at) {
        const crypto = yield* Crypto
        const { binding, nonce } = yield* greetingOver(at, link)
        const hello = makeHello(
          crypto,
          yield* readPairing(at),
          concat(nonce, crypto.random(32 - nonce.length)),
          nonEmpty(binding),
        )
        return {
          write: [
            [deskAt(at).hello, hello],
            [deskAt(at).binding, binding],
          ],
        }
      }),

      checkBundle: Effect.fnUntraced(function* ({ frame }, at) {
        const crypto = yield* Crypto
        const bundle = must(yield* at.read(frame), frame)
        const heard = { ...(yield* readHeard(at)), staticsHash: yield* readKnownPeer(at, crypto) }
        if (isAgain(at)) {
          const genuine = openBundle(crypto, heard.pairing, { helloMessage: heard.hello }, bundle)
          if (genuine !== undefined && !equal(hashStaticPublic(crypto, genuine.statics), heard.staticsHash)) {
            return { ...identityChanged(genuine.statics), events: [{ type: "BundleRefused", reason: "invalid" }] }
          }
        }
        const known = yield* readAbout(at)
        // What was made before a compromise would not end it: beside a session all is made now.
        const pairs = isAgain(at) ? undefined : (yield* Ahead).forJoining()
        const agreed = yield* Effect.option(accept(heard, yield* readOwnStatics(at), bundle, known.own, pairs))
        if (agreed._tag === "None") return { events: [{ type: "BundleRefused", reason: "invalid" }] }
        const { peer, state, transitions } = agreed.value
        return {
          write: [
            ...recordsAt(at).writes(state),
            [deskAt(at).transcript, state.transcript],
            [deskAt(at).accept, agreed.value.accept],
            nextSecret(at, crypto, heard.pairing.secret, state.transcript),
            keptPeer(peer),
          ],
          events: [{ type: "BundleGenuine" }],
          transitions,
        }
      }),

      checkConfirm: Effect.fnUntraced(function* ({ frame }, at) {
        const crypto = yield* Crypto
        const records = recordsAt(at)
        const confirmed = yield* checkConfirm(records, at, frame, "inviter")
        if (confirmed === undefined) return { events: [{ type: "ConfirmRefused" }] }
        const { secret } = yield* readPairing(at)
        const mac = confirmMac(crypto, secret, confirmed.state.transcript, "joiner")
        const { resume, write } = yield* resumeFor(at, life)
        const confirm = content.encode({ kind: "confirm", role: "joiner", mac, ...resume })
        const sealed = yield* sottoCascade.seal(confirmed.state, confirm)
        return {
          write: [
            ...confirmed.write,
            ...write,
            ...records.writes(sealed.state),
            [deskAt(at).confirm, encodeFrame({ kind: "confirm", role: "joiner", ciphertext: sealed.ciphertext })],
          ],
          events: [{ type: "ConfirmGenuine" }],
          transitions: [...confirmed.transitions, ...sealed.transitions],
        }
      }),

      establish: Effect.fnUntraced(function* (_, at) {
        // The Confirm stays until the peer is known to have it; the secrets do not.
        if (isAgain(at)) return yield* switchKeys(at, again, first, life, [AGAIN.confirm])
        const known = yield* readAbout(at)
        return {
          write: [[RECORD.about, about.encode({ ...known, pairedAt: at.now })]],
          erase: HANDSHAKE_RECORDS.filter((record) => record !== RECORD.confirm),
          tell: [
            { to: SESSION, event: { type: "HandshakeFinished" } },
            { to: STANDING, event: { type: "Agreed", life: life.name } },
          ],
        }
      }),

      forgetHandshake: (_, at) => Effect.succeed({ erase: isAgain(at) ? HEALING_RECORDS : HANDSHAKE_RECORDS }),

      abandon,
    },

    perform: {
      sendHello,
      sendAccept: sendMessage("accept"),
      sendConfirm,
      tellRefusal,
    },
  }
}

/** What a Hello is bound to: the channel of its link, and beside a running session what the inviter asked over it. */
const greetingOver = Effect.fnUntraced(function* (at: At, link: string) {
  if (!isAgain(at)) return { binding: (yield* at.read(bindingOf(link))) ?? new Uint8Array(), nonce: new Uint8Array() }
  const theirs = challenged.decode((yield* at.read(RECORD.challenged(link))) ?? new Uint8Array())
  const ours = asked.decode((yield* at.read(RECORD.asked(link))) ?? new Uint8Array())
  return {
    binding: must(ours, RECORD.asked(link)).binding,
    nonce: must(theirs, RECORD.challenged(link)).challenge,
  }
})
