/**
 * Where ts-mls is called: two-member groups with nothing optional in them, made, joined and renewed by commits of one update
 * path and no proposals (RFC 9420 §12.4). ts-mls answers with promises and throws on what it does not like; `mls` turns both
 * into an Effect that is refused. Docs: protocol.md, "MLS layer".
 *
 * Its defaults are not ours: see `config`. Its reading of `Date.now` for lifetimes is avoided (add-member.ts): nothing here asks
 * what time it is (establish.ts, `LIFETIME`).
 */
import * as Effect from "effect/Effect"
import type { ClientConfig } from "ts-mls/clientConfig.js"
import { type ClientState, decodeGroupState, encodeGroupState } from "ts-mls/clientState.js"
import type { CiphersuiteImpl } from "ts-mls/crypto/ciphersuite.js"
import { encodeGroupContext } from "ts-mls/groupContext.js"
import { defaultKeyPackageEqualityConfig } from "ts-mls/keyPackageEqualityConfig.js"
import { encodeLeafNode, type LeafNode } from "ts-mls/leafNode.js"
import type { SecretTreeNode } from "ts-mls/secretTree.js"
import { equal } from "../../crypto/bytes.ts"
import { Crypto, type CryptoService, type KeyPair, Refused } from "../../crypto/crypto.ts"
import { isMember } from "./member.ts"
import { suiteOver } from "./provider.ts"
import { committerOf, type Epoch, type Leaf, otherLeaf } from "./state.ts"
import { SUITE } from "./suite.ts"

const NOTHING = new Uint8Array()

/**
 * Runs a computation with ts-mls. Whatever it throws is a refusal: it throws on hostile bytes as on everything else. `made`: key
 * pairs that it takes before it generates any.
 */
export const mls = <A>(
  compute: (suite: CiphersuiteImpl, crypto: CryptoService) => Promise<A>,
  made?: ReadonlyArray<KeyPair>,
): Effect.Effect<A, Refused, Crypto> =>
  Effect.flatMap(Crypto, (crypto) =>
    Effect.tryPromise({ try: () => compute(suiteOver(crypto, made), crypto), catch: () => new Refused() }),
  )

/** Refuses, inside a computation. */
export function ensure(holds: boolean): asserts holds {
  if (!holds) throw new Refused()
}

/** ts-mls, held to two known members. Generations other than 0 never occur: one commit an epoch, messages elsewhere. */
export const config = (crypto: CryptoService, signatureKeys: ReadonlyArray<Uint8Array>): ClientConfig => ({
  authService: {
    validateCredential: async (credential, signatureKey) =>
      signatureKeys.some((expected) => isMember(crypto, credential, signatureKey, expected)),
  },
  // There is one lifetime: establish.ts, `LIFETIME`.
  lifetimeConfig: { maximumTotalLifetime: 0n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: "alwaysPad", paddingLength: 0 },
  keyRetentionConfig: { retainKeysForGenerations: 1, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 0 },
})

export interface Members {
  readonly leaf: Leaf
  readonly ownSignatureKey: Uint8Array
  readonly peerSignatureKey: Uint8Array
}

/** Refuses a group that is anything but the one we mean: our suite, these two members, no extensions, nothing pending. */
export const checkGroup = (crypto: CryptoService, state: ClientState, members: Members): void => {
  const { cipherSuite, epoch, extensions, groupId, version } = state.groupContext
  ensure(version === "mls10" && cipherSuite === SUITE && groupId.length === 32 && extensions.length === 0)
  ensure(epoch >= 0n && epoch < BigInt(Number.MAX_SAFE_INTEGER))
  ensure(state.groupActiveState.kind === "active" && Object.keys(state.unappliedProposals).length === 0)
  ensure(state.ratchetTree.length === 3 && state.privatePath.leafIndex === members.leaf)
  for (const leaf of [0, 1] as const) {
    const expected = leaf === members.leaf ? members.ownSignatureKey : members.peerSignatureKey
    const node = leafOf(state, leaf)
    ensure(isMember(crypto, node.credential, node.signaturePublicKey, expected))
    ensure(isPlain(node))
  }
}

export const leafOf = ({ ratchetTree }: Pick<ClientState, "ratchetTree">, leaf: Leaf): LeafNode => {
  const node = ratchetTree[2 * leaf]
  ensure(node?.nodeType === "leaf")
  return node.leaf
}

/** Whether a leaf offers exactly what this profile uses. */
export const isPlain = ({ capabilities, extensions }: LeafNode): boolean =>
  extensions.length === 0 &&
  capabilities.versions.join() === "mls10" &&
  capabilities.ciphersuites.join() === SUITE &&
  capabilities.credentials.join() === "basic" &&
  capabilities.extensions.length === 0 &&
  capabilities.proposals.length === 0

export const sameLeaf = (left: LeafNode, right: LeafNode): boolean => equal(encodeLeafNode(left), encodeLeafNode(right))

/**
 * Splits a fresh epoch off ts-mls's state: the message chains for ratchet.ts, the sender data secret, and the rest as bytes,
 * without what no later step needs. So an encoded state holds no exporter, external, membership or resumption secret, no
 * private key but one's own leaf's, and of the handshake ratchets only that of the member who may commit.
 */
export const epochOf = (state: ClientState): Epoch => {
  const leaf = state.privatePath.leafIndex as Leaf
  const number = Number(state.groupContext.epoch)
  const chainOf = (of: Leaf) => ({ secret: state.secretTree[2 * of]!.application.secret.slice(), generation: 0 })
  return {
    number,
    context: encodeGroupContext(state.groupContext),
    senderDataSecret: state.keySchedule.senderDataSecret.slice(),
    own: chainOf(leaf),
    peer: chainOf(otherLeaf(leaf)),
    skipped: [],
    group: encodeGroupState({
      ...state,
      keySchedule: { ...NO_KEY_SCHEDULE, initSecret: state.keySchedule.initSecret },
      secretTree: state.secretTree.map((node, index) => handshakeOnly(node, index === 2 * committerOf(number))),
      privatePath: { leafIndex: leaf, privateKeys: { [2 * leaf]: state.privatePath.privateKeys[2 * leaf]! } },
      signaturePrivateKey: NOTHING,
      historicalReceiverData: new Map(),
    }),
  }
}

const NO_KEY_SCHEDULE: ClientState["keySchedule"] = {
  senderDataSecret: NOTHING,
  exporterSecret: NOTHING,
  externalSecret: NOTHING,
  confirmationKey: NOTHING,
  membershipKey: NOTHING,
  resumptionPsk: NOTHING,
  epochAuthenticator: NOTHING,
  initSecret: NOTHING,
}

const NO_RATCHET = { secret: NOTHING, generation: 0, unusedGenerations: {} }

const handshakeOnly = ({ handshake }: SecretTreeNode, kept: boolean): SecretTreeNode => ({
  application: NO_RATCHET,
  handshake: kept ? handshake : NO_RATCHET,
})

/**
 * Gives `compute` the group of an epoch as ts-mls wants it, and clears the secrets in it afterwards: they are in a copy of
 * the epoch's bytes, of which ts-mls's decoder returns views.
 */
export const withGroup = async <A>(
  epoch: Epoch,
  signatureSeed: Uint8Array,
  clientConfig: ClientConfig,
  compute: (state: ClientState) => Promise<A>,
): Promise<A> => {
  const bytes = epoch.group.slice()
  const senderDataSecret = epoch.senderDataSecret.slice()
  const signaturePrivateKey = signatureSeed.slice()
  try {
    const [state, length] = decodeGroupState(bytes, 0) ?? []
    ensure(state !== undefined && length === bytes.length)
    const keySchedule = { ...state.keySchedule, senderDataSecret }
    return await compute({ ...state, keySchedule, signaturePrivateKey, clientConfig })
  } finally {
    clear([bytes, senderDataSecret, signaturePrivateKey])
  }
}

/** Clears the secrets of a state of ts-mls that was split by `epochOf`. */
export const wipe = (state: ClientState): void => {
  wipeEpoch(state)
  clear(Object.values(state.privatePath.privateKeys))
}

/** Clears what belongs to one epoch, and leaves one's own private key, which outlives it. */
export const wipeEpoch = ({ keySchedule, secretTree }: Pick<ClientState, "keySchedule" | "secretTree">): void => {
  clear(Object.values(keySchedule))
  clear(secretTree.flatMap(({ application, handshake }) => [application.secret, handshake.secret]))
}

export const clear = (secrets: ReadonlyArray<Uint8Array>): void => {
  for (const secret of secrets) secret.fill(0)
}
