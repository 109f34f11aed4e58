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
  /** The peer's latest lives as they were told over a link, the one that speaks there last. */
  readonly over: Map<string, ReadonlyArray<Uint8Array>>
  /** The links that are open, by their names. */
  readonly links: Set<string>
  /** Links that are to be closed, because another life of the peer took the place of the one that spoke there. */
  readonly doubted: Set<string>
  /** When that was last, by the wall clock; and the links that there were when we last vouched for another life than before. */
  closedAt: number | undefined
  linksBefore: ReadonlySet<string>
  /** The channel bindings of its links, where they have one. */
  readonly bindings: Map<string, Uint8Array>
}

/** So soon whoever is at the other end of a link hears that it was closed, unless nothing comes through at all, in milliseconds. */
const NOTICED_AFTER = 900

export const makeLife = (crypto: CryptoService): Life => {
  const id = crypto.random(16)
  return {
    id,
    name: toHex(id),
    over: new Map(),
    bindings: new Map(),
    links: new Set(),
    doubted: new Set(),
    closedAt: undefined,
    linksBefore: new Set(),
  }
}

/** Links over which a life of the peer speaks that is neither the one that we vouched for last nor comes after it. */
export const staleLinks = (life: Life, latest: Uint8Array): ReadonlyArray<string> =>
  [...life.over].filter(([, lives]) => !lives.some((one) => equal(one, latest))).map(([link]) => link)

/** Links over which this life of the peer speaks. */
const linksOf = (life: Life, latest: Uint8Array): ReadonlyArray<string> =>
  [...life.over].filter(([, lives]) => equal(lives.at(-1)!, latest)).map(([link]) => link)

/**
 * What we say to whoever asks: for which of the peer's lives we vouch from now on. Only to a life that knows of the one before do we
 * go over, so that of several copies of one state at most one is vouched for. `lives`: the asker's own, this one last; `latest`: the
 * one that we vouched for until now. `silent`: that one may still be alive, so its links are closed, and the asker is answered when
 * it asks again, after that one had time to notice. Docs: protocol.md, "Standing".
 */
export const vouchFor = (
  life: Life,
  lives: ReadonlyArray<Uint8Array>,
  latest: Uint8Array | undefined,
  via: string,
  now: number,
): { readonly known: Uint8Array; readonly silent: boolean } => {
  const known = lives.at(-1)!
  const isSettling = life.closedAt !== undefined && Math.abs(now - life.closedAt) < NOTICED_AFTER
  if (latest === undefined || equal(known, latest)) return { known, silent: isSettling }
  // It does not know of that life: it is a copy of what that life went on from, or older.
  if (!lives.some((one) => equal(one, latest))) return { known: latest, silent: false }
  const before = linksOf(life, latest).filter((link) => link !== via)
  life.linksBefore = new Set(life.links)
  for (const link of before) life.doubted.add(link)
  if (before.length > 0) life.closedAt = now
  return { known, silent: isSettling || before.length > 0 }
}

/**
 * Whether anything may be sealed now: only if the peer has vouched for our state in this very life. A state that was copied or
 * put back would use keys a second time (RT-1). What was sealed before may be repeated at any time.
 */
export const maySeal = (at: At, life: Life): boolean =>
  (at.contextOf(STANDING) as StandingContext | undefined)?.life === life.name
