/** The one MLS cipher suite of this profile. */
import { ciphersuites } from "ts-mls/crypto/ciphersuite.js"

/** ts-mls's own name and number (83): the registry has none yet for X-Wing with AES-256-GCM, SHA-512 and Ed25519. */
export const SUITE = "MLS_256_XWING_AES256GCM_SHA512_Ed25519"
export const SUITE_NUMBER = ciphersuites[SUITE]
