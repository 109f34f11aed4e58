/** The suppliers under test: JavaScript everywhere, and the runtime's own where the tests run on one that has it. */
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../../src/adapters/crypto/random.ts"
import type { CryptoService } from "../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"

export const noble: CryptoService = nobleCrypto(systemRandom)
export const native: CryptoService | undefined = nativeCrypto()
export const suppliers: ReadonlyArray<CryptoService> = native === undefined ? [noble] : [noble, native]
