/**
 * Bytes at rest: what a vault leaves on a disk, from a seeded run, every byte explained, opened with Node's own primitives by the
 * formulas of storage.md. The run fails where they do not fit.
 */
import {
  describeAttempts,
  describeCatalogue,
  describeHeader,
  describeSealed,
} from "../../src/spec/describe/describe.ts"
import type { Opener, Span } from "../../src/spec/describe/span.ts"
import {
  type OpenedHost,
  type OpenedSlot,
  type OpenedVault,
  openedVault,
  RAW_KEY,
  runAtRest,
} from "../../test/docs/at-rest-run.ts"
import { SEEDS } from "../../test/docs/example-run.ts"
import { bytesHtml } from "./bytes.ts"
import { BASE, type Page, table } from "./markdown.ts"
import { steps } from "./steps.ts"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const withKey =
  (plain: Uint8Array): Opener =>
  () =>
    plain

const describedSlot = ({ id, kind, plain, sealed }: OpenedSlot): ReadonlyArray<Span> =>
  describeSealed(sealed, withKey(plain), kind === "record" ? { kind, id } : { kind })

/** The records that the page opens, with what is said of each. */
const SHOWN = [
  ["rabout", "The contact", "Who it is, and where both can be met."],
  ["rhistory/0000000000", "A message", "The first that Alice wrote, as her conversation shows it."],
  [
    "rlayer/aes",
    "A layer's state",
    "Two chains and the seeds of what has not come: with every message the next state takes the place of this one. Chains only turn forwards, so this opens nothing that was said before.",
  ],
  [
    "isession/main",
    "A machine",
    "The session's statechart at rest: names and counters, as they may be shown in any log.",
  ],
] as const

export const atRestFacts = async () => openedVault(await runAtRest())

/** Everything that the page shows, by name. */
export const shownAtRest = (vault: OpenedVault) => {
  const host = talking(vault)
  const only = (kind: OpenedSlot["kind"]) => host.slots.find((slot) => slot.kind === kind)!
  const record = (id: string) => host.slots.find((slot) => slot.id === id)!
  const slots = { manifest: only("manifest"), page: only("page") }
  return {
    header: { bytes: vault.header, spans: describeHeader(vault.header) },
    attempts: { bytes: vault.attempts, spans: describeAttempts(vault.attempts) },
    catalogue: { bytes: vault.catalogue, spans: describeCatalogue(vault.catalogue, withKey(vault.cataloguePlain)) },
    ...Object.fromEntries(
      [...Object.entries(slots), ...SHOWN.map(([id]) => [id, record(id)] as const)].map(([name, slot]) => [
        name,
        { bytes: slot.sealed, spans: describedSlot(slot) },
      ]),
    ),
  } as Readonly<Record<string, { readonly bytes: Uint8Array; readonly spans: ReadonlyArray<Span> }>>
}

/** The host with the conversation; the other one is the user's own. */
const talking = ({ hosts }: OpenedVault): OpenedHost => hosts.find(({ id }) => id !== "profile")!

/** What a thief of the disk sees: names of slots and lengths. */
const listing = ({ slots }: OpenedHost): string => {
  const counts = new Map<number, number>()
  for (const { sealed } of slots) counts.set(sealed.length, (counts.get(sealed.length) ?? 0) + 1)
  return table(
    ["bytes each", "slots"],
    [...counts].sort(([a], [b]) => a - b).map(([length, count]) => [length.toLocaleString("en-US"), String(count)]),
  )
}

export const atRestPage = async (): Promise<Page> => {
  const vault = await atRestFacts()
  const shown = shownAtRest(vault)
  const boxes = (name: string, title: string): string => bytesHtml(title, shown[name]!.spans, shown[name]!.bytes)
  const host = talking(vault)
  const { keys } = vault
  const message = host.slots.find(({ id }) => id === SHOWN[1][0])!
  const text = `---
title: Bytes at rest
description: "What a sealed storage leaves on a disk: every byte explained, opened key by key, with values to recompute."
sidebar: { order: 3 }
tableOfContents: { "minHeadingLevel": 2, "maxHeadingLevel": 2 }
---

Alice keeps her storage sealed under a [raw key](${BASE}/reference/storage/#unlock-methods), pairs with Bob, ends her program, comes back, and writes some messages. Then the power fails. This is her disk: that run of the engine, made when this page was built, with randomness from the seeds ${SEEDS.inviter}, ${SEEDS.joiner} and ${SEEDS.network}. Every record was opened by the formulas beside it with another library than the engine's own, and had to fit. All keys here are public now: never use one.

Grey bytes are the encoding's own. Long values are cut in the middle; select one to see all of it.

## What everybody can read

One host is called \`vault\`. It has the header and the count of wrong tries, in the clear, and the catalogue, sealed.

${boxes("header", "The bytes of the header")}

${boxes("attempts", "The bytes of the count of wrong tries")}

Of the other hosts the disk has random names, and of each the number of its commits and the lengths of what it holds:

${table(
  ["host", "records"],
  vault.hosts.map(({ disk, slots }) => [`\`${disk}\``, String(slots.length)]),
)}

Whose conversation is in \`${host.disk.slice(0, 8)}…\`, and what is where in it, nobody can tell: lengths are rounded up, to 256 bytes and then to powers of two, with 28 bytes for nonce and tag.

${listing(host)}

## From the key to the catalogue

${steps([
  ["the raw key, which Alice's program keeps (here: 32 times 07)", RAW_KEY],
  ['wrapping key = HKDF-SHA-256(raw key, vault id, "sotto/1 vault wrap", 32)', keys.wrapping],
  ["root key = AES-256-GCM opened, out of the header's method", keys.root],
  ['HKDF-SHA-256(root key, vault id, "sotto/1 vault header", 32), the key of the header\'s MAC', keys.macKey],
  ["mac = HMAC-SHA-256(that key, 01 ‖ the header's fields): it is the one in the header", keys.mac],
  ['HKDF-SHA-256(root key, vault id, "sotto/1 vault catalogue", 32)', keys.catalogue],
])}

${boxes("catalogue", "The bytes of the catalogue")}

## The index of a host

Slot 0 is the manifest, sealed anew by every commit. It says where everything lies and in which version. What has not changed for a while is in pages, which it names the same way: so nothing here can be taken away, put elsewhere or put back from an older copy unnoticed.

${boxes("manifest", "The bytes of the manifest")}

${boxes("page", "The bytes of a page of the index")}

${SHOWN.map(([id, title, note]) => `## ${title}\n\n${note}\n\n${boxes(id, `The bytes of the record ${id}`)}`).join("\n\n")}

## Open it yourself

The first message, from its bytes on the disk and the host's key in the catalogue. In Node, without a line of Sotto:

\`\`\`js
import { createDecipheriv } from "node:crypto"

const key = Buffer.from("${hex(host.key)}", "hex")
const sealed = Buffer.from(
  "${hex(message.sealed)}",
  "hex",
)

const version = Buffer.alloc(8)
version.writeBigUInt64BE(${message.version}n)
const cipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12))
cipher.setAAD(Buffer.concat([Buffer.from("sotto/1 vault"), Buffer.of(1), version, Buffer.from("${message.id}")]))
cipher.setAuthTag(sealed.subarray(-16))
const padded = Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()])
console.log(padded.subarray(0, padded.lastIndexOf(0x80)).toString("latin1").match(/Hello, \\w+/)[0])
\`\`\`

\`\`\`text
Hello, Bob
\`\`\`
`
  return { slug: "see/at-rest", text }
}
