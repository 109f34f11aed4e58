/**
 * What docs/worked-example.md shows of a run. Messages are decoded with the formats of docs/protocol.md, and keys are derived with
 * `node:crypto` from its formulas, not with the code under test: what does not come out as the run had it fails.
 */
import { createDecipheriv, createHmac, hkdfSync } from "node:crypto"
import { fromBase64url } from "../../src/core/crypto/bytes.ts"
import { decodePreKeyMessage } from "../../src/core/layers/signal/pre-key-message.ts"
import { decodeSignalMessage } from "../../src/core/layers/signal/signal-message.ts"
import { kemKeys, signalKeys } from "./example-keys.ts"
import { type ExampleRun, MESSAGE } from "./example-run.ts"
import { encodeAs, type Plain } from "./format-values.ts"
import { type Decoded, decodeAs, type Formats } from "./formats.ts"
import { hexOf, pairs, sha256, short } from "./markdown.ts"
import { openLayers } from "./open-layers.ts"

const hmac = (hash: "sha256" | "sha512", key: Uint8Array, data: Uint8Array | string): Uint8Array =>
  new Uint8Array(createHmac(hash, key).update(data).digest())
const hkdf = (hash: "sha256" | "sha512", input: Uint8Array, salt: Uint8Array, info: string, length: number) =>
  new Uint8Array(hkdfSync(hash, input, salt, info, length))
const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

const ensure = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`the run and the document differ: ${what}`)
}
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(Buffer.from(b))

const must = <A>(value: A | undefined, what: string): A => {
  if (value === undefined) throw new Error(`${what} is not as the document says`)
  return value
}
const fieldOf = (value: Decoded, name: string): Decoded => {
  const inner = value.is === "union" ? value.value : value
  return must(inner.is === "struct" ? inner.fields.find(([other]) => other === name)?.[1] : undefined, name)
}
const bytesOf = (value: Decoded, name: string): Uint8Array => {
  const field = fieldOf(value, name)
  return must(field.is === "bytes" ? field.value : undefined, name)
}

/** The value as `encodeAs` takes it. */
const plain = (value: Decoded): Plain =>
  value.is === "struct"
    ? Object.fromEntries(value.fields.map(([name, inner]) => [name, plain(inner)]))
    : value.is === "list"
      ? value.values.map(plain)
      : value.is === "union"
        ? plain(value.value)
        : value.value

/** Where a KEM frame says that it stands. */
export const placeOf = (frame: Uint8Array): string => {
  const view = new DataView(frame.buffer, frame.byteOffset)
  return `turn ${view.getUint32(0)}, index ${view.getUint32(4)}, previous ${view.getUint32(8)}`
}

export const exampleFacts = async (formats: Formats, run: ExampleRun) => {
  const parse = (format: string, bytes: Uint8Array) => must(decodeAs(formats, format, bytes), format)
  const frames = run.handshake.map(({ bytes, by }) => ({ by, bytes, frame: parse("Frame", bytes) }))
  const nth = (kind: string, by: string) =>
    must(
      frames.find(({ by: who, frame }) => frame.is === "union" && frame.name === kind && who === by),
      kind,
    )

  const checked = fromBase64url(run.inviteText.slice("sotto1_".length))!
  const inviteBytes = checked.slice(0, -4)
  const invite = parse("InviteBody", inviteBytes)
  const secret = bytesOf(invite, "secret")

  const inTheOpen = (kind: "hello" | "bundle" | "accept", format: string, by: string) => {
    const { bytes, frame } = nth(kind, by)
    const message = bytesOf(frame, "message")
    const envelope = parse("Envelope", message)
    const mac = bytesOf(envelope, "mac")
    const key = hkdf("sha256", secret, new Uint8Array(32), `sotto/1 ${kind}`, 32)
    // The same struct with two fields instead of three, and without the last: key, head of a byte string, 32 bytes.
    const covered = joined(Uint8Array.of(0xa2), message.slice(1, -35))
    ensure(same(hmac("sha256", key, covered), mac), `the MAC of the ${kind}`)
    const shown = pairs([
      [`MAC key: HKDF-SHA-256(secret, 32 zeros, "sotto/1 ${kind}", 32)`, short(key)],
      ["MAC over the encoding of { version, body }", short(mac)],
      ["the message: the whole envelope", short(message)],
    ])
    return { frame: bytes, message, body: parse(format, bytesOf(envelope, "body")), shown, key, mac }
  }
  const hello = inTheOpen("hello", "HelloBody", "joiner")
  const bundle = inTheOpen("bundle", "BundleBody", "inviter")
  const accept = inTheOpen("accept", "AcceptBody", "joiner")
  const statics = encodeAs(formats, "StaticPublic", plain(fieldOf(bundle.body, "statics")))
  ensure(same(sha256(statics), bytesOf(invite, "bundleHash")), "the inviter's identity")
  ensure(same(sha256(hello.message), bytesOf(bundle.body, "helloHash")), "helloHash")
  ensure(same(sha256(bundle.message), bytesOf(accept.body, "bundleHash")), "bundleHash")
  const first = decodePreKeyMessage(bytesOf(accept.body, "signal"))!
  const inner = decodeSignalMessage(first.message)!

  const suites = plain(fieldOf(hello.body, "suites")) as ReadonlyArray<{ readonly suite: string }>
  const said = [
    { by: "joiner", message: hello.message },
    { by: "inviter", message: bundle.message },
    { by: "joiner", message: accept.message },
  ]
  const encoded = encodeAs(formats, "Transcript", { profile: "sotto/1", suites, said, binding: run.binding })
  const transcript = sha256(encoded)
  ensure(same(transcript, run.joinerBefore["layer/transcript"]!), "the transcript hash")
  const confirmKey = (role: string) => hkdf("sha256", secret, transcript, `sotto/1 confirm ${role}`, 32)
  const confirmMac = (role: string) =>
    hmac("sha256", confirmKey(role), encodeAs(formats, "Confirmed", { role, transcript }))

  const recovery = {
    secret: hkdf("sha256", secret, transcript, "sotto/1 recovery", 32),
    id: hkdf("sha256", secret, transcript, "sotto/1 recovery id", 16),
  }

  // The AES layer of the inviter's Confirm, by hand.
  const confirm = nth("confirm", "inviter")
  const ciphertext = bytesOf(confirm.frame, "ciphertext")
  const chain = hkdf("sha512", secret, transcript, "sotto/1 aes inviterToJoiner", 32)
  const stepped = hmac("sha512", chain, "sotto/1 aes chain step")
  const keyed = hmac("sha512", stepped.slice(32), "sotto/1 aes message key")
  const [key, nonce] = [keyed.slice(0, 32), keyed.slice(32, 44)]
  const associatedOf = (layer: number) => {
    const { suite } = suites[layer - 1]!
    const direction = "inviterToJoiner"
    return sha256(encodeAs(formats, "Associated", { profile: "sotto/1", transcript, layer, suite, direction }))
  }
  const associated = associatedOf(4)
  const opener = createDecipheriv("aes-256-gcm", key, nonce)
  opener.setAAD(joined(associated, ciphertext.slice(0, 4))).setAuthTag(ciphertext.slice(-16))
  const padded = joined(opener.update(ciphertext.slice(4, -16)), opener.final())
  const kemFrame = padded.slice(0, padded.lastIndexOf(0x80))
  ensure(padded.length === 256 + 3_072, "the room of the smallest bucket")

  // The first keys of the two layers between, by hand.
  const signal = signalKeys(run, first, inner)
  const said0 = sha256(joined(hello.message, bundle.message))
  ensure(same(signal.mac, inner.mac) && same(signal.plaintext, said0), "the first Signal message")
  const kemAssociated = associatedOf(3)
  const kem = kemKeys(run, bytesOf(accept.body, "kem"), transcript, kemFrame, kemAssociated)
  const confirmSignal = must(decodeSignalMessage(kem.plaintext), "the Signal message of the Confirm")

  // The message, layer by layer.
  const outer = bytesOf(parse("Frame", run.message), "ciphertext")
  const opened = await openLayers(run.joinerBefore, transcript, outer)
  const sealed = decodeSignalMessage(opened.inSignal)!
  const sizes: ReadonlyArray<readonly [what: string, bytes: number, more: string]> = [
    ["the text", Buffer.from(MESSAGE).length, ""],
    ["content", opened.content.length, `\`${hexOf(opened.content)}\``],
    ["padded to its bucket", opened.bucket.length, ""],
    ["MLS message", opened.inMls.length, short(opened.inMls)],
    [
      "what Signal encrypts",
      opened.inMls.length + 32,
      `32 bytes of associated data \`${hexOf(opened.associated)}\` first`,
    ],
    [
      "Signal message",
      opened.inSignal.length,
      `counter ${sealed.counter}, previous ${sealed.previousCounter}, braid's message ${sealed.braid?.length ?? 0} bytes`,
    ],
    ["KEM frame", opened.inKem.length, placeOf(opened.inKem)],
    ["padded to bucket + 3072", opened.inAes.length, ""],
    ["AES ciphertext", outer.length, `index ${new DataView(outer.buffer).getUint32(0)}`],
    ["frame", run.message.length, short(run.message)],
  ]

  const content = parse("Content", opened.content)
  return {
    inviteSecret: secret,
    ...{ invite, inviteBytes, checked, statics, hello, bundle, accept, first, inner, signal, encoded, transcript },
    ...{ confirmKey, confirmMac, recovery, confirm, ciphertext, chain, stepped, key, nonce, associated, padded },
    ...{ kemFrame, kem, kemAssociated, confirmSignal, content, opened, sizes },
  }
}
