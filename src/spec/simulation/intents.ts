/**
 * What the people of a simulation want: to pair, to write, to read. A person whose app died does again what was not done, as
 * people do: uses the same invite, and looks whether a message is there before writing it again. Docs: simulator.md.
 */
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Engine } from "../../core/engine.ts"
import type { SottoError } from "../../core/errors.ts"
import type { ContactHandle } from "../../core/messenger/contact-handle.ts"
import type { InviteHandle } from "../../core/messenger/invite-handle.ts"
import type { PeerEvent } from "./choice.ts"
import { contactOf, type Life, statusOf } from "./peer.ts"
import type { RunRecord } from "./record.ts"
import type { Sealed } from "./sealed.ts"
import type { PeerOf, Witness } from "./witness.ts"

/** Two who are to be paired. */
export interface Pairing {
  readonly inviter: string
  readonly joiner: string
  /** The invite, once it was made. */
  text: string | undefined
  /** Whether the joiner's engine has taken it. */
  accepted: boolean
}

/** A message that an engine said it accepted. */
export interface AcceptedMessage {
  readonly from: string
  readonly to: string
  readonly id: string
}

export interface Intents {
  readonly pairings: ReadonlyArray<Pairing>
  readonly accepted: ReadonlyArray<AcceptedMessage>
  /** How many messages people tried to send. */
  readonly tried: () => number
  readonly act: (peer: string, event: PeerEvent) => boolean
  /** Goes on with what a peer's person wants and does not have. */
  readonly pursue: (peer: string) => void
  /** How `other` appears in a peer's engine; undefined before there is such a contact, and while the peer has no process. */
  readonly contact: (peer: string, other: string) => ContactHandle | undefined
  /** The invite that a peer made for `other`, as long as it is not used up and the peer has a process. */
  readonly invite: (peer: string, other: string) => InviteHandle | undefined
  /** Who a peer's host is a conversation with, and that one's host of it. */
  readonly peerOf: PeerOf
  /** Whether they are to be, at least. */
  readonly arePaired: (peer: string, other: string) => boolean
  /** The hosts of everybody that a peer has paired with or is to; undefined where there is none yet. */
  readonly hosts: (peer: string) => ReadonlyArray<string | undefined>
  /** The host of the contact, also while nothing runs. */
  readonly host: (peer: string, other: string) => string | undefined
}

/** An invite of a simulation lasts, so that a day of crashes does not end it. */
const INVITE_LASTS = 24 * 60 * 60_000

export const makeIntents = (options: {
  readonly life: (peer: string) => Life | undefined
  readonly witness: Witness
  readonly record: RunRecord
  /** Whose storage a vault seals. */
  readonly vaults: ReadonlyMap<string, Sealed>
  /** Who has been paired before. */
  readonly pairings?: ReadonlyArray<Pairing>
}): Intents => {
  const { life, record, vaults, witness } = options
  const pairings: Array<Pairing> = (options.pairings ?? []).map((pairing) => ({ ...pairing }))
  const accepted: Array<AcceptedMessage> = []
  let tried = 0

  const between = (peer: string, other: string) =>
    pairings.find(
      ({ inviter, joiner }) => (inviter === peer && joiner === other) || (inviter === other && joiner === peer),
    )
  const host = (peer: string, other: string) => {
    const pairing = between(peer, other)
    return pairing?.text === undefined ? undefined : witness.hostOf(peer, pairing.text)
  }
  const peerOf = (peer: string, wanted: string) => {
    for (const { inviter, joiner } of pairings) {
      const other = inviter === peer ? joiner : joiner === peer ? inviter : undefined
      const theirs = other === undefined || host(peer, other) !== wanted ? undefined : host(other, peer)
      if (other !== undefined && theirs !== undefined) return { peer: other, host: theirs }
    }
    return undefined
  }
  const hosts = (peer: string) =>
    pairings.flatMap(({ inviter, joiner }) =>
      inviter === peer ? [host(peer, joiner)] : joiner === peer ? [host(peer, inviter)] : [],
    )
  const contact = (peer: string, other: string) =>
    statusOf(life(peer)) === "ready" ? contactOf(life(peer), host(peer, other)) : undefined
  const invite = (peer: string, other: string) => {
    const pairing = between(peer, other)
    if (pairing?.inviter !== peer || statusOf(life(peer)) !== "ready") return undefined
    return life(peer)!
      .engine!.invites.get()
      .find(({ text }) => text === pairing.text)
  }

  const run = <A>(peer: string, effect: Effect.Effect<A, SottoError>, done: (exit: Exit.Exit<A, SottoError>) => void) =>
    life(peer)!.process.fork(effect, done)

  const pursue = (peer: string) => {
    const engine = life(peer)?.engine
    if (engine === undefined || statusOf(life(peer)) !== "ready") return
    for (const pairing of pairings) {
      if (pairing.inviter === peer && pairing.text === undefined) {
        run(peer, engine.invite({ expiresIn: INVITE_LASTS }), (exit) => {
          if (!Exit.isSuccess(exit) || pairing.text !== undefined) return
          pairing.text = exit.value.text
          pursue(pairing.joiner)
        })
      }
      const { text } = pairing
      if (pairing.joiner === peer && text !== undefined && !pairing.accepted) {
        run(peer, engine.accept(text), (exit) => {
          if (Exit.isSuccess(exit)) pairing.accepted = true
        })
      }
    }
  }

  const wrongKey = (peer: string) => vaults.get(peer)?.unlock(true) ?? []
  /** Its person is typing, or has to wait. */
  const isBusy = (engine: Engine) => ["unlocking", "delayed"].includes(engine.vault.view.get().state)

  const act = (peer: string, event: PeerEvent): boolean => {
    const engine = life(peer)?.engine
    if (engine === undefined) return false
    switch (event.do) {
      case "pair": {
        if (between(peer, event.with) !== undefined || event.with === peer) return false
        pairings.push({ inviter: peer, joiner: event.with, text: undefined, accepted: false })
        pursue(peer)
        return true
      }
      case "send": {
        const to = contact(peer, event.to)
        if (to === undefined) return false
        const { expiresIn, text, times = 1 } = event
        for (let i = 0; i < times; i++) {
          tried += 1
          const sending = to.conversation.send(
            times === 1 ? text : `${text} (${i + 1})`,
            expiresIn === undefined ? {} : { lifetime: expiresIn },
          )
          run(peer, sending, (exit) => {
            if (!Exit.isSuccess(exit)) return
            accepted.push({ from: peer, to: event.to, id: exit.value.id })
            record.accepted(peer, event.to, exit.value.id)
          })
        }
        return true
      }
      case "read": {
        const from = contact(peer, event.from)
        const last = from?.last.get()
        if (from === undefined || last === undefined) return false
        run(peer, from.markRead(last.cursor), () => {})
        return true
      }
      case "rename":
        run(peer, engine.rename(event.name), () => {})
        return true
      case "renewKeys": {
        const to = contact(peer, event.with)
        if (to === undefined) return false
        run(peer, to.renewKeys, () => {})
        return true
      }
      case "timer": {
        const to = contact(peer, event.with)
        if (to === undefined) return false
        const { after, from = "reading" } = event
        run(peer, to.conversation.setTimer(after === undefined ? undefined : { after, from }), () => {})
        return true
      }
      case "continue": {
        const to = contact(peer, event.with)
        if (to?.session.get().state !== "paused") return false
        run(peer, to.continueUnverified, () => {})
        return true
      }
      case "block":
      case "unblock": {
        const to = contact(peer, event.with)
        if (to?.pairedAt() === undefined) return false
        if ((to.session.get().state === "blocked") !== (event.do === "unblock")) return false
        run(peer, event.do === "block" ? to.block : to.unblock, () => {})
        return true
      }
      case "cancel": {
        const unused = invite(peer, event.with)
        if (unused === undefined) return false
        run(peer, unused.cancel, () => {})
        return true
      }
      case "lock":
        if (statusOf(life(peer)) !== "ready") return false
        run(peer, engine.lock, () => {})
        return true
      case "unlock":
        if (statusOf(life(peer)) !== "locked" && statusOf(life(peer)) !== "elsewhere") return false
        if (isBusy(engine) || (event.wrong === true && !vaults.has(peer))) return false
        run(peer, event.wrong === true ? engine.unlockWith(wrongKey(peer)) : engine.unlock, () => pursue(peer))
        return true
      case "autoLock":
        run(peer, engine.configure({ autoLock: event.after ?? null }), () => {})
        return true
      case "close":
        run(peer, engine.close, () => life(peer)?.process.kill())
        return true
    }
  }

  return {
    pairings,
    accepted,
    tried: () => tried,
    act,
    pursue,
    contact,
    invite,
    host,
    hosts,
    peerOf,
    arePaired: (a, b) => between(a, b) !== undefined,
  }
}
