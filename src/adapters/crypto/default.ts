/** The primitives for the runtime at hand: its own where it has them, otherwise noble. */
import type { CryptoService } from "../../core/crypto/crypto.ts"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { nativeCrypto } from "./native.ts"
import { systemRandom } from "./random.ts"

export const defaultCrypto = (): CryptoService => nativeCrypto() ?? nobleCrypto(systemRandom)
