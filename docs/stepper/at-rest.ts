/**
 * What a locked storage shows to somebody who has its disk: ST-2, asked whenever a vault is locked. Looked for are the texts and ids
 * that its owner reads there, and a part of the middle of every record. Docs: invariants.md; storage.md, "The vault".
 */
import { entry } from "../../src/core/contact/records.ts"
import { utf8 } from "../../src/core/crypto/bytes.ts"
import { toHex } from "../../src/core/hex.ts"
import { type Leak, vaultInvariants } from "../../src/spec/invariants/vault.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import type { View } from "../../src/spec/simulation/view.ts"

/** Shorter ones are in random bytes by chance. */
const LEAST = 8
/** Of the middle of a record. */
const PART = 16

/** Bytes as characters, so that they can be searched. */
const textOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")

/** Random enough that it is nowhere else by chance. */
const isTelling = (bytes: Uint8Array): boolean => bytes.length >= LEAST && new Set(bytes).size > 5

const canariesOf = (hosts: ReturnType<Simulation["hosts"]>): ReadonlyArray<readonly [what: string, Uint8Array]> =>
  [...hosts].flatMap(([host, { records }]) => [
    ["the id of a conversation", utf8(host)] as const,
    ...[...records].flatMap(([id, bytes]) => {
      const middle = bytes.subarray(bytes.length >> 1, (bytes.length >> 1) + PART)
      const text = id.startsWith("history/") ? entry.decode(bytes)?.text : undefined
      return [[`a part of ${id}`, middle] as const, ...(text === undefined ? [] : [["a text", utf8(text)] as const])]
    }),
  ])

/** As bytes, and as people write bytes down. */
const encodingsOf = (bytes: Uint8Array): ReadonlyArray<readonly [encoding: string, text: string]> => [
  ["bytes", textOf(bytes)],
  ["hexadecimal", toHex(bytes)],
  ["base64", btoa(textOf(bytes)).replace(/=+$/, "").slice(0, -1)],
]

/** What of a peer's storage can be read on its disk without the key. */
export const leaksOf = (simulation: Pick<Simulation, "disk" | "hosts">, peer: string): ReadonlyArray<Leak> => {
  const disk = [...simulation.disk(peer)].flatMap(([host, { records }]) => [
    host,
    ...[...records].flatMap(([id, bytes]) => [id, textOf(bytes)]),
  ])
  return canariesOf(simulation.hosts(peer)).flatMap(([what, canary]) =>
    isTelling(canary)
      ? encodingsOf(canary).flatMap(([encoding, text]) =>
          disk.some((part) => part.includes(text)) ? [{ what, where: `the disk, as ${encoding}` }] : [],
        )
      : [],
  )
}

/** What was found so far. A locked disk is looked at when it has become another one. */
export class AtRest {
  private readonly leaks: Array<Leak> = []
  private readonly looked = new Map<string, string>()

  /** Empty where nobody has a vault. */
  judged(simulation: Simulation, view: View): View["invariants"] {
    const vaults = view.peers.filter(({ vault }) => vault !== undefined)
    for (const { name, vault } of vaults) {
      const now = JSON.stringify(vault?.sealed)
      if (vault?.state !== "locked" || this.looked.get(name) === now) continue
      this.looked.set(name, now)
      this.leaks.push(...leaksOf(simulation, name))
    }
    const { leaks } = this
    return vaultInvariants.flatMap(({ holds, id, says }) =>
      id === "ST-2" && vaults.length > 0 ? [{ id, says, holds: holds({ tamperings: [], lookedFor: [], leaks }) }] : [],
    )
  }
}
