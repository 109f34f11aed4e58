/**
 * The KEM layer: an X-Wing ratchet with whole, fresh keys at every turn, under XChaCha20-Poly1305. The statechart decides
 * which key a message takes; this file carries its commands out on key material. Docs: protocol.md, "KEM layer".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type KemRatchetContext, type KemRatchetEvent, kemRatchet } from "../../../machines/kem-ratchet.ts"
import { concat } from "../../crypto/bytes.ts"
import { Crypto, Refused } from "../../crypto/crypto.ts"
import type { CommandsOf } from "../../host/command.ts"
import { fromRest, step } from "../../host/step.ts"
import type { Transition } from "../../host/transition.ts"
import { messageKey, stepChain } from "../chain-key.ts"
import type { Layer, Opened, Sealed } from "../layer.ts"
import { expireSkipped, findSkipped } from "../skipped-keys.ts"
import { checkPeerKey } from "./establish.ts"
import { encodeHeader, KEM_HEADER_BYTES, splitFrame } from "./header.ts"
import { KEM_CHAIN_LABELS } from "./keys.ts"
import { decodeKemState, encodeKemState, type KemKeys, type KemState } from "./state.ts"
import { openInLatestTurn, openInNewTurn, openWithStoredKey, takeTurn } from "./turn.ts"

const TAG_BYTES = 16

/** What the layer adds to a plaintext, whatever the plaintext and the state. */
export const KEM_OVERHEAD = KEM_HEADER_BYTES + TAG_BYTES

type Prepare = CommandsOf<typeof kemRatchet, "prepare">
type KemCommand = { [T in keyof Prepare]: { readonly type: T; readonly params: Prepare[T] } }[keyof Prepare]

interface Decided {
  readonly state: KemKeys["state"]
  readonly counters: KemRatchetContext
  readonly commands: ReadonlyArray<KemCommand>
  readonly transition: Transition
}

/** What the statechart makes of an event: undefined if nothing. */
const decide = (state: KemKeys["state"], counters: KemRatchetContext, event: KemRatchetEvent): Decided | undefined => {
  const from = fromRest(kemRatchet, { value: state, context: counters })
  const { commands, snapshot } = step(kemRatchet, from, event)
  if (snapshot === from && commands.length === 0) return undefined
  return {
    state: snapshot.value as KemKeys["state"],
    counters: snapshot.context,
    commands: commands as unknown as ReadonlyArray<KemCommand>,
    transition: {
      machine: kemRatchet.id,
      id: `${kemRatchet.id}/kem`,
      event: event.type,
      from: state,
      to: snapshot.value,
      commands: commands.map(({ type }) => type),
      context: snapshot.context,
    },
  }
}

const seal = Effect.fnUntraced(function* (
  state: KemState,
  plaintext: Uint8Array,
  associated: Uint8Array,
): Effect.fn.Return<Sealed<KemState>, never, Crypto> {
  const crypto = yield* Crypto
  const decided = decide(state.keys.state, state.counters, { type: "MessageSubmitted" })
  if (decided === undefined) return yield* Effect.die(new Error(`the KEM layer cannot seal: ${state.keys.state}`))
  let keys = state.keys
  let ciphertext: Uint8Array | undefined
  for (const command of decided.commands) {
    if (command.type === "takeTurn" && keys.state === "following") {
      keys = yield* takeTurn(crypto, keys, command.params.turn)
    } else if (command.type === "sealMessage" && keys.state === "leading") {
      const { sending } = keys
      const [chain, seed] = stepChain(crypto, KEM_CHAIN_LABELS, sending.chain)
      const { key, nonce } = messageKey(crypto, KEM_CHAIN_LABELS, seed, crypto.xChaCha20Poly1305.nonceBytes)
      const bound = encodeHeader(associated, { place: command.params, ...sending })
      const sealed = yield* crypto.xChaCha20Poly1305.seal(key, nonce, plaintext, bound)
      keys = { ...keys, sending: { ...sending, chain } }
      ciphertext = concat(bound.subarray(associated.length), sealed)
    }
  }
  if (ciphertext === undefined) return yield* Effect.die(new Error("the KEM statechart sealed nothing"))
  const next = { keys, counters: decided.counters, skipped: state.skipped }
  return { state: next, ciphertext, transitions: [decided.transition] }
})

const open = Effect.fnUntraced(function* (
  state: KemState,
  frame: Uint8Array,
  associated: Uint8Array,
): Effect.fn.Return<Opened<KemState>, Refused, Crypto> {
  const crypto = yield* Crypto
  const split = splitFrame(associated, frame)
  if (split === undefined) return yield* new Refused()
  const { bound, header, sealed } = split
  const { place } = header
  const stored = findSkipped(state.skipped, place.turn, place.index)
  const arrived = decide(state.keys.state, state.counters, {
    type: "FrameArrived",
    ...place,
    stored: stored !== undefined,
  })
  const command = arrived?.commands[0]
  if (arrived === undefined || command === undefined) return yield* new Refused()

  const now = yield* Clock.currentTimeMillis
  const attempt =
    command.type === "openInNewTurn"
      ? yield* openInNewTurn(crypto, state, command.params, header, now)
      : command.type === "openInLatestTurn"
        ? openInLatestTurn(crypto, state, command.params, now)
        : openWithStoredKey(state, stored)
  if (attempt === undefined) return yield* new Refused()
  const { key, nonce } = messageKey(crypto, KEM_CHAIN_LABELS, attempt.seed, crypto.xChaCha20Poly1305.nonceBytes)
  const plaintext = yield* crypto.xChaCha20Poly1305.open(key, nonce, sealed, bound)
  // Genuine from here on. Only now may the peer make us do a second public-key operation.
  if (attempt.event.type === "PeerTurnOpened") yield* checkPeerKey(crypto, header.publicKey)

  const opened = decide(arrived.state, arrived.counters, attempt.event)
  if (opened === undefined) return yield* new Refused()
  return {
    state: { keys: attempt.keys, counters: opened.counters, skipped: attempt.skipped },
    plaintext,
    transitions: [arrived.transition, opened.transition],
  }
})

export const kemLayer: Layer<KemState> = {
  name: "kem",
  seal,
  open,
  expire: (state, now) => {
    const skipped = expireSkipped(state.skipped, now)
    return skipped === state.skipped ? state : { ...state, skipped }
  },
  encode: encodeKemState,
  decode: decodeKemState,
  view: ({ counters, keys, skipped }) => ({
    layer: "kem",
    state: keys.state,
    epoch: counters.turn,
    sent: counters.sealed,
    received: counters.opened,
    skipped: skipped.length,
  }),
}
