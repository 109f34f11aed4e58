/**
 * The cascade of a contact as records: `layer/<name>` holds each layer's state, `healing/layer/<name>` that of keys which are
 * being agreed anew; all of them change in one commit or none. Docs: protocol.md, "At rest".
 */
import * as Effect from "effect/Effect"
import { equal } from "../crypto/bytes.ts"
import { type Crypto, Refused } from "../crypto/crypto.ts"
import { encodeFrame } from "../frame.ts"
import type { At } from "../host/handlers.ts"
import { Late, type Written } from "../host/late.ts"
import type { Transition } from "../host/transition.ts"
import type { Role } from "../ids.ts"
import { LAYER_NAMES } from "../layers/cascade.ts"
import type { LayerName } from "../layers/layer.ts"
import { type SottoState, sottoCascade } from "../layers/profile.ts"
import type { RecordId } from "../store.ts"
import { type Desk, FIRST } from "./records.ts"

/** Reads and writes the cascade of one contact. It keeps the last state decoded, which is checked against the record. */
export interface CascadeRecords {
  /** Whose side this is. */
  readonly role: Role
  readonly read: (at: At) => Effect.Effect<SottoState | undefined>
  /** The last state that was read or written: for showing, never for sealing. */
  readonly last: () => SottoState | undefined
  /** Encoded when the turn is committed: of the states that it goes through only the last is. */
  readonly writes: (state: SottoState) => ReadonlyArray<readonly [RecordId, Written]>
}

/** `desk`: whose keys, those in use or those that are being agreed beside them. */
export const makeCascadeRecords = (role: Role, desk: Pick<Desk, "layers" | "transcript"> = FIRST): CascadeRecords => {
  const layerRecord = (layer: LayerName): RecordId => `${desk.layers}${layer}`
  const outermostRecord = layerRecord("aes")
  /** `outermost`: a copy, once it is encoded; `late`: as the turn has it that wrote it. */
  let last: { readonly state: SottoState; outermost: Uint8Array | undefined; readonly late?: Late } | undefined
  return {
    role,
    last: () => last?.state,
    read: Effect.fnUntraced(function* (at) {
      if (last?.late !== undefined && at.late(outermostRecord) === last.late) return last.state
      const outermost = yield* at.read(outermostRecord)
      if (outermost === undefined) return undefined
      // The outermost layer moves with every seal and every open, so its bytes tell one state of the cascade from all others.
      if (last?.outermost !== undefined && equal(last.outermost, outermost)) return last.state
      const transcript = yield* at.read(desk.transcript)
      const layers: Partial<Record<LayerName, Uint8Array>> = {}
      for (const layer of LAYER_NAMES) {
        const bytes = yield* at.read(layerRecord(layer))
        if (bytes === undefined) return undefined
        layers[layer] = bytes
      }
      if (transcript === undefined) return undefined
      const state = sottoCascade.decode(transcript, role, layers as Record<LayerName, Uint8Array>)
      if (state !== undefined) last = { outermost, state }
      return state
    }),
    writes: (state) => {
      let encoded: ReturnType<typeof sottoCascade.encode> | undefined
      const late = (layer: LayerName) =>
        new Late(() => {
          encoded ??= sottoCascade.encode(state)
          written.outermost ??= encoded.aes.slice()
          return encoded[layer]
        })
      const outermost = late("aes")
      const written: NonNullable<typeof last> = { state, outermost: undefined, late: outermost }
      last = written
      return LAYER_NAMES.map((layer) => [layerRecord(layer), layer === "aes" ? outermost : late(layer)] as const)
    },
  }
}

interface SealedFrame {
  readonly frame: Uint8Array
  readonly write: ReadonlyArray<readonly [RecordId, Written]>
  readonly transitions: ReadonlyArray<Transition>
}

/** Skipped keys past their lifetime go first. Seals content bytes under the contact's cascade into a link frame. A contact without keys is a defect of ours. */
export const sealed = Effect.fnUntraced(function* (
  records: CascadeRecords,
  at: At,
  content: Uint8Array,
): Effect.fn.Return<SealedFrame, never, Crypto> {
  const state = yield* records.read(at)
  if (state === undefined) return yield* Effect.die(new TypeError("sealing before there are keys"))
  const live = sottoCascade.expire(state, at.now)
  const { ciphertext, state: next, transitions } = yield* sottoCascade.seal(live, content)
  return { frame: encodeFrame({ kind: "sealed", ciphertext }), write: records.writes(next), transitions }
})

/** Skipped keys past their lifetime go first. Opens a ciphertext; refuses also where there are no keys. */
export const opened = Effect.fnUntraced(function* (
  records: CascadeRecords,
  at: At,
  ciphertext: Uint8Array,
): Effect.fn.Return<
  {
    readonly content: Uint8Array
    readonly state: SottoState
    readonly transitions: ReadonlyArray<Transition>
  },
  Refused,
  Crypto
> {
  const state = yield* records.read(at)
  if (state === undefined) return yield* new Refused()
  return yield* sottoCascade.open(sottoCascade.expire(state, at.now), ciphertext)
})
