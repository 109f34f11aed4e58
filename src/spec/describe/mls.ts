/**
 * Describes MLS's messages: a KeyPackage and a Welcome in the handshake, then private messages with texts and commits. With its own
 * reading of RFC 9420, §6. Docs: protocol.md, "MLS layer".
 */
import { content } from "../../core/content.ts"
import { describeEncoded, notThis } from "./encoded.ts"
import { mlsKey } from "./keyed.ts"
import { commit, groupContext, keyPackage, version, welcome } from "./mls-parts.ts"
import { describePadded, opened, withParts } from "./padded.ts"
import { LAYER_RULES } from "./rules.ts"
import type { Opener, Span } from "./span.ts"
import { TlsWalk } from "./tls.ts"

/**
 * A PublicMessage never comes: this profile frames nothing in the open (commits travel inside the layers, as PrivateMessages), and its
 * reader refuses one unread. A GroupInfo travels inside the Welcome alone, encrypted.
 */
const FORMATS = { 1: "public message", 2: "private message", 3: "welcome", 4: "group info", 5: "key package" }
const CONTENTS = { 1: "application", 2: "proposal", 3: "commit" }
const COMMIT = 3

/** An MLSMessage of one kind; undefined where it is not one, or has anything that does not belong there. */
const message = (
  bytes: Uint8Array,
  format: number,
  note: string,
  fields: (walk: TlsWalk) => void,
): ReadonlyArray<Span> | undefined => {
  const walk = new TlsWalk(bytes)
  version(walk)
  if (walk.number(2, "wire format", note, FORMATS) !== format) return undefined
  fields(walk)
  return walk.done()
}

/** §10 */
export const describeKeyPackage = (bytes: Uint8Array): ReadonlyArray<Span> | undefined =>
  message(bytes, 5, "What comes: a KeyPackage.", keyPackage)

/** §12.4.3.1 */
export const describeWelcome = (bytes: Uint8Array): ReadonlyArray<Span> | undefined =>
  message(bytes, 3, "What comes: a Welcome.", welcome)

/** §8.1: what every key of an epoch is bound to. It is never sent; it lies in the layer's state. */
export const describeGroupContext = (bytes: Uint8Array): ReadonlyArray<Span> | undefined => {
  const walk = new TlsWalk(bytes)
  groupContext(walk)
  return walk.done()
}

/** §6.3: a message of the layer, or a commit, which travels as content of one. */
export const describePrivateMessage = (bytes: Uint8Array, open: Opener): ReadonlyArray<Span> | undefined =>
  message(bytes, 2, "A private message: content and sender are both encrypted.", (walk) => {
    walk.vector("group id", "Random, made with the group: it names this conversation to nobody else.")
    walk.number(8, "epoch", "Which generation of the group's keys. A commit begins the next.")
    const type = walk.number(1, "content type", "An application message, or a commit.", CONTENTS)
    walk.vector(
      "authenticated data",
      type === COMMIT
        ? "Nothing: a commit is tied to its place by the epoch."
        : "SHA-256 over profile, transcript, layer and direction: ties the ciphertext to its place.",
    )
    walk.vector(
      "sender data",
      "Leaf, generation and reuse guard, encrypted under a key that depends on the ciphertext.",
    )
    walk.vector("ciphertext", "AES-256-GCM over the content and an Ed25519 signature of it.", () => ({
      rules: LAYER_RULES.ciphertext,
      keyed: mlsKey,
      ...(type === COMMIT
        ? opened(
            "commit",
            bytes,
            open,
            (plaintext) => describeCommit(plaintext) ?? notThis(plaintext.length, "a commit"),
          )
        : opened("mls", bytes, open, (plaintext) => describeSaid(plaintext, open))),
    }))
  })

export const describeMls = (bytes: Uint8Array, open: Opener): ReadonlyArray<Span> =>
  describePrivateMessage(bytes, open) ?? notThis(bytes.length, isPublic(bytes) ? PUBLIC : "a message of the MLS layer")

/** §6.2: `mls10`, then the wire format. */
const isPublic = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && bytes[1] === 1 && bytes[2] === 0 && bytes[3] === 1 && bytes.length > 4
const PUBLIC = "a message of the MLS layer, but an MLS PublicMessage, which this profile never sends"

/** What an encrypted commit holds: §6.3.1, PrivateMessageContent. */
export const describeCommit = (bytes: Uint8Array): ReadonlyArray<Span> | undefined => {
  const walk = new TlsWalk(bytes)
  walk.struct("commit", "How the group goes on to its next epoch.", commit)
  walk.vector("signature", "Ed25519 by the committer, over the commit and the group's context.")
  walk.vector(
    "confirmation tag",
    "HMAC-SHA-512 under the new epoch's confirmation key: both came to the same.",
    () => ({
      rules: LAYER_RULES.tag,
    }),
  )
  return walk.done()
}

/** The padded content of a message. */
const describeSaid = (bytes: Uint8Array, open: Opener): ReadonlyArray<Span> =>
  describePadded(bytes, "Makes every content of a bucket equally long.", LAYER_RULES.padding, (inner) => ({
    name: "content",
    note: "What is said.",
    ...withParts(
      describeEncoded(inner, content.form, "Content", (path, of) =>
        path === "Content.rekey.commit" ? describePrivateMessage(of, open) : undefined,
      ),
    ),
  }))
