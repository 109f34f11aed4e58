/**
 * People of a simulation whose storage is sealed by a vault, as core/vault does it: what lies on their disk is what the vault writes,
 * and the key is in a person's head. Beside it stands what they would read there, for whoever judges a run. Docs: simulator.md, "Vaults".
 */
import * as Effect from "effect/Effect"
import type { EngineOptions } from "../../core/engine-values.ts"
import type { Batch, HostId, StoreService } from "../../core/store.ts"
import { METHOD_KEY_BYTES, type Unlock } from "../../core/vault/unlock.ts"
import { VAULT_HOST } from "../../core/vault/vault-place.ts"
import { makeDice } from "./dice.ts"
import { apply, type Shelf } from "./disk.ts"
import { randomFrom } from "./seeded.ts"

/** How long a person types, in milliseconds. */
const TYPING = 1_000

/** One person's vault, across their processes. */
export interface Sealed {
  /** What the disk holds, as whoever has the key reads it. */
  readonly hosts: ReadonlyMap<HostId, Shelf>
  /** The key, or another one, by mistake. */
  readonly unlock: (wrong: boolean) => ReadonlyArray<Unlock>
  /** For the engine of a process. */
  readonly engine: Pick<EngineOptions, "unlock" | "startLocked" | "between">
  /** What this fiber is committing to the disk, as its owner reads it; undefined where it is the vault's own. */
  readonly plainOf: (batch: Batch) => Effect.Effect<Batch | undefined>
  /** It is durable. */
  readonly kept: (batch: Batch) => void
}

/** A key that somebody types. As sufficient as a passphrase, and without its derivation. */
const typed = (key: Uint8Array): Unlock => ({
  kind: "typed",
  sufficient: true,
  enrol: () => Effect.as(Effect.sleep(TYPING), { params: new Uint8Array(), key: key.slice() }),
  derive: (_, methods) =>
    Effect.as(
      Effect.sleep(TYPING),
      methods.map(({ id }) => ({ id, key: key.slice() })),
    ),
})

/** By the names of those who have one. */
export const sealedOf = (peers: ReadonlyArray<string>, seed: number): ReadonlyMap<string, Sealed> =>
  new Map(peers.map((peer, i) => [peer, makeSealed(randomFrom(makeDice(seed ^ (0x7a17 + i))))]))

/** `random`: where the person has the key from. */
const makeSealed = (random: (length: number) => Uint8Array): Sealed => {
  const [right, wrong] = [random(METHOD_KEY_BYTES), random(METHOD_KEY_BYTES)]
  const hosts = new Map<HostId, Shelf>()
  /** By fiber: the one that asks the vault for a commit is the one that makes it beneath. */
  const committing = new Map<number, Batch>()
  const unlock = (isWrong: boolean) => [typed(isWrong ? wrong : right)]

  const between = (store: StoreService): StoreService => ({
    ...store,
    // What an erasure that was interrupted has taken away is found out here.
    hosts: Effect.tap(store.hosts, (found) =>
      Effect.sync(() => {
        for (const host of [...hosts.keys()]) if (!found.includes(host)) hosts.delete(host)
      }),
    ),
    commit: (batch) =>
      Effect.withFiber(({ id }: { readonly id: number }) => {
        committing.set(id, batch)
        return Effect.ensuring(
          store.commit(batch),
          Effect.sync(() => committing.delete(id)),
        )
      }),
    erase: (host) => Effect.tap(store.erase(host), () => Effect.sync(() => hosts.delete(host))),
  })

  return {
    hosts,
    unlock,
    engine: { unlock: unlock(false), startLocked: true, between },
    plainOf: ({ host }) =>
      Effect.withFiber(({ id }: { readonly id: number }) =>
        Effect.succeed(host === VAULT_HOST ? undefined : committing.get(id)),
      ),
    kept: (batch) => apply(hosts, batch),
  }
}
