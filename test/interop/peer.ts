/** Signal's own library as one person: its stores in memory, behind the few verbs that the tests need. */
import * as signal from "@signalapp/libsignal-client"

const REGISTRATION = 4_711
const DEVICE = 1

type Bytes = Uint8Array<ArrayBuffer>
/** The library's declarations ask for arrays over an ArrayBuffer of their own. */
const own = (bytes: Uint8Array): Bytes => Uint8Array.from(bytes)

class Sessions extends signal.SessionStore {
  records = new Map<string, Bytes>()
  async saveSession(name: signal.ProtocolAddress, record: signal.SessionRecord) {
    this.records.set(name.toString(), record.serialize())
  }
  async getSession(name: signal.ProtocolAddress) {
    const record = this.records.get(name.toString())
    return record === undefined ? null : signal.SessionRecord.deserialize(record)
  }
  async getExistingSessions(names: Array<signal.ProtocolAddress>) {
    return names.flatMap((name) => {
      const record = this.records.get(name.toString())
      return record === undefined ? [] : [signal.SessionRecord.deserialize(record)]
    })
  }
}

class Identities extends signal.IdentityKeyStore {
  readonly known = new Map<string, signal.PublicKey>()
  readonly key: signal.PrivateKey
  constructor(key: signal.PrivateKey) {
    super()
    this.key = key
  }
  async getIdentityKey() {
    return this.key
  }
  async getLocalRegistrationId() {
    return REGISTRATION
  }
  async saveIdentity(name: signal.ProtocolAddress, key: signal.PublicKey) {
    const before = this.known.get(name.toString())
    this.known.set(name.toString(), key)
    return before === undefined || before.equals(key)
      ? signal.IdentityChange.NewOrUnchanged
      : signal.IdentityChange.ReplacedExisting
  }
  async isTrustedIdentity(name: signal.ProtocolAddress, key: signal.PublicKey) {
    const before = this.known.get(name.toString())
    return before === undefined || before.equals(key)
  }
  async getIdentity(name: signal.ProtocolAddress) {
    return this.known.get(name.toString()) ?? null
  }
}

class PreKeys extends signal.PreKeyStore {
  readonly records = new Map<number, signal.PreKeyRecord>()
  async savePreKey(id: number, record: signal.PreKeyRecord) {
    this.records.set(id, record)
  }
  async getPreKey(id: number) {
    const record = this.records.get(id)
    if (record === undefined) throw new Error("no such prekey")
    return record
  }
  async removePreKey(id: number) {
    this.records.delete(id)
  }
}

class SignedPreKeys extends signal.SignedPreKeyStore {
  readonly records = new Map<number, signal.SignedPreKeyRecord>()
  async saveSignedPreKey(id: number, record: signal.SignedPreKeyRecord) {
    this.records.set(id, record)
  }
  async getSignedPreKey(id: number) {
    const record = this.records.get(id)
    if (record === undefined) throw new Error("no such signed prekey")
    return record
  }
}

class KyberPreKeys extends signal.KyberPreKeyStore {
  readonly records = new Map<number, signal.KyberPreKeyRecord>()
  readonly used: Array<number> = []
  async saveKyberPreKey(id: number, record: signal.KyberPreKeyRecord) {
    this.records.set(id, record)
  }
  async getKyberPreKey(id: number) {
    const record = this.records.get(id)
    if (record === undefined) throw new Error("no such Kyber prekey")
    return record
  }
  async markKyberPreKeyUsed(id: number) {
    this.used.push(id)
  }
}

/** What an initiator reads of a published bundle: the shape of ours. */
export interface Bundle {
  readonly signed: { readonly id: number; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  readonly kyber: { readonly id: number; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  readonly oneTime?: { readonly id: number; readonly publicKey: Uint8Array }
}

const typed = (key: Uint8Array): signal.PublicKey => signal.PublicKey.deserialize(Uint8Array.from([5, ...key]))

export interface Peer {
  /** 32 bytes. */
  readonly identity: Uint8Array
  /** Publishes prekeys with this id. */
  readonly publish: (id: number, oneTime: boolean) => Promise<Bundle>
  /** Begins a session with who published the bundle. Throws for a bundle that it does not take. */
  readonly initiate: (identity: Uint8Array, bundle: Bundle, now?: Date) => Promise<void>
  readonly encrypt: (plaintext: Uint8Array, now?: Date) => Promise<Uint8Array>
  /** Throws what it does not open. */
  readonly decrypt: (message: Uint8Array) => Promise<Uint8Array>
  /** The record of its sessions with us; undefined before there is one. */
  readonly record: () => Uint8Array | undefined
  readonly restore: (record: Uint8Array) => void
  readonly hasCurrent: (now: Date) => Promise<boolean>
  /** Trusts another identity key of ours from now on. */
  readonly trust: (identity: Uint8Array) => Promise<void>
  readonly sign: (message: Uint8Array) => Uint8Array
}

export const newPeer = (): Peer => {
  const key = signal.PrivateKey.generate()
  const sessions = new Sessions()
  const identities = new Identities(key)
  const preKeys = new PreKeys()
  const signedPreKeys = new SignedPreKeys()
  const kyberPreKeys = new KyberPreKeys()
  const us = signal.ProtocolAddress.new("sotto", DEVICE)
  const them = signal.ProtocolAddress.new("libsignal", DEVICE)
  return {
    identity: key.getPublicKey().serialize().slice(1),
    publish: async (id, oneTime) => {
      const signed = signal.PrivateKey.generate()
      const signedKey = signed.getPublicKey().serialize()
      const signature = key.sign(signedKey)
      await signedPreKeys.saveSignedPreKey(
        id,
        signal.SignedPreKeyRecord.new(id, 0, signed.getPublicKey(), signed, signature),
      )
      const kyber = signal.KEMKeyPair.generate()
      const kyberKey = kyber.getPublicKey().serialize()
      const kyberSignature = key.sign(kyberKey)
      await kyberPreKeys.saveKyberPreKey(id, signal.KyberPreKeyRecord.new(id, 0, kyber, kyberSignature))
      const bundle: Bundle = {
        signed: { id, publicKey: signedKey.slice(1), signature },
        kyber: { id, publicKey: kyberKey, signature: kyberSignature },
      }
      if (!oneTime) return bundle
      const once = signal.PrivateKey.generate()
      await preKeys.savePreKey(id, signal.PreKeyRecord.new(id, once.getPublicKey(), once))
      return { ...bundle, oneTime: { id, publicKey: once.getPublicKey().serialize().slice(1) } }
    },
    initiate: (identity, { kyber, oneTime, signed }, now) =>
      signal.processPreKeyBundle(
        signal.PreKeyBundle.new(
          1,
          DEVICE,
          oneTime?.id ?? null,
          oneTime === undefined ? null : typed(oneTime.publicKey),
          signed.id,
          typed(signed.publicKey),
          own(signed.signature),
          typed(identity),
          kyber.id,
          signal.KEMPublicKey.deserialize(own(kyber.publicKey)),
          own(kyber.signature),
        ),
        us,
        them,
        sessions,
        identities,
        now,
      ),
    encrypt: async (plaintext, now) =>
      (await signal.signalEncrypt(own(plaintext), us, them, sessions, identities, now)).serialize(),
    decrypt: async (message) =>
      message[1] === ((1 << 3) | 2)
        ? signal.signalDecrypt(signal.SignalMessage.deserialize(own(message)), us, them, sessions, identities)
        : signal.signalDecryptPreKey(
            signal.PreKeySignalMessage.deserialize(own(message)),
            us,
            them,
            sessions,
            identities,
            preKeys,
            signedPreKeys,
            kyberPreKeys,
          ),
    record: () => sessions.records.get(us.toString())?.slice(),
    restore: (record) => void sessions.records.set(us.toString(), own(record)),
    hasCurrent: async (now) => (await sessions.getSession(us))?.hasCurrentState(now) ?? false,
    trust: async (identity) => void (await identities.saveIdentity(us, typed(identity))),
    sign: (message) => key.sign(own(message)),
  }
}
