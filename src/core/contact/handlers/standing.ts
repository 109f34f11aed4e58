/**
 * The commands of how we stand with the peer: asking over a link, answering, judging what was told, and letting a handshake begin
 * beside the session. Docs: protocol.md, "Standing" and "Healing".
 */
import * as Effect from "effect/Effect"
import type { InviterContext } from "../../../machines/inviter.ts"
import type { JoinerContext } from "../../../machines/joiner.ts"
import type { StandingContext, StandingEvent } from "../../../machines/standing.ts"
import { REASONS } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import { Crypto } from "../../crypto/crypto.ts"
import { checkHello } from "../../handshake/messages.ts"
import { makeOneTime, oneTime } from "../../handshake/own-keys.ts"
import { askMessage, isGenuineAsk, makeAsk, makeTell, openTell, tellMessage } from "../../handshake/standing.ts"
import type { At, Handlers, Prepared } from "../../host/handlers.ts"
import { peerOf } from "../../ids.ts"
import { sottoCascade } from "../../layers/profile.ts"
import type { RecordId } from "../../store.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import { type Life, vouchFor } from "../life.ts"
import { type ContactMachines, INVITER_AGAIN, JOINER_AGAIN, LINK, SESSION, STANDING } from "../machines.ts"
import { AGAIN, asked, challenged, lives, pairingSecret, RECORD } from "../records.ts"
import type { Application, Wire } from "../services.ts"
import { bindingOf, nonEmpty, readAbout, readGreetings, readOwnStatics } from "./handshake-records.ts"
import { judge } from "./judge.ts"
import { standingPerform } from "./standing-perform.ts"
import { countersOf, readPeerLives, readSecrets, withThisLife } from "./standing-records.ts"

/** A handshake beside the session that stands still for so long is begun anew, in milliseconds. */
const ATTEMPT = 2 * 60_000

/** More questions than this over one link are asked by the clock, not because the peer asked. */
const MAX_PROMPTED = 3

type Result = Prepared<ContactMachines, StandingEvent>
type Writes = ReadonlyArray<readonly [RecordId, Uint8Array]>

export const standingHandlers = (
  records: CascadeRecords,
  life: Life,
  /** Called with every frame that proved to be the peer's own. */
  genuine: (frame: string) => void,
): Handlers<ContactMachines, Crypto, Wire | Application>["standing"] => ({
  prepare: {
    examine: Effect.fnUntraced(function* (_, at) {
      const old = yield* at.list({ prefix: "standing/", limit: Number.MAX_SAFE_INTEGER })
      const state = yield* records.read(at)
      const need = state === undefined ? "lost" : sottoCascade.isWornOut(state) ? "renewed" : null
      return { erase: old.map(([record]) => record), events: [{ type: "Examined", need }] }
    }),

    makeAsk: Effect.fnUntraced(function* ({ link, wants }, at) {
      if (link === "") return {}
      const crypto = yield* Crypto
      const { all, newest } = yield* readSecrets(at)
      const kept = asked.decode((yield* at.read(RECORD.asked(link))) ?? new Uint8Array())
      const before = kept?.spent === true ? undefined : kept
      const theirs = challenged.decode((yield* at.read(RECORD.challenged(link))) ?? new Uint8Array())
      // A peer that came back with an older state is asked in the name of what it knows.
      const secret = all.find(({ id }) => theirs !== undefined && equal(id, theirs.id)) ?? all[0]
      if (secret === undefined) return {}
      const binding = kept?.binding ?? life.bindings.get(link) ?? new Uint8Array()
      const challenge = before?.challenge ?? crypto.random(16)
      const { role } = yield* readAbout(at)
      const own = yield* withThisLife(at, life)
      const asker = { wants, newest: (newest ?? secret).id, lives: own }
      const message = makeAsk(crypto, secret, role, { challenge, binding: nonEmpty(binding) }, asker)
      const received = before?.received ?? (yield* countersOf(records, at)).received
      const times = (before?.times ?? 0) + 1
      const joiner = at.contextOf(JOINER_AGAIN) as JoinerContext | undefined
      const early = before?.early ?? joiner?.established === true
      const question = { message, challenge, binding, received, answered: false, times, early }
      return {
        write: [
          [RECORD.asked(link), asked.encode(question)],
          [RECORD.ownLives, lives.encode(own)],
        ],
      }
    }),

    answerAsk: Effect.fnUntraced(function* ({ frame, via }, at) {
      const crypto = yield* Crypto
      const ask = askMessage.decode((yield* at.read(frame)) ?? new Uint8Array())
      if (ask === undefined) return {}
      const { all, newest, offered, pending } = yield* readSecrets(at)
      const secret = all.find(({ id }) => equal(id, ask.id))
      if (secret === undefined || newest === undefined) return {}
      const { role } = yield* readAbout(at)
      const binding = nonEmpty(yield* at.read(bindingOf(frame)))
      const asker = ask.lives.at(-1)
      if (asker === undefined || !isGenuineAsk(crypto, secret, peerOf(role), ask, binding)) return {}
      const latest = (yield* readPeerLives(at)).at(-1)
      // With other keys than ours it hears so, and may be as old as it likes.
      const isOurs = equal(ask.newest, newest.id)
      const { known, silent } = isOurs
        ? vouchFor(life, ask.lives, latest, via, at.now)
        : { known: latest ?? asker, silent: false }
      const vouched: Writes = isOurs && equal(known, asker) ? [[RECORD.peerLives, lives.encode(ask.lives)]] : []
      if (silent) return { write: vouched, erase: [RECORD.tell(via)] }
      const { life: trusted, need } = at.contextOf(STANDING) as StandingContext
      const isTrusted = trusted === life.name
      const own = yield* withThisLife(at, life)
      const message = yield* makeTell(
        crypto,
        secret,
        role,
        { challenge: ask.challenge, binding },
        {
          newest: newest.id,
          ...(pending && { pending: pending.id }),
          ...(need && { reason: need }),
          known,
          ...(offered.length > 0 && { offered: offered.map(({ id }) => id) }),
          lives: own,
          ...(yield* countersOf(records, at)),
        },
      )
      // Our own question was lost on a peer that did not know the name in which we asked, or had no keys yet.
      const ours = asked.decode((yield* at.read(RECORD.asked(via))) ?? new Uint8Array())
      const mine = ours && askMessage.decode(ours.message)
      const isUnheard = isTrusted || (mine !== undefined && !equal(mine.id, ask.id))
      const asksAgain = ours !== undefined && !ours.answered && ours.times < MAX_PROMPTED && isUnheard
      // Where both need keys each may have another newest link: the inviter follows, as the joiner greets over the link of its own.
      const follows = role === "inviter" && ours?.answered !== true
      return {
        write: [
          [RECORD.challenged(via), challenged.encode({ id: ask.id, challenge: ask.challenge })],
          [RECORD.tell(via), message],
          [RECORD.ownLives, lives.encode(own)],
          ...vouched,
        ],
        events: (ask.wants && (need === null || follows)) || asksAgain ? [{ type: "PeerWants", via }] : [],
      }
    }),

    checkTell: Effect.fnUntraced(function* ({ frame, via }, at): Effect.fn.Return<Result, never, Crypto> {
      const crypto = yield* Crypto
      const message = tellMessage.decode((yield* at.read(frame)) ?? new Uint8Array())
      const question = asked.decode((yield* at.read(RECORD.asked(via))) ?? new Uint8Array())
      if (message === undefined || question === undefined || question.answered) return {}
      const secrets = yield* readSecrets(at)
      const secret = secrets.all.find(({ id }) => equal(id, message.id))
      if (secret === undefined) return {}
      const { role } = yield* readAbout(at)
      const { binding, challenge } = question
      const asking = { challenge, binding: nonEmpty(binding) }
      const tell = yield* openTell(crypto, secret, peerOf(role), asking, message)
      if (tell === undefined) return {}
      const { need } = at.contextOf(STANDING) as StandingContext
      const joiner = at.contextOf(JOINER_AGAIN) as JoinerContext | undefined
      const verdict = judge({
        role,
        tell,
        ...secrets,
        need,
        switched: joiner?.established === true,
        early: question.early === true,
        heard: yield* readPeerLives(at),
        life: life.id,
        isLate: life.linksBefore.has(via),
        sent: (yield* countersOf(records, at)).sent,
        received: question.received,
      })
      // Under another challenge: what is told then is from now.
      if (verdict === "overtaken") return { erase: [RECORD.asked(via)], events: [{ type: "PeerWants", via }] }
      const heals = REASONS.some((reason) => reason === verdict)
      // A joiner greets in answer to what the inviter asked over this link. Overtaken by the tell, that is still to come.
      if (heals && role === "joiner" && (yield* at.read(RECORD.challenged(via))) === undefined) return {}
      if (tell.lives.length > 0) life.over.set(via, tell.lives)
      const write = [[RECORD.asked(via), asked.encode({ ...question, answered: true, heals })] as const]
      if (verdict === "replaced") return { write, events: [{ type: "PeerMovedOn" }] }
      // It hears from our own tell that it was left behind; what is to be sent does not take its link.
      if (verdict === "behind" || verdict === "late") return { write }
      genuine(frame)
      if (verdict === "underWay") return { write }
      if (verdict !== "agrees") {
        return {
          write: role === "joiner" ? [...write, [AGAIN.secret, pairingSecret.encode(secret)]] : write,
          // Under another secret, or where the peer knows nothing of what was agreed: from the start.
          tell:
            joiner !== undefined && (joiner.established || !(yield* isOf(at, secret.id)))
              ? [{ to: JOINER_AGAIN, event: { type: "Restarted" } }]
              : [],
          // A copy that both heard of is of concern to both.
          events: [
            {
              type: "PeerDiffered",
              reason: verdict,
              link: via,
              theirs: tell.reason === verdict && verdict !== "cloned",
            },
          ],
        }
      }
      const inviter = at.contextOf(INVITER_AGAIN) as InviterContext | undefined
      return {
        write: [...write, [RECORD.vouched, life.id]],
        // What was agreed beside the session was with a copy that is gone: nothing of the session is taken in before it ends.
        // Not where the question is from before that agreement's Accept: its answer knows nothing of it.
        tell:
          inviter?.agreed === true && question.spent !== true
            ? [{ to: INVITER_AGAIN, event: { type: "Superseded" } }]
            : [],
        events: [{ type: "PeerAgreed", life: life.name }],
      }
    }),

    beginHealing: Effect.fnUntraced(function* ({ link }, at) {
      const { role } = yield* readAbout(at)
      // Roles are for life: the inviter has said what it needs, and waits to be greeted.
      if (role !== "joiner") return {}
      return {
        start: [{ start: JOINER_AGAIN, input: { lifetime: ATTEMPT } }],
        tell: [{ to: JOINER_AGAIN, event: { type: "LinkOpened", link } }],
      }
    }),

    admitHello: Effect.fnUntraced(function* ({ frame, via }, at): Effect.fn.Return<Result, never, Crypto> {
      const crypto = yield* Crypto
      const hello = (yield* at.read(frame)) ?? new Uint8Array()
      const question = asked.decode((yield* at.read(RECORD.asked(via))) ?? new Uint8Array())
      const { role } = yield* readAbout(at)
      if (question === undefined || role !== "inviter") return {}
      const { all, older } = yield* readSecrets(at)
      const binding = nonEmpty(yield* at.read(bindingOf(frame)))
      // Whoever was left behind greets in vain, unless what it told was a reason.
      const admitted = question.heals === true ? all : all.filter((one) => !older.includes(one))
      const secret = admitted.find((one) => {
        const checked = checkHello(crypto, one, hello, binding)
        // It answers what we asked over this link: one that was heard before, or elsewhere, creates nothing.
        return typeof checked !== "string" && equal(checked.nonce.slice(0, 16), question.challenge)
      })
      if (secret === undefined) return {}
      const running = at.contextOf(INVITER_AGAIN) as InviterContext | undefined
      const hers = { ...at, key: "again" }
      const isKnown = (yield* readGreetings(hers)).some((greeting) => equal(greeting.hello, hello))
      // Made before the one that was answered, it only comes after it: what was agreed since is not given up for it.
      if (running?.agreed === true && (isKnown || question.spent === true)) return {}
      const isSame = yield* isOf(at, secret.id)
      const prepared = yield* at.read(AGAIN.oneTime)
      // A number out of so many that none comes twice, also where a count was put back to an earlier state.
      const id = new DataView(crypto.random(4).buffer).getUint32(0) >>> 1 || 1
      const statics = yield* readOwnStatics(at)
      const oneTimeBytes = prepared ?? oneTime.encode(yield* makeOneTime({ statics, id }))
      return {
        write: [
          [AGAIN.secret, pairingSecret.encode(secret)],
          [AGAIN.oneTime, oneTimeBytes],
        ],
        erase: isSame ? [] : [AGAIN.greetings],
        start: [{ start: INVITER_AGAIN, input: { lifetime: ATTEMPT, again: true } }],
        tell: [{ to: INVITER_AGAIN, event: { type: "HelloArrived", frame, via } }],
      }
    }),

    stepAside: (_, at) =>
      Effect.succeed({
        tell: [
          { to: LINK, event: { type: "Paused" } },
          ...([INVITER_AGAIN, JOINER_AGAIN] as const)
            .filter((id) => at.contextOf(id) !== undefined)
            .map((to) => ({ to, event: { type: "Superseded" } as const })),
          { to: SESSION, event: { type: "Replaced" } },
        ],
      }),
    stayAside: () => Effect.succeed({ tell: [{ to: LINK, event: { type: "Paused" } }] }),
    stepForward: () => Effect.succeed({ tell: [{ to: LINK, event: { type: "Resumed" } }] }),

    allowSealing: () => Effect.succeed({ tell: [{ to: SESSION, event: { type: "SealingAllowed" } }] }),
  },

  perform: standingPerform(life),
})

/** Whether a handshake beside the session goes in the name of this secret. */
const isOf = Effect.fnUntraced(function* (at: At, id: Uint8Array) {
  const kept = pairingSecret.decode((yield* at.read(AGAIN.secret)) ?? new Uint8Array())
  return kept !== undefined && equal(kept.id, id)
})
