/** The commands of the joiner's side of pairing. Docs: protocol.md, "Handshake". */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { Crypto } from "../../crypto/crypto.ts"
import { encodeFrame } from "../../frame.ts"
import { accept } from "../../handshake/agree.ts"
import { makeHello } from "../../handshake/messages.ts"
import { confirmMac, recoverySecret } from "../../handshake/transcript.ts"
import type { Handlers } from "../../host/handlers.ts"
import { sottoCascade } from "../../layers/profile.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import { type ContactMachines, SESSION } from "../machines.ts"
import { about, HANDSHAKE_RECORDS, RECORD } from "../records.ts"
import type { Application, Wire } from "../services.ts"
import { checkConfirm } from "./confirm.ts"
import { abandon, sendConfirm, sendHello, sendMessage, tellRefusal } from "./handshake-commands.ts"
import {
  bindingOf,
  keepPeer,
  must,
  nonEmpty,
  pairingOf,
  readAbout,
  readHeard,
  readInvite,
  readOwnStatics,
} from "./handshake-records.ts"

export const joinerHandlers = (
  records: CascadeRecords,
): Handlers<ContactMachines, Crypto, Wire | Application>["joiner"] => ({
  prepare: {
    makeHello: Effect.fnUntraced(function* ({ link }, at) {
      const crypto = yield* Crypto
      const binding = (yield* at.read(bindingOf(link))) ?? new Uint8Array()
      const hello = makeHello(crypto, pairingOf(yield* readInvite(at)), crypto.random(32), nonEmpty(binding))
      return {
        write: [
          [RECORD.hello, hello],
          [RECORD.binding, binding],
        ],
      }
    }),

    checkBundle: Effect.fnUntraced(function* ({ frame }, at) {
      const crypto = yield* Crypto
      const bundle = must(yield* at.read(frame), frame)
      const { bundleHash } = yield* readInvite(at)
      const heard = { ...(yield* readHeard(at)), staticsHash: bundleHash }
      const known = yield* readAbout(at)
      const agreed = yield* Effect.option(accept(heard, yield* readOwnStatics(at), bundle, known.own))
      if (agreed._tag === "None") return { events: [{ type: "BundleRefused", reason: "invalid" }] }
      const { peer, state, transitions } = agreed.value
      const kept = yield* keepPeer(at, peer)
      return {
        write: [
          ...records.writes(state),
          [RECORD.transcript, state.transcript],
          [RECORD.accept, agreed.value.accept],
          [RECORD.recovery, recoverySecret(crypto, heard.pairing.secret, state.transcript)],
          kept.write,
        ],
        events: [{ type: "BundleGenuine" }],
        tell: kept.tell,
        transitions,
      }
    }),

    checkConfirm: Effect.fnUntraced(function* ({ frame }, at) {
      const crypto = yield* Crypto
      const confirmed = yield* checkConfirm(records, at, frame, "inviter")
      if (confirmed === undefined) return { events: [{ type: "ConfirmRefused" }] }
      const { secret } = pairingOf(yield* readInvite(at))
      const mac = confirmMac(crypto, secret, confirmed.state.transcript, "joiner")
      const sealed = yield* sottoCascade.seal(confirmed.state, content.encode({ kind: "confirm", role: "joiner", mac }))
      return {
        write: [
          ...records.writes(sealed.state),
          [RECORD.confirm, encodeFrame({ kind: "confirm", role: "joiner", ciphertext: sealed.ciphertext })],
        ],
        events: [{ type: "ConfirmGenuine" }],
        transitions: [...confirmed.transitions, ...sealed.transitions],
      }
    }),

    establish: Effect.fnUntraced(function* (_, at) {
      const known = yield* readAbout(at)
      return {
        write: [[RECORD.about, about.encode({ ...known, pairedAt: at.now })]],
        // The Confirm stays until the peer is known to have it; the secrets do not.
        erase: HANDSHAKE_RECORDS.filter((record) => record !== RECORD.confirm),
        tell: [{ to: SESSION, event: { type: "HandshakeFinished" } }],
      }
    }),

    forgetHandshake: () => Effect.succeed({ erase: HANDSHAKE_RECORDS }),

    abandon,
  },

  perform: {
    sendHello,
    sendAccept: sendMessage(RECORD.accept, "accept"),
    sendConfirm,
    tellRefusal,
  },
})
