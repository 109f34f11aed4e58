/** The primitives for the runtime at hand: Node's, a browser's where the page's origin is secure, otherwise noble. */
import type { CryptoService } from "../../core/crypto/crypto.ts"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { nativeCrypto } from "./native.ts"
import { systemRandom } from "./random.ts"
import { webCrypto } from "./web.ts"

export const defaultCrypto = (): CryptoService => nativeCrypto() ?? webCrypto() ?? nobleCrypto(systemRandom)
