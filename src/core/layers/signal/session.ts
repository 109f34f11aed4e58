/**
 * A Signal session as an immutable value: the statechart at rest, and the keys it speaks of. Docs: protocol.md, "Signal
 * layer". The machine decides, the functions of this folder carry out its commands; nothing else changes a session.
 */
import type { StateValue } from "xstate"
import { type DoubleRatchetContext, type DoubleRatchetEvent, doubleRatchet } from "../../../machines/double-ratchet.ts"
import type { CryptoService, KeyPair } from "../../crypto/crypto.ts"
import type { CommandsOf } from "../../host/command.ts"
import { begin, fromRest, step } from "../../host/step.ts"
import type { Transition } from "../../host/transition.ts"
import { type Braid, startBraid } from "./braid-state.ts"
import type { ChainKey } from "./chain-key.ts"
import type { Agreed } from "./pqxdh.ts"
import type { Introduction } from "./pre-key-message.ts"
import { close, type ReceiverChain } from "./receiver-chain.ts"
import type { RootKey } from "./root-key.ts"

/** An unanswered session is given up after this many milliseconds (30 days), as by Signal's peers. */
export const ANSWER_DEADLINE = 30 * 24 * 60 * 60 * 1_000

export interface Session {
  readonly ratchet: { readonly value: StateValue; readonly context: DoubleRatchetContext }
  /** Identity keys, 32 bytes: ours and the peer's. */
  readonly own: Uint8Array
  readonly peer: Uint8Array
  /** Undefined once the session is abandoned. */
  readonly keys: SessionKeys | undefined
  /** The initiator's, until the first answer opens. */
  readonly introduction: (Introduction & { readonly since: number }) | undefined
  /** The responder's: which introduction began the session (its hash). The peer repeats it until our answer reaches it. */
  readonly introducedBy: Uint8Array | undefined
}

export interface SessionKeys {
  readonly root: RootKey
  /** Our turn's ratchet key and chain; undefined from the peer's turn until our next one. */
  readonly sending: { readonly pair: KeyPair; readonly chain: ChainKey } | undefined
  /** From the newest to the oldest; all but the newest are closed. */
  readonly receiving: ReadonlyArray<ReceiverChain>
  readonly braid: Braid
}

/** Whose instance the transitions belong to, for `inspect`. */
export const RATCHET_ID = "doubleRatchet/signal"

/** A session before its machine's first event. The responder's own ratchet key is its signed prekey. */
export const newSession = (
  crypto: CryptoService,
  role: "initiator" | "responder",
  agreed: Agreed,
  options: Pick<Session, "own" | "peer" | "introduction" | "introducedBy"> & Pick<SessionKeys, "sending" | "receiving">,
): Session => {
  const { introducedBy, introduction, own, peer, receiving, sending } = options
  const keys = { root: agreed.root, sending, receiving, braid: startBraid(crypto, role, agreed.braidKey) }
  const { context, value } = begin(doubleRatchet, undefined).snapshot
  return { ratchet: { value, context }, own, peer, keys, introduction, introducedBy }
}

type Commands = CommandsOf<typeof doubleRatchet, "prepare">
export type RatchetCommand = {
  [C in keyof Commands]: { readonly type: C; readonly params: Commands[C] }
}[keyof Commands]

export interface Decided {
  readonly session: Session
  readonly commands: ReadonlyArray<RatchetCommand>
  readonly transition: Transition
}

/** The session after the machine's decision; the commands are still to be carried out. */
export const decide = (session: Session, event: DoubleRatchetEvent): Decided => {
  const { commands, snapshot } = step(doubleRatchet, fromRest(doubleRatchet, session.ratchet), event)
  return {
    session: { ...session, ratchet: { value: snapshot.value, context: snapshot.context } },
    commands: commands as ReadonlyArray<{ readonly type: string; readonly params: unknown }> as never,
    transition: {
      machine: doubleRatchet.id,
      id: RATCHET_ID,
      event: event.type,
      from: session.ratchet.value,
      to: snapshot.value,
      commands: commands.map(({ type }) => type),
      context: snapshot.context,
    },
  }
}

/** Carries out a command that only erases. Others are left to who asked for them. */
export const erase = (session: Session, command: RatchetCommand, now: number): Session => {
  const { keys } = session
  switch (command.type) {
    case "closeFormerChain": {
      if (keys === undefined) return session
      const [newest, former, ...older] = keys.receiving
      if (newest === undefined || former === undefined) return session
      return { ...session, keys: { ...keys, receiving: [newest, close(former, command.params.last, now), ...older] } }
    }
    case "eraseSendingKeys":
      return keys === undefined ? session : { ...session, keys: { ...keys, sending: undefined } }
    case "forgetPreKeys":
      return { ...session, introduction: undefined }
    case "eraseAllKeys":
      return { ...session, keys: undefined, introduction: undefined, introducedBy: undefined }
    default:
      return session
  }
}

/** A state's name as people read it: `awaitingAnswer`, `conversing.ourTurn`. */
export const stateName = (value: StateValue): string =>
  typeof value === "string"
    ? value
    : Object.entries(value)
        .map(([name, inner]) => (inner === undefined ? name : `${name}.${stateName(inner)}`))
        .join(" ")
