/** The structures that MLS's messages are made of. Docs: RFC 9420, §5–§7, §10 and §12; protocol.md, "MLS layer". */
import {
  ML_KEM_CIPHERTEXT_BYTES,
  ML_KEM_PUBLIC_KEY_BYTES,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
} from "../../core/crypto/x-wing.ts"
import { LAYER_RULES } from "./rules.ts"
import { inARow, type Span, shifted } from "./span.ts"
import type { Names, TlsWalk } from "./tls.ts"

const VERSIONS: Names = { 1: "mls10" }
const SUITES: Names = { 83: "X-Wing, AES-256-GCM, SHA-512, Ed25519" }
const CREDENTIALS: Names = { 1: "basic", 2: "x509" }
const EXTENSIONS: Names = {
  1: "application_id",
  2: "ratchet_tree",
  3: "required_capabilities",
  4: "external_pub",
  5: "external_senders",
}
const PROPOSALS: Names = {
  1: "add",
  2: "update",
  3: "remove",
  4: "psk",
  5: "reinit",
  6: "external_init",
  7: "group_context_extensions",
}

export const version = (walk: TlsWalk): void => void walk.number(2, "version", "mls10: RFC 9420, §6.", VERSIONS)

export const suite = (walk: TlsWalk): void =>
  void walk.number(
    2,
    "cipher suite",
    "Everything that the group computes with. One suite only, or it is refused.",
    SUITES,
  )

/** The two halves of an X-Wing key or ciphertext; none for one of another length. */
const halves = (whole: number, first: number, names: readonly [string, string]) => (at: number, length: number) => {
  if (length !== whole) return {}
  const parts: ReadonlyArray<Span> = inARow(0, [
    { length: first, name: names[0], note: "The half that a quantum computer does not help against." },
    { length: whole - first, name: names[1], note: "The half that was proved in decades of use." },
  ])
  return { parts: shifted(parts, at) }
}

const keyHalves = halves(X_WING_PUBLIC_KEY_BYTES, ML_KEM_PUBLIC_KEY_BYTES, ["ML-KEM-768 key", "X25519 key"])
const sealedHalves = halves(X_WING_CIPHERTEXT_BYTES, ML_KEM_CIPHERTEXT_BYTES, [
  "ML-KEM-768 ciphertext",
  "X25519 key, used once",
])

/** §5.1: HPKECiphertext. */
const hpke = (walk: TlsWalk, name: string, note: string): void =>
  walk.struct(name, note, (inner) => {
    inner.vector("KEM output", "X-Wing, to the receiver's key: from it both have a secret.", sealedHalves)
    inner.vector("ciphertext", "AES-256-GCM under a key that HPKE derives of that secret.", () => ({
      rules: LAYER_RULES.ciphertext,
    }))
  })

/** §7.2 */
const extensions = (walk: TlsWalk, note = "None in this profile."): void =>
  walk.list("extensions", note, (list) =>
    list.struct("extension", "A number and bytes that it gives a meaning.", (inner) => {
      inner.number(2, "type", "Which extension.", EXTENSIONS)
      inner.vector("data", "In that extension's own format.")
    }),
  )

/** §5.3 */
const credential = (walk: TlsWalk): void =>
  walk.struct("credential", "Who the member is, as far as MLS is told.", (inner) => {
    const type = inner.number(2, "type", "Basic: a name and no certificate.", CREDENTIALS)
    if (type === 1)
      inner.vector("identity", "SHA-256 of the signature key: no name, and nothing that two contacts could compare.")
    else if (type === 2) inner.list("certificates", "Never sent here.", (list) => list.vector("certificate", "X.509."))
    else inner.fail()
  })

/** §7.2 */
const capabilities = (walk: TlsWalk): void =>
  walk.struct(
    "capabilities",
    "What the member can do: exactly what this profile uses, so that nothing tells one program from another.",
    (inner) => {
      const numbers = (name: string, note: string, names: Names = {}) =>
        inner.list(name, note, (list) => void list.number(2, "number", note, names))
      numbers("versions", "Of MLS.", VERSIONS)
      numbers("cipher suites", "The one of this profile.", SUITES)
      numbers("extension types", "None beside those that everybody knows.", EXTENSIONS)
      numbers("proposal types", "None beside those that everybody knows.", PROPOSALS)
      numbers("credential types", "Basic ones.", CREDENTIALS)
    },
  )

const SOURCES: Names = { 1: "key package", 2: "update", 3: "commit" }

/** §7.2: LeafNode. */
export const leafNode = (walk: TlsWalk): void =>
  walk.struct("leaf node", "The member's place in the group's tree: its keys, and who it is.", (inner) => {
    inner.vector("encryption key", "X-Wing: path secrets of others' commits are encapsulated to it.", keyHalves)
    inner.vector("signature key", "Ed25519: verifies everything that the member says in the group.")
    credential(inner)
    capabilities(inner)
    const source = inner.number(1, "source", "Where the leaf comes from.", SOURCES)
    if (source === 1)
      inner.struct(
        "lifetime",
        "When the KeyPackage may be used: always. How long an invite is good for is counted by whoever made it.",
        (life) => {
          life.number(8, "not before", "Seconds since 1970.")
          life.number(8, "not after", "Seconds since 1970.")
        },
      )
    else if (source === 3) inner.vector("parent hash", "Ties the leaf to the path above it: §7.9.")
    else if (source !== 2) inner.fail()
    extensions(inner)
    inner.vector(
      "signature",
      "Ed25519 by the signature key over all of the leaf before it, and its place in the group once it has one.",
    )
  })

/** §8.1: GroupContext. */
export const groupContext = (walk: TlsWalk): void => {
  version(walk)
  suite(walk)
  walk.vector("group id", "Random, made with the group.")
  walk.number(8, "epoch", "Which generation of the group's keys.")
  walk.vector("tree hash", "SHA-512 over the members' tree: both have the same members, with the same keys.")
  walk.vector("confirmed transcript hash", "SHA-512 over all commits up to this epoch: both heard the same ones.")
  extensions(walk)
}

/** §10: KeyPackage. */
export const keyPackage = (walk: TlsWalk): void => {
  version(walk)
  suite(walk)
  walk.vector(
    "init key",
    "X-Wing, for this one handshake: the Welcome is encrypted to it, then it is erased.",
    keyHalves,
  )
  leafNode(walk)
  extensions(walk)
  walk.vector("signature", "Ed25519 by the leaf's signature key over everything before it.")
}

/** §12.4.3.1: Welcome. */
export const welcome = (walk: TlsWalk): void => {
  suite(walk)
  walk.list("secrets", "One for each new member: here for the inviter alone.", (list) =>
    list.struct("encrypted group secrets", "What a new member needs to open the rest.", (inner) => {
      inner.vector("new member", "The hash of the KeyPackage that it is for.")
      hpke(inner, "group secrets", "The joiner secret, to the init key of that KeyPackage.")
    }),
  )
  walk.vector(
    "encrypted group info",
    "AES-256-GCM under a key out of the joiner secret: the group's context, its tree with both leaves, a confirmation tag and the joiner's signature.",
    () => ({ rules: LAYER_RULES.ciphertext }),
  )
}

/** §12.4: Commit, as it is inside an encrypted message. */
export const commit = (walk: TlsWalk): void => {
  walk.list("proposals", "None in this profile: a commit renews its sender's keys and changes nothing else.", (list) =>
    list.struct("proposal or reference", "What the commit would do.", proposalOrReference),
  )
  const has = walk.number(1, "has path", "Whether keys are renewed. Always, here.", { 0: "no", 1: "yes" })
  if (has === 1)
    walk.struct("update path", "Fresh keys from the sender's leaf up to the root: §7.6.", (path) => {
      leafNode(path)
      path.list("nodes", "One for each node above the leaf: with two members the root.", (list) =>
        list.struct("node", "A parent's new key, and its secret for those below it on the other side.", (inner) => {
          inner.vector("encryption key", "X-Wing: the node's new public key.", keyHalves)
          inner.list(
            "encrypted path secrets",
            "One for each subtree on the other side: here for the peer's leaf.",
            (secrets) =>
              hpke(
                secrets,
                "path secret",
                "What the next epoch's secret is made of: whoever had an older state cannot open it.",
              ),
          )
        }),
      )
    })
  else if (has !== 0) walk.fail()
}

const proposalOrReference = (walk: TlsWalk): void => {
  const type = walk.number(1, "kind", "By value, or by the hash of one that was sent before.", {
    1: "proposal",
    2: "reference",
  })
  if (type === 1) proposal(walk)
  else if (type === 2) walk.vector("reference", "The hash of a proposal.")
  else walk.fail()
}

/** §12.1. The joiner's first commit adds the inviter; no other is ever made here. */
const proposal = (walk: TlsWalk): void => {
  const type = walk.number(2, "type", "What it would do.", PROPOSALS)
  if (type === 1) walk.struct("key package", "Of whoever is to be added.", keyPackage)
  else if (type === 2) leafNode(walk)
  else if (type === 3) walk.number(4, "removed", "The leaf that would go.")
  else if (type === 6) walk.vector("KEM output", "How somebody from outside would enter.")
  else if (type === 7) extensions(walk, "What the group's would become.")
  // Keys shared before, and new beginnings of the group: nothing here makes or reads them.
  else walk.fail()
}
