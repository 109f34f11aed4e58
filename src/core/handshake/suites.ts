/**
 * The layers of profile `sotto/1`, as the Hello names them. Agreement is all or nothing: a list that differs in anything,
 * fewer layers or another order included, is refused. Docs: protocol.md, "Suites".
 */
import { text, uint, type Value } from "../codec/codec.ts"
import { list, struct } from "../codec/composite.ts"
import { LAYER_NUMBERS, type LayerName } from "../layers/layer.ts"

/** What the invite and the Hello say. A peer of another version is refused, with the version as the reason. */
export const VERSION = 1

/** From the innermost to the outermost. A layer that changes its bytes changes its label. */
export const SUITES = [
  { layer: LAYER_NUMBERS.mls, suite: "MLS_256_XWING_AES256GCM_SHA512_Ed25519" },
  { layer: LAYER_NUMBERS.signal, suite: "PQXDH_CURVE25519_KYBER1024_TRIPLE_RATCHET" },
  { layer: LAYER_NUMBERS.kem, suite: "XWING_RATCHET_XCHACHA20POLY1305_SHA512" },
  { layer: LAYER_NUMBERS.aes, suite: "HASH_RATCHET_AES256GCM_SHA512" },
] as const

/** Room for what a later version may name, so that its list is told from damage. */
const MAX_SUITES = 8
const MAX_LABEL_BYTES = 64

export const suitesShape = list(struct({ layer: [1, uint(255)], suite: [2, text(MAX_LABEL_BYTES)] }), MAX_SUITES)

export type Suites = Value<typeof suitesShape>

export const areOurSuites = (suites: Suites): boolean =>
  suites.length === SUITES.length && SUITES.every((ours, i) => isSame(ours, suites[i]!))

/** The label that a layer's associated data binds. */
export const suiteOf = (layer: LayerName): string => SUITES.find((entry) => entry.layer === LAYER_NUMBERS[layer])!.suite

const isSame = (ours: Suites[number], theirs: Suites[number]): boolean =>
  ours.layer === theirs.layer && ours.suite === theirs.suite
