/** Who a member is: a basic credential that names nothing but the signature key. Docs: protocol.md, "MLS layer". */
import type { Capabilities } from "ts-mls/capabilities.js"
import type { Credential } from "ts-mls/credential.js"
import { equal } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import { SUITE } from "./suite.ts"

/** SHA-256 of the key: credentials travel in the clear inside KeyPackages, so no name and nothing stable across contacts. */
export const credentialOf = (crypto: CryptoService, signatureKey: Uint8Array) => ({
  credentialType: "basic" as const,
  identity: crypto.sha256(signatureKey),
})

/** Whether this is the credential and key of the member with the expected key. */
export const isMember = (
  crypto: CryptoService,
  credential: Credential,
  signatureKey: Uint8Array,
  expected: Uint8Array,
): boolean =>
  equal(signatureKey, expected) &&
  credential.credentialType === "basic" &&
  "identity" in credential &&
  equal(credential.identity, crypto.sha256(expected))

/** Exactly what this profile uses. ts-mls's default offers every suite, and random GREASE from `Math.random`. */
export const CAPABILITIES: Capabilities = {
  versions: ["mls10"],
  ciphersuites: [SUITE],
  extensions: [],
  proposals: [],
  credentials: ["basic"],
}
