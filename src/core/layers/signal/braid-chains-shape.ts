/** How the braid's chains lie in a session's record. Docs: protocol.md, "Signal layer". */
import { bool, refine, type Shape, uint } from "../../codec/codec.ts"
import { list, optional, struct } from "../../codec/composite.ts"
import {
  type BraidChains,
  type BraidEpoch,
  braidChainKey,
  braidKeyOf,
  braidRootKey,
  MAX_BRAID_EPOCHS,
  MAX_STORED_BRAID_KEYS,
} from "./braid-chains.ts"
import { MAX_INDEX } from "./braid-message.ts"
import { secret } from "./secret-shape.ts"

const index = uint(MAX_INDEX)
const chainKey = secret(braidChainKey)

const stored = list(
  struct({ index: [1, index], key: [2, secret(braidKeyOf)], storedAt: [3, uint()] }),
  MAX_STORED_BRAID_KEYS,
)

export const braidChainsShape: Shape<BraidChains> = refine(
  struct({
    isInitiator: [1, bool],
    root: [2, secret(braidRootKey)],
    epochs: [
      3,
      list(
        struct({
          epoch: [1, uint()],
          sending: [2, optional(struct({ key: [1, chainKey], index: [2, index] }))],
          receiving: [3, struct({ key: [1, chainKey], index: [2, index], stored: [3, stored] })],
        }),
        MAX_BRAID_EPOCHS,
      ),
    ],
  }),
  ({ epochs }) => epochs.length > 0 && epochs.every(isOrdered),
)

/** Epochs without gaps, of which the last are sent in; stored keys by ascending index, none of them yet to come. */
const isOrdered = ({ epoch, receiving, sending }: BraidEpoch, i: number, all: ReadonlyArray<BraidEpoch>): boolean => {
  const next = all[i + 1]
  return (
    (next === undefined ? sending !== undefined : next.epoch === epoch + 1) &&
    (sending === undefined || next === undefined || next.sending !== undefined) &&
    receiving.stored.every(({ index: at }, j) => at >= 1 && at < (receiving.stored[j + 1]?.index ?? receiving.index))
  )
}
