/** What each field of the layers' states is for, as they lie on the disk. Docs: protocol.md, the sections of the four layers. */
import { below } from "./notes-below.ts"

const skipped = {
  turn: "Of which turn; always 0 in the AES layer, which has none.",
  index: "Of which frame.",
  seed: "The frame's key and nonce follow from it. It goes with its use, or after 30 days.",
  at: "Since when it is kept, in milliseconds.",
} as const

const chain = {
  chain: "Makes the seed of the next message, and the chain after it; none before.",
  index: "Of the next message.",
} as const

const AES = below("AesState", {
  sending: "Ours.",
  ...below("sending", chain),
  receiving: "The peer's.",
  ...below("receiving", chain),
  opened: "How many frames have opened.",
  skipped: "Seeds of frames that have not come, the oldest first.",
  ...below("skipped", skipped),
})

const root = {
  root: "Whose key, under which the next turn's follow.",
  "root.root": "32 bytes, mixed anew with every turn.",
}

const KEM = below("KemState", {
  keys: "By the state of the ratchet: a key that it no longer needs is not in it.",
  "keys.awaitingFirstTurn": "The inviter's state until the joiner's first turn.",
  ...below("keys.awaitingFirstTurn", root),
  "keys.awaitingFirstTurn.seed": "Of our X-Wing key, to which the peer's turn encapsulates.",
  "keys.following": "The latest turn is the peer's: the next is ours.",
  ...below("keys.following", root),
  "keys.following.peerKey": "The peer's X-Wing key, to which our next turn encapsulates.",
  "keys.following.receiving": "The chain of the peer's latest turn.",
  ...below("keys.following.receiving", chain),
  "keys.leading": "The latest turn is ours: it goes on until the peer answers.",
  ...below("keys.leading", root),
  "keys.leading.seed": "Of our X-Wing key, to which the peer's next turn encapsulates.",
  "keys.leading.sending": "Our latest turn, as all its frames carry it.",
  "keys.leading.sending.chain": "Its chain.",
  ...below("keys.leading.sending.chain", chain),
  "keys.leading.sending.ciphertext": "X-Wing, to the peer's key of the turn before.",
  "keys.leading.sending.publicKey": "X-Wing: the peer's next turn encapsulates to it.",
  "keys.leading.receiving": "The chain of the peer's latest turn.",
  ...below("keys.leading.receiving", chain),
  counters: "What the statechart of the ratchet remembers.",
  "counters.turn": "The latest turn that either side began.",
  "counters.sent": "Messages sealed in our latest turn.",
  "counters.previouslySent": "Messages of our turn before this one.",
  "counters.received": "The next index in the peer's latest turn.",
  "counters.sealed": "Messages sealed, over all turns.",
  "counters.opened": "How many messages have opened.",
  skipped: "Seeds of frames that have not come, the oldest first.",
  ...below("skipped", skipped),
})

const braidKey = { key: "Makes the keys of this epoch's messages.", index: "Of the latest one made." } as const

const BRAID = {
  machine: "Its statechart, at rest.",
  "machine.value": "Where the agreement of this epoch's key stands.",
  "machine.context": "What it remembers.",
  "machine.context.epoch": "Which key is being agreed.",
  "machine.context.sent": "Chunks of the present message that were sent.",
  "machine.context.received": "Chunks of the message that is coming.",
  authenticator: "Shows each epoch's key to be the peer's.",
  "authenticator.root": "Mixed with every epoch's secret.",
  "authenticator.macKey": "Of this epoch's MACs.",
  chains: "The keys that the epochs have yielded.",
  "chains.isInitiator": "Whether this side began: the directions' keys are told apart by it.",
  "chains.root": "Mixed with every epoch's secret.",
  "chains.epochs": "Epochs that may still be written in, the latest last.",
  "chains.epochs.epoch": "Which.",
  "chains.epochs.sending": "Ours; absent where only the peer may still write.",
  ...below("chains.epochs.sending", braidKey),
  "chains.epochs.receiving": "The peer's.",
  ...below("chains.epochs.receiving", braidKey),
  "chains.epochs.receiving.stored": "Keys of messages that have not come.",
  "chains.epochs.receiving.stored.index": "Of which message.",
  "chains.epochs.receiving.stored.key": "Mixed into that message's keys, once.",
  "chains.epochs.receiving.stored.storedAt": "Since when, in milliseconds.",
  material: "What the epoch at hand is agreed with: what its state does not need is not there.",
  "material.seed": "Of our ML-KEM-768 key, d ‖ z.",
  "material.signedHeader": "Our header and its MAC, as it is sent.",
  "material.header": "The peer's header.",
  "material.vector": "The long part of the key, ours or the peer's.",
  "material.randomness": "What our encapsulation drew.",
  "material.first": "The first part of the ciphertext.",
  "material.signedSecond": "The second part and its MAC, as it is sent.",
  kept: "Chunks of the message that is coming: any few of them make it whole.",
  "kept.number": "Which chunk.",
  "kept.bytes": "32 bytes of it.",
} as const

const SIGNAL = below("SignalState", {
  ratchet: "The Double Ratchet's statechart, at rest.",
  "ratchet.value": "Who has spoken since the last turn.",
  "ratchet.context": "What it remembers.",
  "ratchet.context.sent": "The counter of our next message.",
  "ratchet.context.previous": "The last counter of our chain before this one.",
  "ratchet.context.received": "The counter of the next message in the peer's chain.",
  "ratchet.context.epoch": "Turns of the ratchet so far.",
  "ratchet.context.skipped": "Keys kept for messages that have not come.",
  "ratchet.context.sealed": "Messages sealed in all.",
  "ratchet.context.opened": "Messages opened in all.",
  own: "Our identity key, which every MAC covers.",
  peer: "The peer's.",
  keys: "All keys of the session; gone once it was abandoned.",
  "keys.root": "Under which the next turn's chain follows.",
  "keys.sending": "Ours; absent while it is our turn to make one.",
  "keys.sending.pair": "Our ratchet key.",
  "keys.sending.pair.publicKey": "X25519, as our messages carry it.",
  "keys.sending.pair.secretKey": "Agrees the peer's next chain.",
  "keys.sending.chain": "Makes the seed of our next message, and the chain after it.",
  "keys.receiving": "The peer's chains, the newest first.",
  "keys.receiving.ratchetKey": "The peer's ratchet key: messages name their chain by it.",
  "keys.receiving.key": "Makes the seed of the next message; absent once the chain is over.",
  "keys.receiving.received": "The counter of the next message in it.",
  "keys.receiving.closed": "Of a chain that is over.",
  "keys.receiving.closed.last": "The counter of its last message.",
  "keys.receiving.closed.at": "When, in milliseconds: it is forgotten later.",
  "keys.receiving.stored": "Seeds of messages that have not come.",
  "keys.receiving.stored.counter": "Of which message.",
  "keys.receiving.stored.seed": "Its keys follow from it. It goes with its use, or after 30 days.",
  "keys.receiving.stored.storedAt": "Since when, in milliseconds.",
  "keys.braid": "The sparse post-quantum ratchet beside it.",
  ...below("keys.braid", BRAID),
  introduction: "What our messages repeat until the peer has answered: how it comes to the same keys.",
  "introduction.preKeyId": "Which one-time prekey was used.",
  "introduction.signedPreKeyId": "Which signed prekey was used.",
  "introduction.kyberPreKeyId": "Which Kyber prekey was used.",
  "introduction.kyberCiphertext": "Kyber-1024, behind its type byte.",
  "introduction.baseKey": "Our ephemeral X25519 key of PQXDH.",
  "introduction.since": "Since when, in milliseconds: unanswered for too long, the session ends.",
  introducedBy: "The hash of the message that began the session: it begins it once.",
})

const MLS_CHAIN = {
  secret: "Makes the key and nonce of the next message, and the secret after it.",
  generation: "Of the next message.",
} as const

const RECEIVING = {
  number: "Which epoch.",
  context: "The group's context: every key of the epoch is bound to it.",
  senderDataSecret: "Opens who wrote, and in which generation.",
  peer: "The peer's ratchet.",
  ...below("peer", MLS_CHAIN),
  skipped: "Keys of messages that have not come.",
  "skipped.generation": "Of which message.",
  "skipped.key": "AES-256-GCM. It goes with its use, or after 30 days.",
  "skipped.nonce": "Mixed with the message's reuse guard.",
  "skipped.at": "Since when, in milliseconds.",
} as const

const EPOCH = {
  ...RECEIVING,
  own: "Our ratchet.",
  ...below("own", MLS_CHAIN),
  group:
    "The rest of the group, as the library ts-mls encodes it for itself, without what no later step needs: tree, our leaf's private key, the secret that the next epoch begins with.",
} as const

const MLS = below("MlsState", {
  leaf: "Our place in the group: the joiner made it and is 0, the inviter is 1.",
  groupId: "Random, made with the group.",
  signatureSeed: "Ed25519: signs what we say in the group.",
  peerSignatureKey: "Ed25519: verifies what the peer says.",
  current: "The epoch that we write in.",
  ...below("current", EPOCH),
  pending: "The epoch of our own commit, until the peer is seen in it.",
  ...below("pending", EPOCH),
  past: "Epochs that were left, the newest first: messages on their way still open.",
  ...below("past", RECEIVING),
  "past.at": "When it was left, in milliseconds: it is forgotten later.",
  sent: "Messages sealed in the group's life.",
  received: "Messages opened in it.",
  epochStart: "How many of both there were when the epoch began: keys are renewed after so many.",
})

/** By path. */
export const LAYER_NOTES: Readonly<Record<string, string>> = {
  AesState: "The AES layer's state: two hash chains.",
  ...AES,
  KemState: "The KEM layer's state.",
  ...KEM,
  SignalState: "The Signal layer's state: the Double Ratchet, and the braid beside it.",
  ...SIGNAL,
  MlsState: "The MLS layer's state: a group of two.",
  ...MLS,
}
