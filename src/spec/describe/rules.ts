/** Which rules a field serves: ids of invariants, for readers who want to know why it is there. Docs: invariants.md. */

const numbered = { number: ["DL-2", "DL-7"], id: ["DL-1", "DL-5"] } as const

const NUMBERED = ["text", "profile", "rekey", "tombstone", "edit", "deletion", "reaction", "timer", "void"]

const RULES: Readonly<Record<string, ReadonlyArray<string>>> = {
  "Frame.confirm.role": ["HS-9"],
  "Frame.sealed.ciphertext": ["CA-6"],
  "Envelope.version": ["HS-4"],
  "Envelope.mac": ["HS-1", "HS-2"],
  "Hello.suites": ["HS-4"],
  "Hello.inviteId": ["HS-6"],
  "Hello.nonce": ["HS-5"],
  "Hello.binding": ["HS-2"],
  "Bundle.statics": ["HS-2", "HS-7"],
  "Bundle.oneTimePreKey": ["HS-6"],
  "Bundle.oneTimeKem": ["HS-6"],
  "Bundle.nonce": ["HS-5"],
  "Bundle.helloHash": ["HS-2", "HS-8"],
  "Accept.statics": ["HS-2", "HS-7"],
  "Accept.signal": ["HS-2", "HS-3"],
  "Accept.kem": ["HS-3", "HS-6"],
  "Accept.bundleHash": ["HS-2", "HS-8"],
  "Content.confirm.mac": ["HS-2"],
  "Content.confirm.role": ["HS-9"],
  "Content.acknowledgement": ["DL-6"],
  "Content.acknowledgement.upTo": ["DL-6"],
  "Content.acknowledgement.also": ["DL-5", "DL-6"],
  "Content.tombstone": ["DL-2"],
  "Content.timer.timer": ["EX-1"],
  "Content.text.timer": ["EX-1"],
  "Content.rekey.commit": ["RT-7"],
  ...Object.fromEntries(
    NUMBERED.flatMap((kind) => Object.entries(numbered).map(([field, ids]) => [`Content.${kind}.${field}`, ids])),
  ),
}

/** Of a field of a format, by its path; none where it serves none alone. */
export const rulesOn = (path: string): ReadonlyArray<string> => RULES[path] ?? []

/** Of the fields that the layers put around a plaintext. */
export const LAYER_RULES = {
  counter: ["RT-1", "RT-3"],
  ciphertext: ["RT-6", "CA-3"],
  tag: ["RT-2", "CA-4", "CA-5"],
  healing: ["RT-7"],
  braid: ["BR-2", "BR-7"],
  padding: ["CA-6"],
} as const

/** For tests: every path and every id. */
export const RULED = RULES
