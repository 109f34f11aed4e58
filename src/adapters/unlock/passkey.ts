/**
 * Unlocking by a passkey: the WebAuthn extension `prf` (Web Authentication Level 3 §10.1.4) yields 32 bytes that only this
 * credential yields for this salt, and only with its user's consent. A passkey can be lost with its device, so a vault always
 * has another method as well. Docs: storage.md, "Unlock methods"; core/vault/unlock.ts.
 */
import * as Effect from "effect/Effect"
import { bytes, codec, fixed } from "../../core/codec/codec.ts"
import { struct } from "../../core/codec/composite.ts"
import { toBase64url } from "../../core/crypto/bytes.ts"
import { type Candidate, type Enrolled, type Unlock, UnlockFailed, unlockFailed } from "../../core/vault/unlock.ts"
import { systemRandom } from "../crypto/random.ts"

/** COSE algorithm numbers that authenticators have: ES256, EdDSA, RS256. What is signed is not looked at: nobody logs in. */
const ALGORITHMS = [-7, -8, -257]
const TIMEOUT = 120_000
const SALT_BYTES = 32

const stored = codec(struct({ credential: [1, bytes(1_023)], salt: [2, fixed(SALT_BYTES)] }), 1_100)

/** What the browser's dialog says. */
export interface PasskeyOptions {
  /** What the browser's dialog calls it. Default: "Sotto". */
  readonly name?: string
  /** The domain it belongs to. Default: the page's own. A page on `localhost` works, one on `127.0.0.1` does not. */
  readonly domain?: string
}

/** A passkey of the browser, the phone beside it, or a security key. Needs a secure origin and a user's tap. */
export const passkey = (options: PasskeyOptions = {}): Unlock => ({
  kind: "passkey",
  sufficient: false,

  enrol: (vault) =>
    Effect.gen(function* () {
      const salt = systemRandom(SALT_BYTES)
      const made = yield* asking(() => created(vault, salt, options))
      const results = made.getClientExtensionResults().prf
      if (results?.enabled !== true) return yield* withoutPrf
      const credential = new Uint8Array(made.rawId)
      const params = stored.encode({ credential, salt })
      // Some authenticators yield it at once; the others when they are asked for the first time.
      const key = results.results?.first ?? (yield* asking(() => asserted([{ credential, salt }], options))).prf
      if (key === undefined) return yield* withoutPrf
      return { params, key: taken(key) }
    }),

  derive: (_, methods) =>
    Effect.gen(function* () {
      const known = methods.flatMap(({ id, params }: Enrolled) => {
        const decoded = stored.decode(params)
        return decoded === undefined ? [] : [{ id, ...decoded }]
      })
      if (known.length === 0) return yield* damagedPasskey
      const { credential, prf } = yield* asking(() => asserted(known, options))
      if (prf === undefined) return yield* withoutPrf
      const key = taken(prf)
      return known
        .filter((one) => isSame(one.credential, credential))
        .map(({ id }): Candidate => ({ id, key: key.slice() }))
    }),
})

interface Known {
  readonly credential: Uint8Array
  readonly salt: Uint8Array
}

const credentials = (): CredentialsContainer => {
  const found = globalThis.navigator?.credentials
  if (found === undefined || globalThis.PublicKeyCredential === undefined) throw unsupported
  return found
}

const created = async (vault: Uint8Array, salt: Uint8Array, { domain, name = "Sotto" }: PasskeyOptions) => {
  const made = await credentials().create({
    publicKey: {
      rp: { name, ...(domain !== undefined && { id: domain }) },
      user: { id: vault.slice(), name, displayName: name },
      challenge: systemRandom(32) as Bytes,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ alg, type: "public-key" })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      attestation: "none",
      timeout: TIMEOUT,
      extensions: { prf: { eval: { first: salt as Bytes } } },
    },
  })
  if (made === null) throw cancelled
  return made as PublicKeyCredential
}

/** Asks for one of the credentials, each with its own salt. */
const asserted = async (known: ReadonlyArray<Known>, { domain }: PasskeyOptions) => {
  const evalByCredential = Object.fromEntries(
    known.map(({ credential, salt }) => [toBase64url(credential), { first: salt as Bytes }]),
  )
  const got = (await credentials().get({
    publicKey: {
      challenge: systemRandom(32) as Bytes,
      allowCredentials: known.map(({ credential }) => ({ id: credential as Bytes, type: "public-key" })),
      userVerification: "required",
      timeout: TIMEOUT,
      ...(domain !== undefined && { rpId: domain }),
      extensions: { prf: { evalByCredential } },
    },
  })) as PublicKeyCredential | null
  if (got === null) throw cancelled
  return { credential: new Uint8Array(got.rawId), prf: got.getClientExtensionResults().prf?.results?.first }
}

type Bytes = Uint8Array<ArrayBuffer>

/** A copy; what the browser handed out is wiped. */
const taken = (source: BufferSource): Uint8Array => {
  const view = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
  const copy = view.slice()
  view.fill(0)
  return copy
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

/** A refusal of the browser is a change of mind, or no credential of ours is here: it does not tell which. */
const asking = <A>(ask: () => Promise<A>): Effect.Effect<A, UnlockFailed> =>
  Effect.tryPromise({ try: ask, catch: (error) => (error instanceof UnlockFailed ? error : cancelled) })

const cancelled = unlockFailed(
  "cancelled",
  "The passkey was not used: it was cancelled, or it is not on this device. Nothing was changed.",
)
const unsupported = unlockFailed(
  "unsupported",
  "Passkeys do not work here: this page or program has no WebAuthn. Use a passphrase.",
)
const withoutPrf = unlockFailed("unsupported", "This passkey can't create an encryption key. Use a passphrase.")
const damagedPasskey = unlockFailed(
  "invalid",
  "What was stored for the passkey is damaged. Use another method, or a backup.",
)
