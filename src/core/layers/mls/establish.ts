/**
 * How a session's group comes to be: the inviter publishes a KeyPackage, the joiner makes a group of the two and answers with
 * a Welcome, the inviter joins (RFC 9420 §10, §12.4.3.1). Both know the other's signature key beforehand, from the handshake;
 * nobody else gets in. Docs: protocol.md, "Handshake" and "MLS layer".
 */
import * as Effect from "effect/Effect"
import { type ClientState, createGroup, joinGroupWithExtensions } from "ts-mls/clientState.js"
import type { CiphersuiteImpl } from "ts-mls/crypto/ciphersuite.js"
import { generateKeyPackageWithKey, type KeyPackage } from "ts-mls/keyPackage.js"
import type { LeafNode } from "ts-mls/leafNode.js"
import type { Lifetime } from "ts-mls/lifetime.js"
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js"
import { emptyPskIndex } from "ts-mls/pskIndex.js"
import type { Welcome } from "ts-mls/welcome.js"
import { codec, fixed } from "../../codec/codec.ts"
import { struct } from "../../codec/composite.ts"
import { concat, equal } from "../../crypto/bytes.ts"
import { Crypto, type CryptoService, type KeyPair, type Refused } from "../../crypto/crypto.ts"
import { X_WING_SEED_BYTES, xWing } from "../../crypto/x-wing.ts"
import { addMember } from "./add-member.ts"
import { checkGroup, clear, config, ensure, epochOf, leafOf, mls, sameLeaf, wipe } from "./group.ts"
import { MAX_KEY_PACKAGE_BYTES, MAX_WELCOME_BYTES } from "./limits.ts"
import { CAPABILITIES, credentialOf } from "./member.ts"
import type { MlsState } from "./state.ts"
import { SUITE } from "./suite.ts"
import { u16 } from "./tls.ts"

export interface MlsKeyPackage {
  /** An MLSMessage with a KeyPackage, about 2.7 KB. Public. */
  readonly keyPackage: Uint8Array
  /** The private halves of its two X-Wing keys. For `mlsJoin`, once. */
  readonly privateKeys: Uint8Array
}

/**
 * The lifetime of every KeyPackage: all of time, and no other is taken. How long an invite or an attempt is good for is counted by
 * whoever made it, and that an answer is fresh follows from the handshake's secret, nonces and transcript. A lifetime by the wall
 * clock would add to neither, and keep people apart whose clocks differ. RFC 9420 §7.2 leaves its maximum to the application.
 */
export const LIFETIME: Lifetime = { notBefore: 0n, notAfter: 2n ** 64n - 1n }

/** The X-Wing pairs of a KeyPackage, init and leaf: all of it that takes long to make. */
export type PackagePairs = readonly [init: KeyPair, leaf: KeyPair]

/** Fresh ones, for one KeyPackage. */
export const packagePairs: Effect.Effect<PackagePairs, never, Crypto> = Effect.gen(function* () {
  const crypto = yield* Crypto
  const fresh = Effect.suspend(() => {
    const secretKey = crypto.random(X_WING_SEED_BYTES)
    return Effect.map(xWing(crypto).publicKey(secretKey), (publicKey): KeyPair => ({ publicKey, secretKey }))
  })
  return [yield* fresh, yield* fresh]
})

/** The inviter's first half. */
export const mlsKeyPackage = Effect.fnUntraced(function* (options: {
  readonly signatureSeed: Uint8Array
}): Effect.fn.Return<MlsKeyPackage, never, Crypto> {
  const pairs = yield* packagePairs
  const made = yield* Effect.orDie(mls((suite, crypto) => generate(suite, crypto, options.signatureSeed), pairs))
  const { publicPackage, privatePackage } = made
  const privateKeys = privateCodec.encode({ init: privatePackage.initPrivateKey, leaf: privatePackage.hpkePrivateKey })
  // They are written there from now on.
  clear([privatePackage.initPrivateKey, privatePackage.hpkePrivateKey, ...pairs.map(({ secretKey }) => secretKey)])
  return {
    keyPackage: encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage }),
    privateKeys,
  }
})

/**
 * The joiner's half: a fresh group with the peer in it. Refuses a KeyPackage that is not the expected peer's. `pairs`: made ahead,
 * and used nowhere else.
 */
export const mlsCreate = Effect.fnUntraced(function* (options: {
  readonly signatureSeed: Uint8Array
  readonly peerKeyPackage: Uint8Array
  readonly peerSignatureKey: Uint8Array
  readonly pairs?: PackagePairs
}): Effect.fn.Return<{ readonly state: MlsState; readonly welcome: Uint8Array }, Refused, Crypto> {
  return yield* mls(async (suite, crypto) => {
    const keyPackage = readKeyPackage(options.peerKeyPackage)
    checkLifetime(keyPackage.leafNode)
    const own = await generate(suite, crypto, options.signatureSeed)
    const members = {
      leaf: 0,
      ownSignatureKey: own.publicPackage.leafNode.signaturePublicKey,
      peerSignatureKey: options.peerSignatureKey,
    } as const
    const { publicPackage, privatePackage } = own
    const empty = await createGroup(
      crypto.random(32),
      publicPackage,
      privatePackage,
      [],
      suite,
      config(crypto, [members.ownSignatureKey, members.peerSignatureKey]),
    )
    const { state, welcome } = await addMember(suite, empty, keyPackage)
    checkGroup(crypto, state, members)
    const established = stateOf(state, options.signatureSeed, members.peerSignatureKey, 0)
    wipe(state)
    return { state: established, welcome: encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }) }
  }, options.pairs)
})

/** The inviter's second half. Refuses a Welcome into any group but one that the expected peer just made for the two. */
export const mlsJoin = Effect.fnUntraced(function* (options: {
  readonly signatureSeed: Uint8Array
  readonly keyPackage: Uint8Array
  readonly privateKeys: Uint8Array
  readonly welcome: Uint8Array
  readonly peerSignatureKey: Uint8Array
}): Effect.fn.Return<MlsState, Refused, Crypto> {
  const ownSignatureKey = yield* Effect.flatMap(Crypto, ({ ed25519 }) => ed25519.publicKey(options.signatureSeed))
  return yield* mls(async (suite, crypto) => {
    const keyPackage = readKeyPackage(options.keyPackage)
    const keys = privateCodec.decode(options.privateKeys)
    ensure(keys !== undefined)
    const welcome = readWelcome(options.welcome)
    ensure(welcome.cipherSuite === SUITE && welcome.secrets.length === 1)
    const [state, extensions] = await joinGroupWithExtensions(
      welcome,
      keyPackage,
      { initPrivateKey: keys.init, hpkePrivateKey: keys.leaf, signaturePrivateKey: options.signatureSeed.slice() },
      emptyPskIndex,
      suite,
      undefined,
      undefined,
      config(crypto, [ownSignatureKey, options.peerSignatureKey]),
    )
    checkGroup(crypto, state, { leaf: 1, ownSignatureKey, peerSignatureKey: options.peerSignatureKey })
    ensure(extensions.length === 1 && extensions[0]!.extensionType === "ratchet_tree")
    // As it was made, and not yet renewed: no path, and the very leaf that was offered.
    ensure(state.groupContext.epoch === 1n && state.ratchetTree[1] === undefined)
    ensure(Object.keys(state.privatePath.privateKeys).length === 1)
    ensure(sameLeaf(leafOf(state, 1), keyPackage.leafNode))
    checkLifetime(leafOf(state, 0))
    const joined = stateOf(state, options.signatureSeed, options.peerSignatureKey, 1)
    wipe(state)
    return joined
  })
})

const privateCodec = codec(struct({ init: [1, fixed(32)], leaf: [2, fixed(32)] }), 128)
/** For explaining the bytes of one. */
export const mlsPrivateForm = privateCodec.form

const generate = async (suite: CiphersuiteImpl, crypto: CryptoService, signatureSeed: Uint8Array) => {
  const publicKey = await Effect.runPromise(crypto.ed25519.publicKey(signatureSeed))
  return await generateKeyPackageWithKey(
    credentialOf(crypto, publicKey),
    CAPABILITIES,
    LIFETIME,
    [],
    // Not a copy: what a supplier makes of a key is made once for each array. ts-mls only reads it.
    { signKey: signatureSeed, publicKey },
    suite,
  )
}

/** Only leaves out of KeyPackages have a lifetime: RFC 9420 §7.2. */
const checkLifetime = (leaf: LeafNode): void => {
  ensure(leaf.leafNodeSource === "key_package")
  ensure(leaf.lifetime.notBefore === LIFETIME.notBefore && leaf.lifetime.notAfter === LIFETIME.notAfter)
}

const stateOf = (
  state: ClientState,
  signatureSeed: Uint8Array,
  peerSignatureKey: Uint8Array,
  leaf: MlsState["leaf"],
): MlsState => ({
  leaf,
  groupId: state.groupContext.groupId.slice(),
  signatureSeed: signatureSeed.slice(),
  peerSignatureKey: peerSignatureKey.slice(),
  current: epochOf(state),
  past: [],
  sent: 0,
  received: 0,
  epochStart: 0,
})

const readKeyPackage = (bytes: Uint8Array): KeyPackage => {
  const message = readMessage(bytes, 5, MAX_KEY_PACKAGE_BYTES)
  ensure(message.wireformat === "mls_key_package")
  const { keyPackage } = message
  ensure(keyPackage.cipherSuite === SUITE && keyPackage.version === "mls10" && keyPackage.extensions.length === 0)
  return keyPackage
}

const readWelcome = (bytes: Uint8Array): Welcome => {
  const message = readMessage(bytes, 3, MAX_WELCOME_BYTES)
  ensure(message.wireformat === "mls_welcome")
  return message.welcome
}

/** One MLSMessage of this wire format in its only encoding; ts-mls reads some others, and would write them differently. */
const readMessage = (bytes: Uint8Array, wireFormat: number, maxBytes: number) => {
  ensure(bytes.length <= maxBytes && equal(bytes.slice(0, 4), concat(u16(1), u16(wireFormat))))
  const [message, length] = decodeMlsMessage(bytes.slice(), 0) ?? []
  ensure(message !== undefined && length === bytes.length && equal(encodeMlsMessage(message), bytes))
  return message
}
