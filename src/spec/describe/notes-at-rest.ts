/** What each field on a disk is for: the vault's own formats, then a contact's records. Docs: storage.md, protocol.md, "At rest". */
import { below } from "./notes-below.ts"
import { LAYER_NOTES } from "./notes-layers.ts"

const slotted = {
  slot: "Where it lies: a number that no other record of the host ever had.",
  version: "The commit that wrote it. Under another one it does not open: an old copy is noticed.",
} as const

const page = { ...slotted, count: "How many entries the page has." } as const

const place = {
  kind: "Which transport the address is of.",
  at: "The address, in that transport's own words.",
} as const

const timer = {
  timer: "When messages disappear, on both sides.",
  "timer.after": "After how many milliseconds.",
  "timer.from": "From when they count: from being read, or from being sent.",
} as const

const setting = {
  ...timer,
  own: "How many settings this side had made.",
  seen: "How many of the other side's it knew: so both come to the same one.",
} as const

const pairingSecret = {
  id: "The secret's name: a hash of it, as asks and tells give it.",
  secret: "Takes the place of an invite's secret when keys are agreed anew. Each follows from the one before.",
} as const

const statics = {
  signalIdentity: "X25519: the identity of the Signal layer.",
  mlsSignature: "Ed25519: signs in the MLS layer.",
  kem: "X-Wing: the KEM layer's long-lived key.",
} as const

const VAULT = {
  Header: "What of a vault is readable by everybody.",
  ...below("Header", {
    vault: "Random: the vault's name, which enters every key.",
    generation: "Grows with every change of the ways to unlock.",
    methods: "The ways to unlock it, each with the root key wrapped under its own.",
    "methods.id": "Random: names the way.",
    "methods.kind": "Such as passphrase or passkey.",
    "methods.label": "What its user calls it.",
    "methods.addedAt": "When, in milliseconds.",
    "methods.params": "What is needed to ask for the secret, such as the salt: no secret itself.",
    "methods.wrapped": "A nonce, the root key and a tag: AES-256-GCM under what the way yields.",
  }),
  Attempts: "Wrong tries, in the clear: they are counted before each is tried.",
  "Attempts.wrong": "How many since the last right one, the one under way included. After the fifth there is a wait.",
  "Attempts.at": "When the last of them was, by this device's clock, in milliseconds.",
  Catalogue: "The list of the vault's hosts: what is erased here is lost everywhere.",
  ...below("Catalogue", {
    serial: "How often it was written: the same number stands before it in the clear.",
    generation: "The header's: an old header is not taken for the present one.",
    hosts: "A host for each contact, and one for the user's own name and switches.",
    "hosts.id": "What the engine calls it: random, or one of its own names.",
    "hosts.disk": "What it is called on the disk: random, so that nobody can tell whom it belongs to.",
    "hosts.key":
      "AES-256: every record of this host is sealed under it. Without it, what is left of the host stays closed.",
    "hosts.floor": "A version that the host has been at: an older one is an old copy.",
    erasing: "Hosts that are being erased; whether it was finished is unknown.",
    unsealed: "Hosts that are there unsealed and are to be sealed. Left out once there are none.",
    "unsealed.id": "What it is called, unsealed.",
    "unsealed.copied": "Whether it is sealed as well: what is left to do is to erase it.",
  }),
  Manifest: "Slot 0 of a host, sealed anew by every commit: where everything else lies, and in which version.",
  ...below("Manifest", {
    version: "The host's commits so far. The store below counts them too, in the clear, and must agree.",
    catalogue: "The catalogue's serial number at that commit: an older catalogue is noticed.",
    next: "The next slot that nobody has used.",
    sealings: "How often the host's key has sealed: past 2³² it would refuse.",
    root: "The first page of the tree, with the entries that are at rest.",
    ...below("root", page),
    hot: "The entries that changed last, in the order of their changes.",
    "hot.id": "What it is: r and a record's id, i and a machine's, o and a command's.",
    ...below("hot", slotted),
    "hot.inTree": "Whether the tree has an entry of this id, which this one hides.",
    "hot.gone": "Whether it was erased.",
    base: "Added to the version for whoever asks: where the host was when it was sealed. Absent: it began sealed.",
  }),
  Page: "A part of a host's index that has come to rest: entries in ascending order.",
  ...below("Page", {
    kind: "A leaf names records, a branch names pages.",
    leaves: "Records, by their ids.",
    "leaves.id": "What it is: r and a record's id, i and a machine's, o and a command's.",
    ...below("leaves", slotted),
    branches: "Pages below this one.",
    "branches.low": "The least id in it.",
    "branches.page": "Where it is.",
    ...below("branches.page", page),
  }),
} as const

const CONTACT = {
  Record: "The record, as the engine wrote it.",
  "Record.other": "Not one of the engine's own records.",
  "Record.ownName": "The user's name, as this contact was last told.",
  "Record.invite": "The invite's text, with the secret on which pairing rests. It is erased once both are paired.",
  "Record.binding": "Of the channel that the handshake goes over; empty where a link has none.",
  "Record.transcript": "The hash of all that both said while they agreed keys: every key is bound to it.",
  "Record.confirmed":
    "The first 16 bytes of the hash of a Confirm that was taken beside a session: it is known when it comes again.",
  "Record.vouched": "Names the life of our own process for which the peer vouched last.",
  "Record.clock":
    "The latest time at which anything that disappears was counted: a clock that is set back revives nothing.",
  "Record.cleared": "Entries of the history before this place are to be erased.",
  "Record.place": "Where the message of this id stands in the history.",
  "Record.counted": "After how many milliseconds it disappears: a clock that is set back prolongs nothing.",
  Profile: "What belongs to the user and to no contact.",
  "Profile.name": "What they call themselves.",
  "Profile.readReceipts": "Whether others are told what was read.",
  "Profile.typingNotices": "Whether others are told that they write.",
  "Profile.autoLock": "After how many milliseconds without their user the vault locks; absent: never.",
  About: "What the contact is, apart from the conversation.",
  ...below("About", {
    role: "Who invited whom.",
    createdAt: "When, in milliseconds.",
    name: "What they call themselves, or what the invite claimed.",
    pairedAt: "When both had shown that they have the same keys.",
    comparedAt: "When our user compared the safety number.",
    own: "Where we listen for this contact.",
    ...below("own", place),
    peer: "Where the peer listens.",
    ...below("peer", place),
  }),
  Entry: "One entry of the conversation, as it is shown.",
  ...below("Entry", {
    mine: "Whether our user wrote it.",
    id: "The message's id.",
    number: "Its place in its sender's sequence.",
    at: "Its sender's clock, in milliseconds.",
    text: "What it says.",
    gap: "How many messages of the sender are missing before it.",
    replyTo: "The id of the message that it answers.",
    became: "Whether it was edited, deleted, or disappeared before the peer had it.",
    myReaction: "Our user's reaction.",
    theirReaction: "The peer's.",
    ...timer,
    due: "When it disappears, in milliseconds; absent until that is counted.",
    line: "No message, but a line that says what happened.",
    healed: "Of such a line: why keys were agreed anew.",
  }),
  Outgoing: "A numbered content of ours, until the peer has it.",
  "Outgoing.content": "What is sent.",
  "Outgoing.until": "When the peer need not have it any more, in milliseconds.",
  "Outgoing.index": "Of a text: its place in the history.",
  "Outgoing.weight": "What it counts for in the queue, in bytes.",
  Outcome: "Why a message of ours did not arrive.",
  Settings: "When messages disappear, as both sides last said.",
  "Settings.mine": "What our user said.",
  ...below("Settings.mine", setting),
  "Settings.theirs": "What the peer said.",
  ...below("Settings.theirs", setting),
  Seen: "What is remembered of a frame that was opened: it is known when it comes again, though its key is gone.",
  "Seen.digest": "The first 16 bytes of its SHA-256.",
  "Seen.numbered": "Whether it is to be acknowledged again.",
  Greetings: "Hellos that an Accept may still answer, in the order in which they came.",
  "Greetings.hello": "The Hello, envelope and all.",
  "Greetings.binding": "Of the channel that it first came over.",
  "Greetings.nonce": "Of the Bundle that answers it: the same Bundle is made again.",
  Secret: "A secret for the next handshake with this contact.",
  ...below("Secret", pairingSecret),
  Secrets:
    "Secrets for the next handshake with this contact, the newest first: a peer with an older state is known by an older one.",
  ...below("Secrets", pairingSecret),
  Lives:
    "Random names of the latest lives of a process, ours or the peer's, the newest last: so a second copy of it is noticed.",
  Asked: "What we asked over a link, until it is answered.",
  ...below("Asked", {
    message: "The ask, as it was sent.",
    challenge: "What the answer must be bound to.",
    binding: "Of the channel that it went over.",
    received: "How much we had received when we asked.",
    answered: "Whether it was.",
    times: "How often we asked.",
    heals: "Whether what was told is a reason to agree new keys.",
    early: "Whether we had taken up new keys then, and did not know yet that the peer had.",
    spent: "Whether an Accept was taken since: the Hello that it belongs to is the last that this question allows.",
  }),
  Challenged: "What the peer asked over a link.",
  "Challenged.id": "Under which recovery secret.",
  "Challenged.challenge": "What our answer is bound to.",
  Resume: "Where a side stood when keys were agreed anew.",
  ...below("Resume", {
    reason: "Why they are.",
    life: "The life of the process that speaks.",
    written: "How many numbers it has given.",
    ahead: "One past the highest number that it has of the other.",
    repeats: "Contents that it does not know the other to have.",
  }),
  OwnKeys: "The secret halves of our long-lived keys, made for this contact and for no other.",
  ...below("OwnKeys", statics),
  PeerKeys: "The peer's long-lived public keys: what the safety number is made of.",
  ...below("PeerKeys", statics),
  OneTime: "What an inviter keeps for one handshake, until an Accept has used it.",
  ...below("OneTime", {
    offered: "The public halves, as the Bundle carries them.",
    "offered.statics": "The long-lived public keys.",
    ...below("offered.statics", statics),
    "offered.signedPreKey": "The Signal layer's medium-lived key.",
    "offered.signedPreKey.id": "Counts the handshakes of this identity.",
    "offered.signedPreKey.key": "X25519, behind Signal's type byte 05.",
    "offered.signedPreKey.signature": "XEdDSA by the identity.",
    "offered.kyberPreKey": "The Signal layer's post-quantum key.",
    "offered.kyberPreKey.id": "Counts the handshakes of this identity.",
    "offered.kyberPreKey.key": "Kyber-1024, behind its type byte 08.",
    "offered.kyberPreKey.signature": "XEdDSA by the identity.",
    "offered.oneTimePreKey": "A key that is used once.",
    "offered.oneTimePreKey.id": "Counts the handshakes of this identity.",
    "offered.oneTimePreKey.key": "X25519, behind Signal's type byte 05.",
    "offered.registrationId": "Nothing is registered; Signal's format wants a number.",
    "offered.oneTimeKem": "X-Wing: the KEM layer's public key for this one handshake.",
    "offered.keyPackage": "How we enter the MLS group.",
    preKeys: "The secret halves of the Signal layer's prekeys.",
    kem: "The seed of the KEM layer's one-time key.",
    mlsPrivateKeys: "The secret halves of the KeyPackage's keys.",
  }),
  PreKeySecrets: "The secret halves of the Signal layer's prekeys.",
  ...below("PreKeySecrets", {
    signed: "Of the signed prekey.",
    "signed.id": "Counts the handshakes of this identity.",
    "signed.pair": "X25519.",
    "signed.pair.publicKey": "As the Bundle carries it.",
    "signed.pair.secretKey": "Used once, then erased.",
    kyber: "Of the Kyber prekey.",
    "kyber.id": "Counts the handshakes of this identity.",
    "kyber.seed": "Kyber-1024: the key is made of it. Used once, then erased.",
    oneTime: "Of the one-time prekey.",
    "oneTime.id": "Counts the handshakes of this identity.",
    "oneTime.pair": "X25519.",
    "oneTime.pair.publicKey": "As the Bundle carries it.",
    "oneTime.pair.secretKey": "Used once, then erased.",
  }),
  MlsPrivate: "The secret halves of a KeyPackage's keys.",
  "MlsPrivate.init": "X-Wing: opens the Welcome, then it is erased.",
  "MlsPrivate.leaf": "X-Wing: opens path secrets of the peer's commits.",
} as const

const JSON_NOTES = {
  Row: "A machine at rest: what it needs to go on after a crash.",
  "Row.within":
    "What the machine remembers: counters and names, no key and no text. The machine's page says what they are.",
  "Row.value": "The state that it is in.",
  "Row.context": "What it remembers: counters and names, no key and no text.",
  "Row.timers": "What is due for it.",
  "Row.timers.id": "Unique in the machine.",
  "Row.timers.due": "When, in milliseconds of the wall clock.",
  "Row.timers.delay":
    "What was to pass when it was armed, in milliseconds: a clock that was set back makes nothing wait longer.",
  "Row.timers.event": "What happens to the machine then.",
  "Row.timers.event.type": "The event's name.",
  Waiting: "A command that was committed, and is not yet known to be done: after a crash it is done again.",
  "Waiting.version": "The commit that asked for it.",
  "Waiting.index": "Its place among those of that commit.",
  "Waiting.outward": "The command.",
  "Waiting.outward.id": "Unique for the host's life: whoever does it twice knows it by that.",
  "Waiting.outward.from": "The machine that asked for it.",
  "Waiting.outward.type": "The command's name.",
  "Waiting.outward.params": "What it is told: names and numbers.",
} as const

const NOTES: Readonly<Record<string, string | undefined>> = { ...VAULT, ...CONTACT, ...JSON_NOTES, ...LAYER_NOTES }

/** Empty where there is none: a test says which. */
export const noteAtRest = (path: string): string => NOTES[path] ?? ""
