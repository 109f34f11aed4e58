/**
 * The commit that adds the peer to a fresh group, and the Welcome to it (RFC 9420 §12.4.1, §12.4.3.1). ts-mls's `createCommit`
 * does the same, but checks the KeyPackage's lifetime against `Date.now`, which no setting turns off.
 */
import { applyProposals, type ClientState, nextEpochContext } from "ts-mls/clientState.js"
import { createGroupInfoWithRatchetTree } from "ts-mls/createCommit.js"
import type { CiphersuiteImpl } from "ts-mls/crypto/ciphersuite.js"
import { createConfirmationTag, createContentCommitSignature } from "ts-mls/framedContent.js"
import { type KeyPackage, makeKeyPackageRef } from "ts-mls/keyPackage.js"
import { initializeEpoch } from "ts-mls/keySchedule.js"
import { emptyPskIndex } from "ts-mls/pskIndex.js"
import { createSecretTree } from "ts-mls/secretTree.js"
import { treeHashRoot } from "ts-mls/treeHash.js"
import { toLeafIndex } from "ts-mls/treemath.js"
import { encryptGroupInfo, encryptGroupSecrets, type Welcome } from "ts-mls/welcome.js"
import { clear, wipeEpoch } from "./group.ts"
import { SUITE } from "./suite.ts"

/** Throws what ts-mls throws on a KeyPackage that is not valid; its lifetime is the caller's to check. Clears `empty`. */
export const addMember = async (suite: CiphersuiteImpl, empty: ClientState, keyPackage: KeyPackage) => {
  const proposal = { proposalType: "add", add: { keyPackage } } as const
  const proposals = [{ proposalOrRefType: "proposal", proposal } as const]
  const { tree } = await applyProposals(empty, proposals, toLeafIndex(0), emptyPskIndex, false, suite)

  // It has nobody to be sent to, but the transcript is of it.
  const { framedContent, signature } = await createContentCommitSignature(
    empty.groupContext,
    "mls_private_message",
    { proposals, path: undefined },
    { senderType: "member", leafIndex: 0 },
    new Uint8Array(),
    empty.signaturePrivateKey,
    suite.signature,
  )
  const groupContext = await nextEpochContext(
    empty.groupContext,
    "mls_private_message",
    framedContent,
    signature,
    await treeHashRoot(tree, suite.hash),
    empty.confirmationTag,
    suite.hash,
  )
  // Without a path there is no commit secret, and without pre-shared keys no PSK secret: zeros stand for both (§8, §8.4).
  const zeros = new Uint8Array(suite.kdf.size)
  const secrets = await initializeEpoch(empty.keySchedule.initSecret, zeros, groupContext, zeros, suite.kdf)
  const { confirmationKey } = secrets.keySchedule
  const confirmationTag = await createConfirmationTag(confirmationKey, groupContext.confirmedTranscriptHash, suite.hash)

  const groupInfo = await createGroupInfoWithRatchetTree(groupContext, confirmationTag, empty, tree, [], suite)
  const encryptedGroupInfo = await encryptGroupInfo(groupInfo, secrets.welcomeSecret, suite)
  const { ct, enc } = await encryptGroupSecrets(
    await suite.hpke.importPublicKey(keyPackage.initKey),
    encryptedGroupInfo,
    { joinerSecret: secrets.joinerSecret, pathSecret: undefined, psks: [] },
    suite.hpke,
  )
  const newMember = await makeKeyPackageRef(keyPackage, suite.hash)
  const welcome: Welcome = {
    cipherSuite: SUITE,
    secrets: [{ newMember, encryptedGroupSecrets: { kemOutput: enc, ciphertext: ct } }],
    encryptedGroupInfo,
  }

  const secretTree = await createSecretTree(2, secrets.encryptionSecret, suite.kdf)
  clear([secrets.joinerSecret, secrets.welcomeSecret, secrets.encryptionSecret])
  wipeEpoch(empty)
  const state = {
    ...empty,
    groupContext,
    ratchetTree: tree,
    keySchedule: secrets.keySchedule,
    secretTree,
    confirmationTag,
  }
  return { state, welcome }
}
