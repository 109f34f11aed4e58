/**
 * The modulus check of FIPS 203 §7.2, which every supplier makes itself: noble 0.5's compares the key with a copy that was never
 * reduced and so lets everything pass. A peer that sends unreduced keys could tell our runtime by the verdict.
 */

/** The prime of ML-KEM's ring. */
const Q = 3329

/** The seed ρ at the end of an encapsulation key. */
const RHO_BYTES = 32

/** Whether every 12-bit coefficient of an encapsulation key (384·k + 32 bytes) is below q. Public data: not constant-time. */
export const isReducedMlKemKey = (publicKey: Uint8Array): boolean => {
  const end = publicKey.length - RHO_BYTES
  for (let i = 0; i + 2 < end; i += 3) {
    const middle = publicKey[i + 1]!
    if ((publicKey[i]! | ((middle & 15) << 8)) >= Q || ((middle >> 4) | (publicKey[i + 2]! << 4)) >= Q) return false
  }
  return true
}
