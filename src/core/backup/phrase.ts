/** Recovery phrases: 256 random bits as 24 English words with a checksum (BIP-39). Docs: docs/backup.md, "Locks". */
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39"
import { wordlist } from "@scure/bip39/wordlists/english.js"

const ENTROPY_BYTES = 32
/** 24 words of at most eight letters; whatever is longer is not looked at. */
const MAX_CHARACTERS = 1_024

/** The words for 32 random bytes. */
export const phraseOf = (entropy: Uint8Array): string => entropyToMnemonic(entropy, wordlist)

/** The bits behind 24 words in any case and spacing; undefined where a word is none, or the checksum is wrong. */
export const entropyOf = (phrase: string): Uint8Array | undefined => {
  if (phrase.length > MAX_CHARACTERS) return undefined
  try {
    const entropy = mnemonicToEntropy(phrase.trim().toLowerCase().split(/\s+/u).join(" "), wordlist)
    return entropy.length === ENTROPY_BYTES ? entropy : undefined
  } catch {
    return undefined
  }
}
