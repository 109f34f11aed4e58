/** What peers write, fit for a terminal. */

/**
 * Without control characters, so that a message cannot move the cursor, set the title or answer for the user; line breaks
 * stay. Direction overrides go too: they make text read as something else.
 */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")

/** As `plain`, in one line: for a piece of a message in the middle of ours. */
export const inline = (text: string): string => plain(text).replaceAll("\n", " ")

/** As `plain`, with every line but the first moved in, so that no line of a peer's can be taken for one of ours. */
export const indented = (text: string): string => plain(text).replaceAll("\n", "\n    ")
