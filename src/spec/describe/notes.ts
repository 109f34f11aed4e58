/** What each field is for. A test asks for a note on every field of every format. Docs: protocol.md. */

const STATICS = {
  statics: "The sender's three long-lived public keys, made for this contact alone.",
  "statics.signalIdentity":
    "X25519: the identity of the Signal layer. Signs prekeys, enters the agreement and the safety number.",
  "statics.mlsSignature": "Ed25519: signs every message of the MLS layer.",
  "statics.kem": "X-Wing (ML-KEM-768 and X25519): the KEM layer encapsulates to it, so its owner alone can follow.",
} as const

const ADDRESS = {
  meet: "Where the sender can be met: random addresses that authenticate nothing.",
  "meet.kind": "Which transport the address is of.",
  "meet.at": "The address, in that transport's own words.",
} as const

const below = (path: string, notes: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(notes).map(([field, note]) => [`${path}.${field}`, note]))

const numbered = {
  id: "A random name for the content: the same however often it is sealed, so that it is shown once.",
  number: "Its place in the sender's sequence. Numbers make loss visible and order certain.",
} as const

const timer = {
  timer: "When messages disappear, on both sides.",
  "timer.after": "After how many milliseconds.",
  "timer.from": "From when they count: from being read, or from being sent.",
} as const

const NOTES: Readonly<Record<string, string>> = {
  Frame: "What one send of a link carries.",
  "Frame.hello": "The joiner greets whoever listens where the invite says.",
  "Frame.hello.message": "An envelope with the Hello.",
  "Frame.bundle": "The inviter offers the keys of all four layers.",
  "Frame.bundle.message": "An envelope with the Bundle.",
  "Frame.accept": "The joiner has agreed the keys and sends what the inviter needs for the same.",
  "Frame.accept.message": "An envelope with the Accept.",
  "Frame.confirm":
    "The first ciphertext under all four layers: it shows that both have the same keys and heard the same.",
  "Frame.confirm.role": "Whose Confirm it is. A reflected one is recognised by it.",
  "Frame.confirm.ciphertext": "A ciphertext of the outermost layer.",
  "Frame.sealed": "A content of the conversation, under all four layers.",
  "Frame.sealed.ciphertext":
    "A ciphertext of the outermost layer. Its length tells the padding bucket and nothing else.",
  "Frame.fragment": "A piece of a frame that is too long for a link.",
  "Frame.fragment.id": "The first eight bytes of the whole frame's SHA-256, so that a retransmission repeats it.",
  "Frame.fragment.index": "Which piece, from 0.",
  "Frame.fragment.count": "Of how many.",
  "Frame.fragment.bytes": "The piece.",
  "Frame.probe": "Asks for a sign of life. Authenticates nothing and costs nothing.",
  "Frame.probe.number": "A random number, for the echo to repeat.",
  "Frame.echo": "The sign of life.",
  "Frame.echo.number": "The probe's number.",
  Envelope: "Version, body, and a MAC under a key from the invite's secret.",
  "Envelope.version": "Of the profile. It counts only if the MAC is right.",
  "Envelope.body": "What is said, encoded on its own.",
  "Envelope.mac":
    "HMAC-SHA-256 over everything else in the envelope, under HKDF-SHA-256(invite secret, 32 zeros, a label of the message). Whoever has not seen the invite cannot make it.",
  Hello: "Suites, invite and nonce.",
  "Hello.suites": "All layers from the innermost to the outermost. Agreement is all or nothing: there is no downgrade.",
  "Hello.suites.layer": "The number of the layer.",
  "Hello.suites.suite": "Its label, which names everything that it computes with.",
  "Hello.inviteId": "Which invite this answers. Random, and of no use without the secret.",
  "Hello.nonce": "Random: makes this Hello unlike any other.",
  "Hello.binding": "The channel that it went over, so that somebody in between is noticed.",
  Bundle: "All that the joiner needs to agree keys with the inviter.",
  ...below("Bundle", STATICS),
  "Bundle.signedPreKey": "The Signal layer's medium-lived key.",
  "Bundle.signedPreKey.id": "Counts the handshakes of this identity.",
  "Bundle.signedPreKey.key": "X25519, behind Signal's type byte 05.",
  "Bundle.signedPreKey.signature": "XEdDSA by the identity: the key is its own.",
  "Bundle.kyberPreKey": "The Signal layer's post-quantum key.",
  "Bundle.kyberPreKey.id": "Counts the handshakes of this identity.",
  "Bundle.kyberPreKey.key": "Kyber-1024, behind its type byte 08.",
  "Bundle.kyberPreKey.signature": "XEdDSA by the identity: the key is its own.",
  "Bundle.oneTimePreKey": "A key that is used once and erased with its use.",
  "Bundle.oneTimePreKey.id": "Counts the handshakes of this identity.",
  "Bundle.oneTimePreKey.key": "X25519, behind Signal's type byte 05.",
  "Bundle.registrationId": "Nothing is registered; Signal's format wants a number.",
  "Bundle.oneTimeKem": "X-Wing: the KEM layer's key for this one handshake.",
  "Bundle.keyPackage": "How the inviter enters the MLS group: RFC 9420, §10.",
  "Bundle.nonce": "Random: makes this Bundle unlike any other.",
  "Bundle.helloHash": "SHA-256 of the Hello that it answers, envelope and all.",
  Accept: "All that the inviter needs to agree the same keys.",
  ...below("Accept", STATICS),
  ...below("Accept", ADDRESS),
  "Accept.signal":
    "Signal's first message: the keys of PQXDH, and a proof that they were computed from this Hello and Bundle.",
  "Accept.kem": "Two X-Wing ciphertexts: to the inviter's static key, then to its one-time key.",
  "Accept.welcome": "How the inviter joins the MLS group that the joiner made: RFC 9420, §12.4.3.1.",
  "Accept.bundleHash": "SHA-256 of the Bundle that it answers, envelope and all.",
  Content: "What people, or their devices, say to each other.",
  "Content.text": "A message.",
  ...below("Content.text", numbered),
  "Content.text.at": "The sender's clock, in milliseconds. It proves nothing.",
  "Content.text.text": "What was written.",
  "Content.text.replyTo": "The id of the message that it answers.",
  ...below("Content.text", timer),
  "Content.acknowledgement": "What has arrived, so that it is not sent again.",
  "Content.acknowledgement.upTo": "Every number below it was durably received.",
  "Content.acknowledgement.also": "Numbers above it that were received too.",
  "Content.acknowledgement.readUpTo": "Every number below it was read, as far as the reader lets it be told.",
  "Content.typing": "Whether somebody is writing just now.",
  "Content.typing.active": "Whether they are.",
  "Content.profile": "The sender's name.",
  ...below("Content.profile", numbered),
  "Content.profile.name": "What the sender calls itself.",
  "Content.rekey": "Renews the keys of the MLS layer.",
  ...below("Content.rekey", numbered),
  "Content.rekey.commit": "An MLS commit: RFC 9420, §12.4.",
  "Content.confirm": "Shows that its sender has the same keys and heard the same.",
  "Content.confirm.role": "Whose it is.",
  "Content.confirm.mac": "HMAC-SHA-256 over the transcript hash, under a key from the invite's secret.",
  "Content.tombstone": "Takes the number of a message that will not come.",
  ...below("Content.tombstone", numbered),
  "Content.edit": "Another text for a message of the sender's.",
  ...below("Content.edit", numbered),
  "Content.edit.target": "The id of that message.",
  "Content.edit.text": "What it says now.",
  "Content.deletion": "A message of the sender's is to be shown to nobody any more.",
  ...below("Content.deletion", numbered),
  "Content.deletion.target": "The id of that message.",
  "Content.reaction": "The sender's one reaction to a message.",
  ...below("Content.reaction", numbered),
  "Content.reaction.target": "The id of that message.",
  "Content.reaction.emoji": "The reaction; absent where it is taken back.",
  "Content.timer": "From now on messages disappear like this; without a timer they stay.",
  ...below("Content.timer", numbered),
  ...below("Content.timer", timer),
  "Content.timer.at": "The sender's clock, in milliseconds.",
  "Content.timer.own": "How many such settings the sender has made, this one included.",
  "Content.timer.seen": "How many of the peer's it knew: so both come to the same one.",
  "Content.void": "Takes the number of something that is not wanted any more, and leaves no gap.",
  ...below("Content.void", numbered),
}

/** Empty where there is none: a test says which. */
export const noteOn = (path: string): string => NOTES[path] ?? ""
