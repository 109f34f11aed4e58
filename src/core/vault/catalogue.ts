/**
 * The list of a vault's hosts: what each is called on the disk, its key, and how far it had come when this was written. Erasing
 * a host is, first of all, losing its key here. Docs: storage.md, "The catalogue".
 */
import { bool, codec, fixed, text, uint, type Value } from "../codec/codec.ts"
import { list, optional, struct } from "../codec/composite.ts"

/** More contacts than a person has; a bound for what is read. */
const MAX_HOSTS = 10_000

const hostShape = struct({
  id: [1, text(2_048)],
  /** Its name in the store below, in hexadecimal digits there. */
  disk: [2, fixed(16)],
  key: [3, fixed(32)],
  /** It has been at this version: an older one is an old copy. */
  floor: [4, uint()],
})
export type CataloguedHost = Value<typeof hostShape>

/** A host that is there unsealed and is to be sealed. Docs: storage.md, "Sealing in place". */
const unsealedShape = struct({
  id: [1, text(2_048)],
  /** It is sealed as well: what is left to do is to erase it. */
  copied: [2, bool],
})
export type Unsealed = Value<typeof unsealedShape>

const catalogueShape = struct({
  serial: [1, uint()],
  /** The header's, so that an old header is not taken for the present one. */
  generation: [2, uint()],
  hosts: [3, list(hostShape, MAX_HOSTS)],
  /** Hosts that are being erased; whether it was finished is unknown. */
  erasing: [4, list(fixed(16), MAX_HOSTS)],
  /** Left out once everything is sealed. */
  unsealed: [5, optional(list(unsealedShape, MAX_HOSTS))],
})
export type Catalogue = Value<typeof catalogueShape>

export const catalogueCodec = codec(catalogueShape, 4 * 1024 * 1024)
