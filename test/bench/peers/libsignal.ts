/** Signal's own library as one person. Its stores keep what it hands them, as they are: nothing is serialised on our account. */
import * as signal from "@signalapp/libsignal-client"

type Name = signal.ProtocolAddress

class Sessions extends signal.SessionStore {
  readonly records = new Map<string, signal.SessionRecord>()
  async saveSession(name: Name, record: signal.SessionRecord) {
    this.records.set(name.toString(), record)
  }
  async getSession(name: Name) {
    return this.records.get(name.toString()) ?? null
  }
  async getExistingSessions(names: Array<Name>) {
    return names.flatMap((name) => this.records.get(name.toString()) ?? [])
  }
}

class Identities extends signal.IdentityKeyStore {
  readonly known = new Map<string, signal.PublicKey>()
  readonly key = signal.PrivateKey.generate()
  async getIdentityKey() {
    return this.key
  }
  async getLocalRegistrationId() {
    return 1
  }
  async saveIdentity(name: Name, key: signal.PublicKey) {
    this.known.set(name.toString(), key)
    return signal.IdentityChange.NewOrUnchanged
  }
  async isTrustedIdentity(name: Name, key: signal.PublicKey) {
    return this.known.get(name.toString())?.equals(key) ?? true
  }
  async getIdentity(name: Name) {
    return this.known.get(name.toString()) ?? null
  }
}

class PreKeys extends signal.PreKeyStore {
  readonly records = new Map<number, signal.PreKeyRecord>()
  async savePreKey(id: number, record: signal.PreKeyRecord) {
    this.records.set(id, record)
  }
  async getPreKey(id: number) {
    return this.records.get(id)!
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
    return this.records.get(id)!
  }
}

class KyberPreKeys extends signal.KyberPreKeyStore {
  readonly records = new Map<number, signal.KyberPreKeyRecord>()
  async saveKyberPreKey(id: number, record: signal.KyberPreKeyRecord) {
    this.records.set(id, record)
  }
  async getKyberPreKey(id: number) {
    return this.records.get(id)!
  }
  async markKyberPreKeyUsed() {}
}

type Bytes = Uint8Array<ArrayBuffer>

export interface Person {
  readonly encrypt: (plaintext: Bytes) => Promise<signal.CiphertextMessage>
  readonly decrypt: (message: signal.CiphertextMessage) => Promise<Uint8Array>
}

/** A session between two, with all that a pairing takes: both identities, the prekeys, and a word each way. */
export const pair = async (): Promise<readonly [Person, Person]> => {
  const [alice, bob] = [stores(), stores()]
  const [toBob, toAlice] = [signal.ProtocolAddress.new("bob", 1), signal.ProtocolAddress.new("alice", 1)]
  await signal.processPreKeyBundle(await published(bob), toBob, toAlice, alice.sessions, alice.identities)
  const people = [person(alice, toBob, toAlice), person(bob, toAlice, toBob)] as const
  const word: Bytes = new Uint8Array(32)
  await people[1].decrypt(await people[0].encrypt(word))
  await people[0].decrypt(await people[1].encrypt(word))
  return people
}

const stores = () => ({
  sessions: new Sessions(),
  identities: new Identities(),
  preKeys: new PreKeys(),
  signed: new SignedPreKeys(),
  kyber: new KyberPreKeys(),
})
type Stores = ReturnType<typeof stores>

const published = async ({ identities: { key }, kyber, preKeys, signed }: Stores): Promise<signal.PreKeyBundle> => {
  const [once, medium, kem] = [signal.PrivateKey.generate(), signal.PrivateKey.generate(), signal.KEMKeyPair.generate()]
  const mediumKey = medium.getPublicKey()
  const mediumSignature = key.sign(mediumKey.serialize())
  const kemSignature = key.sign(kem.getPublicKey().serialize())
  await preKeys.savePreKey(1, signal.PreKeyRecord.new(1, once.getPublicKey(), once))
  await signed.saveSignedPreKey(1, signal.SignedPreKeyRecord.new(1, 0, mediumKey, medium, mediumSignature))
  await kyber.saveKyberPreKey(1, signal.KyberPreKeyRecord.new(1, 0, kem, kemSignature))
  return signal.PreKeyBundle.new(
    1,
    1,
    1,
    once.getPublicKey(),
    1,
    mediumKey,
    mediumSignature,
    key.getPublicKey(),
    1,
    kem.getPublicKey(),
    kemSignature,
  )
}

const person = (own: Stores, them: Name, us: Name): Person => ({
  encrypt: (plaintext) => signal.signalEncrypt(plaintext, them, us, own.sessions, own.identities),
  decrypt: (message) => {
    const bytes = message.serialize()
    return message.type() === signal.CiphertextMessageType.Whisper
      ? signal.signalDecrypt(signal.SignalMessage.deserialize(bytes), them, us, own.sessions, own.identities)
      : signal.signalDecryptPreKey(
          signal.PreKeySignalMessage.deserialize(bytes),
          them,
          us,
          own.sessions,
          own.identities,
          own.preKeys,
          own.signed,
          own.kyber,
        )
  },
})
