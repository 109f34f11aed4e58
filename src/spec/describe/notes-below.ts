/** Notes on the fields of a field, under the paths that they have there. */
export const below = <N extends Readonly<Record<string, string>>>(path: string, notes: N): Record<string, string> =>
  Object.fromEntries(Object.entries(notes).map(([field, note]) => [`${path}.${field}`, note]))
