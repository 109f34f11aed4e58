/**
 * One life of a process: from opening a contact's host until it ends. It has a name that no other life has, so that the peer
 * can tell whether two copies of one storage are about. Docs: protocol.md, "Standing".
 */
import type { StandingContext } from "../../machines/standing.ts"
import { equal } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { toHex } from "../hex.ts"
import type { At } from "../host/handlers.ts"
import { STANDING } from "./machines.ts"

export interface Life {
  /** 16 random bytes, and as 32 hexadecimal digits. */
  readonly id: Uint8Array
  readonly name: string
  /** Which of the peer's lives spoke over a link, as far as this process has heard. */
  readonly over: Map<string, Uint8Array>
  /** The peer's life that we had heard last when we first asked over a link. */
  readonly heardBefore: Map<string, Uint8Array>
  /** The lives of the peer that the latest to vouch for us told of, itself included. */
  told: ReadonlyArray<Uint8Array>
  /** The channel bindings of its links, where they have one. */
  readonly bindings: Map<string, Uint8Array>
}

export const makeLife = (crypto: CryptoService): Life => {
  const id = crypto.random(16)
  return { id, name: toHex(id), over: new Map(), heardBefore: new Map(), told: [], bindings: new Map() }
}

/**
 * Whether what a life of the peer says over a link is merely late: it has ended, as the one that vouched for us since has told, and we
 * asked before that one spoke. An answer to a later question is no remnant: then a life that ended goes on, and that is a copy.
 */
export const isLate = (life: Life, via: string, speaks: Uint8Array, heard: Uint8Array): boolean => {
  const before = life.heardBefore.get(via)
  const asked = before === undefined || !equal(before, heard)
  return !equal(speaks, heard) && asked && life.told.some((one) => equal(one, speaks))
}

/** Links over which another life of the peer spoke than the one that we heard last. */
export const staleLinks = (life: Life, latest: Uint8Array): ReadonlyArray<string> =>
  [...life.over].filter(([, of]) => !equal(of, latest)).map(([link]) => link)

/**
 * Whether anything may be sealed now: only if the peer has vouched for our state in this very life. A state that was copied or
 * put back would use keys a second time (RT-1). What was sealed before may be repeated at any time.
 */
export const maySeal = (at: At, life: Life): boolean =>
  (at.contextOf(STANDING) as StandingContext | undefined)?.life === life.name
