/** A peer that is free to do whatever ts-mls can, for the tests of what ours lets in. */
import {
  type ClientState,
  createCommit,
  encodeMlsMessage,
  type KeyPackage,
  type PrivateKeyPackage,
  type Proposal,
} from "ts-mls"
import { generateKeyPackageWithKey } from "ts-mls/keyPackage.js"
import { expect } from "vitest"
import { LIFETIME, mlsCreate } from "../../../../src/core/layers/mls/establish.ts"
import { CAPABILITIES, credentialOf } from "../../../../src/core/layers/mls/member.ts"
import { suiteOver } from "../../../../src/core/layers/mls/provider.ts"
import { crypto, INVITER, JOINER, publicKeyOf, seedOf } from "./fixture.ts"

export const suite = suiteOver(crypto)
export const MALLORY = seedOf(66)
export const NOTHING = new Uint8Array()

export const wire = (keyPackage: KeyPackage) =>
  encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage })

export const keysOf = (seed: Uint8Array) => ({ signKey: seed, publicKey: publicKeyOf(seed) })

export const offerBy = (seed: Uint8Array, lifetime = LIFETIME, capabilities = CAPABILITIES) => {
  const credential = credentialOf(crypto, publicKeyOf(seed))
  return generateKeyPackageWithKey(credential, capabilities, lifetime, [], keysOf(seed), suite)
}

export const create = (peerKeyPackage: Uint8Array, peerSignatureKey = publicKeyOf(INVITER)) =>
  mlsCreate({ signatureSeed: JOINER, peerKeyPackage, peerSignatureKey })

/** The same value with the header of its last vector one size longer than need be: RFC 9420 §2.1.2 forbids it. */
export const longWinded = (bytes: Uint8Array, last: number): Uint8Array => {
  const at = bytes.length - last - 2
  expect(bytes.slice(at, at + 2)).toEqual(Uint8Array.of(0x40 | (last >>> 8), last))
  return Uint8Array.of(...bytes.slice(0, at), 0x80, 0, last >>> 8, last, ...bytes.slice(at + 2))
}

export interface Peer {
  readonly publicPackage: KeyPackage
  readonly privatePackage: PrivateKeyPackage
}

/** A Welcome for us, from a peer that is free to do whatever ts-mls can. */
export const welcomeFrom = async (
  group: ClientState,
  invited: ReadonlyArray<KeyPackage>,
  more: ReadonlyArray<Proposal> = [],
  options: Partial<Parameters<typeof createCommit>[1]> = {},
) => {
  const adds = invited.map((keyPackage) => ({ proposalType: "add", add: { keyPackage } }) as const)
  const made = await createCommit(
    { state: group, cipherSuite: suite },
    { extraProposals: [...adds, ...more], ratchetTreeExtension: true, ...options },
  )
  return {
    state: made.newState,
    welcome: encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: made.welcome! }),
  }
}
