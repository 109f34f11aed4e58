/** What peers write, fit for a terminal. */

/**
 * Without control characters, so that a message cannot move the cursor, set the title or answer for the user; line breaks
 * stay. Direction overrides go too: they make text read as something else.
 */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")
