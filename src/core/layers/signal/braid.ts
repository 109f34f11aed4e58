/**
 * The place of the braid, Signal's sparse post-quantum ratchet, in a session. Docs: protocol.md, "Signal layer"; the Double
 * Ratchet specification, §5 (the Triple Ratchet), and the ML-KEM Braid specification.
 *
 * INTERIM PROFILE, not yet wire-compatible with Signal's peers, for whom the braid is mandatory: there is no braid here.
 * Messages carry no field 5 and the salt of their keys is 32 zero bytes. The session calls these functions and no others,
 * so the braid comes in by this file alone: its state in `Braid`, its start from PQXDH's braid key, its message in field 5.
 */

import type { Shape } from "../../codec/codec.ts"
import { struct } from "../../codec/composite.ts"

/** The braid's part of a session's state: none yet. */
export type Braid = { readonly [K in never]: never }

export const braidShape: Shape<Braid> = struct({})

const NO_KEY = new Uint8Array(32)

/** `key` is the third part of PQXDH's secret, 32 bytes. The initiator is the one that starts with key generation. */
export const startBraid = (_role: "initiator" | "responder", _key: Uint8Array): Braid => ({})

/** What the next message carries in field 5 (undefined: no field), and the salt of its keys. */
export const braidSend = (
  braid: Braid,
): { readonly braid: Braid; readonly message: Uint8Array | undefined; readonly key: Uint8Array } => ({
  braid,
  message: undefined,
  key: NO_KEY.slice(),
})

/**
 * The salt of a received message's keys, from its field 5. Undefined refuses the message: without a braid, one that carries
 * braid bytes belongs to another profile. The result counts only if the message then opens.
 */
export const braidReceive = (
  braid: Braid,
  message: Uint8Array | undefined,
): { readonly braid: Braid; readonly key: Uint8Array } | undefined =>
  message === undefined || message.length === 0 ? { braid, key: NO_KEY.slice() } : undefined
