/**
 * What bounds the MLS layer's work, memory and time; what it has in common with other layers is in skipped-keys.ts.
 * Docs: protocol.md, "Limits".
 */

/** A gap of more lost messages is an attack or a session to be made anew; each step costs three hashes. */
export const MAX_FORWARD_STEPS = 1_000
/** Epochs that still open after a commit: late frames outlive one or two, more only with a peer that stalls. */
export const MAX_PAST_EPOCHS = 4

/** The greatest bucket of the cascade is 128 KiB; as much again leaves room for its framing. */
export const MAX_PLAINTEXT_BYTES = 256 * 1024
/** What framing adds to a plaintext, at most: header, sender data, signature and tag. */
export const MAX_OVERHEAD_BYTES = 256

/**
 * A KeyPackage of this suite and profile has 2,674 bytes, a Welcome 4,389. ts-mls takes tens of microseconds for some two-byte
 * entries of the lists in them, so little more is let through to it.
 */
export const MAX_KEY_PACKAGE_BYTES = 3_072
export const MAX_WELCOME_BYTES = 5_120
/** Every part of a commit with a path and no proposals has a fixed length. Another length would be padding or something else. */
export const COMMIT_BYTES = 4_085

/** The group as ts-mls keeps it: two leaves and a parent, 4 KB. */
export const MAX_GROUP_BYTES = 16 * 1024

/** Messages in an epoch after which the member whose turn it is should commit. */
export const MESSAGES_PER_EPOCH = 100

/** Generations are 32 bits on the wire (RFC 9420 §6.3.2); a ratchet that gets here must have been renewed long before. */
export const MAX_GENERATION = 0xffff_fffe
