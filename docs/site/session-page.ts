/**
 * The illustrated session: one real pairing and a first message, from a seeded run, every byte explained and every key derived
 * on the way. The facts are those of docs/worked-example.md, which fail where the run and the formulas differ.
 */
import { readFileSync } from "node:fs"
import { describe } from "../../src/spec/describe/describe.ts"
import type { OpenedBy, Opener } from "../../src/spec/describe/span.ts"
import { exampleFacts } from "../../test/docs/example-facts.ts"
import { MESSAGE, runExample, SEEDS, START } from "../../test/docs/example-run.ts"
import { formatsIn } from "../../test/docs/formats.ts"
import { bytesHtml } from "./bytes.ts"
import { BASE, type Page } from "./markdown.ts"
import { steps } from "./steps.ts"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

export const sessionFacts = async () => {
  const protocol = readFileSync(new URL("../protocol.md", import.meta.url), "utf8")
  const run = await runExample()
  return { run, facts: await exampleFacts(formatsIn(protocol), run) }
}

/** The frames of the page in their order, each with what opens it. */
export const framesOf = ({ facts, run }: Awaited<ReturnType<typeof sessionFacts>>) => {
  const nothing: Opener = () => undefined
  const opener =
    (plaintexts: Partial<Record<OpenedBy, Uint8Array>>): Opener =>
    (by) =>
      plaintexts[by]
  const confirm = opener({ aes: facts.padded, kem: facts.kem.plaintext })
  const { bucket, inAes, inMls, inSignal } = facts.opened
  const message = opener({ aes: inAes, kem: inSignal, signal: inMls, mls: bucket })
  return {
    hello: { bytes: facts.hello.frame, open: nothing },
    bundle: { bytes: facts.bundle.frame, open: nothing },
    accept: { bytes: facts.accept.frame, open: nothing },
    confirm: { bytes: facts.confirm.bytes, open: confirm },
    message: { bytes: run.message, open: message },
  }
}

export const sessionPage = async (): Promise<Page> => {
  const session = await sessionFacts()
  const { facts, run } = session
  const frames = framesOf(session)
  const shown = (name: keyof typeof frames) => {
    const { bytes, open } = frames[name]
    return bytesHtml(`The bytes of the ${name}`, describe(bytes, open), bytes)
  }
  const { inviteSecret: secret, kem, signal } = facts
  const text = `---
title: One session, byte by byte
description: "A real pairing and a first message: every byte explained, every key derived with values to recompute."
sidebar: { order: 2 }
tableOfContents: { "minHeadingLevel": 2, "maxHeadingLevel": 2 }
---

Alice invites Bob, they pair, and she writes "${MESSAGE}". What follows is that run of the engine, made when this page was built: randomness from the seeds ${SEEDS.inviter}, ${SEEDS.joiner} and ${SEEDS.network}, a clock that stands at ${new Date(START).toISOString()}. Every byte that crosses the link is here. Every key was derived by the formulas beside it with another library than the engine's own, and had to fit. Change a byte, and nothing opens: try it in code. All keys here are public now: never use one.

Grey bytes are the encoding's own: field numbers, types and lengths ([Encoding](${BASE}/reference/protocol/#encoding)). Long values are cut in the middle; select one to see all of it.

## The invite

Alice passes this to Bob on a way of her own. No server sees it.

\`\`\`text
${run.inviteText.match(/.{1,100}/g)!.join("\n")}
\`\`\`

It holds an id, the secret on which everything below rests, the hash of Alice's public keys, when it expires, and where she listens.

${steps([["secret", secret]])}

## Hello

Bob reaches the place that the invite names. He has not told anything but that he has the invite: the MAC at the end could not be made without its secret.

${steps([
  ['key = HKDF-SHA-256(secret, 32 zeros, "sotto/1 hello", 32)', facts.hello.key],
  ["mac = HMAC-SHA-256(key, the envelope without its mac)", facts.hello.mac],
])}

${shown("hello")}

## Bundle

Alice answers with the keys of all four layers. Bob compares the hash of the first three with the one in the invite: whoever stands between them cannot put other keys in their place.

${steps([
  ['key = HKDF-SHA-256(secret, 32 zeros, "sotto/1 bundle", 32)', facts.bundle.key],
  ["mac = HMAC-SHA-256(key, the envelope without its mac)", facts.bundle.mac],
])}

${shown("bundle")}

## Accept

Bob computes the keys of all four layers, and sends what Alice needs to compute the same.

${steps([
  ['key = HKDF-SHA-256(secret, 32 zeros, "sotto/1 accept", 32)', facts.accept.key],
  ["mac = HMAC-SHA-256(key, the envelope without its mac)", facts.accept.mac],
])}

${shown("accept")}

### What Alice computes for the Signal layer

${steps([
  ...signal.agreements.map((value, i) => [`DH${i + 1} of PQXDH`, value] as const),
  ["SS, out of the Kyber ciphertext", signal.shared],
  [
    "root ‖ chain ‖ braid key = HKDF-SHA-256(32 × ff ‖ DH1 ‖ DH2 ‖ DH3 ‖ DH4 ‖ SS, 32 zeros, …, 96): the root",
    signal.root,
  ],
  ["the braid key", signal.braidKey],
  ['root ‖ chain = HKDF-SHA-256(X25519(signed prekey, ratchet key), root, "WhisperRatchet", 64)', signal.turned],
  ["seed = HMAC-SHA-256(chain, 01)", signal.seed],
  ["salt: the braid's key of epoch 0, index 1", signal.salt],
  ['cipher key ‖ MAC key ‖ IV = HKDF-SHA-256(seed, salt, "WhisperMessageKeys", 80)', signal.keys],
  ["plaintext = SHA-256(Hello ‖ Bundle): Bob heard what Alice said", signal.plaintext],
])}

## Transcript

Both hash all that was said, with the channel that it was said over. Everything from here on is bound to this value.

${steps([
  ["channel binding", run.binding],
  ["transcript hash", facts.transcript],
  [
    'MAC of Alice\'s Confirm, under HKDF-SHA-256(secret, transcript hash, "sotto/1 confirm inviter", 32)',
    facts.confirmMac("inviter"),
  ],
  [
    'MAC of Bob\'s Confirm, under HKDF-SHA-256(secret, transcript hash, "sotto/1 confirm joiner", 32)',
    facts.confirmMac("joiner"),
  ],
  ['recovery secret = HKDF-SHA-256(secret, transcript hash, "sotto/1 recovery", 32)', facts.recovery.secret],
])}

## Confirm

The first ciphertext under all four layers. Whoever opens it knows that the other has the same keys and heard the same.

### The outermost layer's key

${steps([
  ['chain = HKDF-SHA-512(secret, transcript hash, "sotto/1 aes inviterToJoiner", 32)', facts.chain],
  ['next chain ‖ seed = HMAC-SHA-512(chain, "sotto/1 aes chain step")', facts.stepped],
  ['key ‖ nonce ‖ rest = HMAC-SHA-512(seed, "sotto/1 aes message key"): the key', facts.key],
  ["the nonce", facts.nonce],
  ["associated data, before the index", facts.associated],
])}

### The KEM layer's

${steps([
  ["secret to Alice's static key, from the Accept", kem.toStatic],
  ["secret to her one-time key", kem.toOneTime],
  ['root = HKDF-SHA-512(both, transcript hash, "sotto/1 kem root", 32)', kem.root],
  ["secret of turn 1, out of the encapsulation in the frame", kem.turnSecret],
  ['root ‖ chain = HKDF-SHA-512(secret of the turn, root, "sotto/1 kem turn" ‖ 00 00 00 01, 64)', kem.turned],
  ['seed = HMAC-SHA-512(chain, "sotto/1 kem chain step"), second half', kem.seed],
  ["key", kem.key],
  ["nonce", kem.nonce],
])}

${shown("confirm")}

## "${MESSAGE}"

Bob has answered with a Confirm of his own; both have told their names. Then Alice writes. Read from the outside in: each layer's plaintext is the next one's ciphertext, under keys that have nothing in common with the others'.

${shown("message")}

## Recompute it

Everything the outermost layer needs is above. In Node, without a line of Sotto:

\`\`\`js
import { createHmac, hkdfSync } from "node:crypto"

const secret = Buffer.from("${hex(secret)}", "hex")
const transcript = Buffer.from("${hex(facts.transcript)}", "hex")

const chain = Buffer.from(hkdfSync("sha512", secret, transcript, "sotto/1 aes inviterToJoiner", 32))
const stepped = createHmac("sha512", chain).update("sotto/1 aes chain step").digest()
const seed = stepped.subarray(32)
const keyed = createHmac("sha512", seed).update("sotto/1 aes message key").digest()
console.log(keyed.subarray(0, 32).toString("hex")) // the key of the Confirm
\`\`\`

\`\`\`text
${hex(facts.key)}
\`\`\`
`
  return { slug: "see/session", text }
}
