/** How a handshake's messages are repeated until their answer comes. Docs: protocol.md, "Handshake". */

/** Repetitions start after this long and double up to the cap, in milliseconds. */
export const FIRST_REPEAT = 1_000
export const LAST_REPEAT = 30_000

/** The pause after a message was sent for the `sent`th time, in milliseconds. */
export const repeatAfter = ({ context: { sent } }: { readonly context: { readonly sent: number } }): number =>
  Math.min(FIRST_REPEAT * 2 ** Math.max(0, Math.min(sent - 1, 16)), LAST_REPEAT)
