/**
 * What a frame holds, layer by layer, as its receiver would open it: with a copy of the keys on the receiver's disk, so that
 * nothing of a run changes by it. For explaining bytes, and for thieves. Docs: simulator.md, "Attackers".
 */
import * as Effect from "effect/Effect"
import { about, asked, RECORD, recoverySecrets } from "../../core/contact/records.ts"
import { content } from "../../core/content.ts"
import { equal } from "../../core/crypto/bytes.ts"
import { Crypto, type CryptoService } from "../../core/crypto/crypto.ts"
import { decodeFrame } from "../../core/frame.ts"
import { openTell, TELL_BYTES, tellBody, tellMessage } from "../../core/handshake/standing.ts"
import type { Direction } from "../../core/ids.ts"
import { aesLayer } from "../../core/layers/aes/layer.ts"
import { associatedData } from "../../core/layers/associated.ts"
import { kemLayer } from "../../core/layers/kem/layer.ts"
import type { Layer, LayerName } from "../../core/layers/layer.ts"
import { mlsCommitContent } from "../../core/layers/mls/healing.ts"
import { mlsLayer } from "../../core/layers/mls/layer.ts"
import { signalLayer } from "../../core/layers/signal/layer.ts"
import { padTo, unpadFrom } from "../../core/padding.ts"
import type { OpenedBy } from "../describe/span.ts"

/** By what opened them. */
export type Plaintexts = Partial<Record<OpenedBy, Uint8Array>>
export type Records = ReadonlyMap<string, Uint8Array>

export const LAYERS = { aes: aesLayer, kem: kemLayer, signal: signalLayer, mls: mlsLayer } as const
/** In the order in which a receiver opens them. */
export const INWARDS = ["aes", "kem", "signal", "mls"] as const

/** One layer's plaintext, and the state after it; undefined where it does not open. */
export const openLayer = <State>(
  layer: Layer<State>,
  state: State,
  ciphertext: Uint8Array,
  associated: Uint8Array,
): Effect.Effect<{ readonly state: State; readonly plaintext: Uint8Array } | undefined, never, Crypto> =>
  Effect.catch(layer.open(state, ciphertext, associated), () => Effect.succeed(undefined))

/** Everything before the last mark of the outer padding. */
const unpadded = (bytes: Uint8Array): Uint8Array => bytes.slice(0, Math.max(0, bytes.lastIndexOf(0x80)))

/** What the layer would have to open, given what the layers around it opened to. */
export const ciphertextFor = (
  layer: LayerName,
  sealed: Uint8Array,
  { aes, kem, signal }: Plaintexts,
): Uint8Array | undefined =>
  layer === "aes" ? sealed : layer === "kem" ? aes && unpadded(aes) : layer === "signal" ? kem : signal

/** The ciphertext of a frame that is sealed by all four. */
export const sealedIn = (bytes: Uint8Array): Uint8Array | undefined => {
  const frame = decodeFrame(bytes)
  return frame?.kind === "sealed" || frame?.kind === "confirm" ? frame.ciphertext : undefined
}

/** What goes to whoever has these records. */
export const directionTo = (records: Records): Direction =>
  about.decode(records.get(RECORD.about) ?? new Uint8Array())?.role === "inviter"
    ? "joinerToInviter"
    : "inviterToJoiner"

/** As far as the keys go; nothing for a frame that is not sealed, or that the receiver could not open. */
export const openFrame = (
  crypto: CryptoService,
  bytes: Uint8Array,
  records: Records | undefined,
): Promise<Plaintexts> => {
  if (records === undefined) return Promise.resolve({})
  const sealed = sealedIn(bytes)
  const opening = sealed === undefined ? openTold(crypto, bytes, records) : openSealed(crypto, sealed, records)
  // Whatever goes wrong, the bytes are still shown.
  return Effect.runPromise(Effect.provideService(opening, Crypto, crypto)).catch(() => ({}))
}

const openSealed = Effect.fnUntraced(function* (crypto: CryptoService, sealed: Uint8Array, records: Records) {
  const opened: { -readonly [By in OpenedBy]?: Uint8Array } = {}
  const transcript = records.get(RECORD.transcript)
  if (transcript === undefined) return opened
  const direction = directionTo(records)
  for (const name of INWARDS) {
    const layer = LAYERS[name] as Layer<unknown>
    const ciphertext = ciphertextFor(name, sealed, opened)
    const state = layer.decode(records.get(`layer/${name}`) ?? new Uint8Array())
    if (ciphertext === undefined || state === undefined) break
    const found = yield* openLayer(layer, state, ciphertext, associatedData(crypto, transcript, name, direction))
    if (found === undefined) break
    opened[name] = found.plaintext
  }
  const said = opened.mls && content.decode(unpadFrom(opened.mls, opened.mls.length) ?? new Uint8Array())
  const member = mlsLayer.decode(records.get("layer/mls") ?? new Uint8Array())
  if (said?.kind === "rekey" && member !== undefined) {
    const commit = yield* Effect.option(mlsCommitContent(member, said.commit))
    if (commit._tag === "Some") opened.commit = commit.value
  }
  return opened
})

/** An answer to one of the receiver's questions: where its teller stands. */
const openTold = Effect.fnUntraced(function* (crypto: CryptoService, bytes: Uint8Array, records: Records) {
  const frame = decodeFrame(bytes)
  const message = frame?.kind === "tell" ? tellMessage.decode(frame.message) : undefined
  const role = about.decode(records.get(RECORD.about) ?? new Uint8Array())?.role
  if (message === undefined || role === undefined) return {}
  const secrets = [RECORD.recovery, RECORD.offered, RECORD.passed].flatMap(
    (record) => recoverySecrets.decode(records.get(record) ?? new Uint8Array()) ?? [],
  )
  const secret = secrets.find(({ id }) => equal(id, message.id))
  const questions = [...records].flatMap(([id, record]) =>
    id.startsWith(RECORD.asked("")) ? (asked.decode(record) ?? []) : [],
  )
  for (const { binding, challenge } of secret === undefined ? [] : questions) {
    const question = { challenge, binding: binding.length === 0 ? undefined : binding }
    const teller = role === "inviter" ? "joiner" : "inviter"
    const tell = yield* openTell(crypto, secret!, teller, question, message)
    if (tell !== undefined) return { recovery: padTo(tellBody.encode(tell), TELL_BYTES) }
  }
  return {}
})
