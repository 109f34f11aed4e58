/**
 * What goes with `messenger.backup` and `messenger.restore`: recovery phrases. On its own subpath, for a word list is 2,048
 * words. Docs: docs/backup.md.
 */
import { systemRandom } from "./adapters/crypto/random.ts"
import { entropyOf, phraseOf } from "./core/backup/phrase.ts"

/** 24 English words for 256 bits from the runtime's generator (BIP-39). Show it once, to be written down; Sotto does not keep it. */
export const generateRecoveryPhrase = (): string => phraseOf(systemRandom(32))

/** Whether these are 24 words that can be a recovery phrase, in any case and spacing: spelling and checksum are right. */
export const isRecoveryPhrase = (phrase: string): boolean => entropyOf(phrase) !== undefined
