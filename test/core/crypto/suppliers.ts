/**
 * The suppliers under test: JavaScript everywhere, the runtime's own where the tests run on one that has it, and WebCrypto, which is
 * for browsers but is held here to what Node's does as well (in Chromium: test/browser/crypto).
 */
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../../src/adapters/crypto/random.ts"
import { webCrypto } from "../../../src/adapters/crypto/web.ts"
import type { CryptoService } from "../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"

export const noble: CryptoService = nobleCrypto(systemRandom)
export const native: CryptoService | undefined = nativeCrypto()
export const web: CryptoService | undefined = webCrypto()
/** Those whose operations answer at once. */
export const suppliers: ReadonlyArray<CryptoService> = native === undefined ? [noble] : [noble, native]
