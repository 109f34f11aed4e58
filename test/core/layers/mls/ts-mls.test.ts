/**
 * What is ours of MLS against ts-mls whole: the group that we make, the messages that we frame, the commits by turns, with a
 * peer that is nothing but ts-mls and its defaults; and what ts-mls takes from the runtime behind our back.
 */
import {
  acceptAll,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  emptyPskIndex,
  encodeMlsMessage,
  joinGroup,
  processMessage,
} from "ts-mls"
import { defaultClientConfig } from "ts-mls/clientConfig.js"
import { generateKeyPackageWithKey } from "ts-mls/keyPackage.js"
import { afterEach, describe, expect, it, vi } from "vitest"
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts"
import { LIFETIME, mlsCreate, mlsJoin, mlsKeyPackage } from "../../../../src/core/layers/mls/establish.ts"
import { mlsApply, mlsCommit } from "../../../../src/core/layers/mls/healing.ts"
import { mlsLayer } from "../../../../src/core/layers/mls/layer.ts"
import { CAPABILITIES, credentialOf } from "../../../../src/core/layers/mls/member.ts"
import { suiteOver } from "../../../../src/core/layers/mls/provider.ts"
import type { MlsState } from "../../../../src/core/layers/mls/state.ts"
import {
  ASSOCIATED,
  crypto,
  handshake,
  heal,
  INVITER,
  JOINER,
  open,
  publicKeyOf,
  read,
  run,
  seal,
  seeded,
  text,
  toHex,
} from "./fixture.ts"

const suite = suiteOver(crypto)
const config = { ...defaultClientConfig, paddingConfig: { kind: "alwaysPad", paddingLength: 0 } as const }

const keyPackageOf = (seed: Uint8Array) => {
  const publicKey = publicKeyOf(seed)
  const keys = { signKey: seed, publicKey }
  return generateKeyPackageWithKey(credentialOf(crypto, publicKey), CAPABILITIES, LIFETIME, [], keys, suite)
}

const decode = (bytes: Uint8Array) => decodeMlsMessage(bytes, 0)![0]

/** Talks in both directions, commits in turn, and lets messages cross every commit. */
const converse = async (ours: MlsState, theirs: ClientState) => {
  const weSay = async (words: string) => {
    const sealed = seal(ours, text(words))
    ours = sealed.state
    await deliver(sealed.ciphertext, words)
  }
  const deliver = async (ciphertext: Uint8Array, words: string) => {
    const message = decode(ciphertext)
    if (message.wireformat !== "mls_private_message") throw new Error("another wire format")
    const result = await processMessage(message, theirs, emptyPskIndex, acceptAll, suite)
    theirs = result.newState
    expect(result.kind === "applicationMessage" && read(result.message)).toBe(words)
  }
  const theySay = async (words: string) => {
    const made = await createApplicationMessage(theirs, text(words), suite, ASSOCIATED)
    theirs = made.newState
    const { privateMessage } = made
    const opened = open(
      ours,
      encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage }),
    )!
    ours = opened.state
    expect(read(opened.plaintext)).toBe(words)
  }
  for (let epoch = 1; epoch <= 6; epoch++) {
    await weSay(`to them in ${epoch}`)
    await theySay(`to us in ${epoch}`)
    const early = seal(ours, text("before the commit, after it"))
    ours = early.state
    if (ours.current.number % 2 === ours.leaf) {
      const made = await run(mlsCommit(ours), { now: Date.now() })
      ours = made.state
      await weSay("still in the old epoch")
      const message = decode(made.commit)
      if (message.wireformat !== "mls_private_message") throw new Error("another wire format")
      theirs = (await processMessage(message, theirs, emptyPskIndex, acceptAll, suite)).newState
    } else {
      const made = await createCommit({ state: theirs, cipherSuite: suite })
      await theySay("still in the old epoch")
      ours = await run(mlsApply(ours, encodeMlsMessage(made.commit)), { now: Date.now() })
      theirs = made.newState
    }
    await deliver(early.ciphertext, "before the commit, after it")
    await theySay("in the new epoch")
    expect(BigInt(ours.current.number)).toBe(theirs.groupContext.epoch)
  }
}

describe("a peer that is nothing but ts-mls", () => {
  it("joins our group and converses", async () => {
    const peer = await keyPackageOf(INVITER)
    const keyPackage = { version: "mls10", wireformat: "mls_key_package", keyPackage: peer.publicPackage } as const
    const made = await run(
      mlsCreate({
        signatureSeed: JOINER,
        peerKeyPackage: encodeMlsMessage(keyPackage),
        peerSignatureKey: publicKeyOf(INVITER),
      }),
      { now: Date.now() },
    )
    const welcome = decode(made.welcome)
    if (welcome.wireformat !== "mls_welcome") throw new Error("another wire format")
    const { privatePackage, publicPackage } = peer
    const none = undefined
    const theirs = await joinGroup(
      welcome.welcome,
      publicPackage,
      privatePackage,
      emptyPskIndex,
      suite,
      none,
      none,
      config,
    )
    await converse(made.state, theirs)
  })

  it("lets us join its group and converses", async () => {
    const offer = await run(mlsKeyPackage({ signatureSeed: INVITER }))
    const own = await keyPackageOf(JOINER)
    const group = await createGroup(crypto.random(32), own.publicPackage, own.privatePackage, [], suite, config)
    const message = decode(offer.keyPackage)
    if (message.wireformat !== "mls_key_package") throw new Error("another wire format")
    const { commit: _, ...made } = await createCommit(
      { state: group, cipherSuite: suite },
      {
        extraProposals: [{ proposalType: "add", add: { keyPackage: message.keyPackage } }],
        ratchetTreeExtension: true,
      },
    )
    const welcome = encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: made.welcome! })
    const ours = await run(
      mlsJoin({ signatureSeed: INVITER, ...offer, welcome, peerSignatureKey: publicKeyOf(JOINER) }),
      { now: Date.now() },
    )
    await converse(ours, made.newState)
  })
})

describe("what the runtime gives", () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  it("is a scratch buffer and nothing else: no time, no randomness, no WebCrypto", async () => {
    const forbidden = () => {
      throw new Error("a global was asked")
    }
    vi.stubGlobal("crypto", { getRandomValues: (bytes: Uint8Array) => bytes })
    vi.spyOn(Date, "now").mockImplementation(forbidden)
    vi.spyOn(Math, "random").mockImplementation(forbidden)
    expect(() => Date.now()).toThrow()

    const life = async (seed: number) => {
      const given = { crypto: nobleCrypto(seeded(seed)) }
      const { offer, pair, welcome } = await handshake(given)
      const { commit, state } = await run(mlsCommit(pair.inviter), given)
      const joiner = await run(mlsApply(pair.joiner, commit), given)
      return [offer.keyPackage, welcome, commit, mlsLayer.encode(state), mlsLayer.encode(joiner)].map(toHex)
    }
    const once = await life(1)
    expect(await life(1)).toEqual(once)
    const other = await life(2)
    expect(other.every((bytes, i) => bytes !== once[i])).toBe(true)
  })
})

describe("a group", () => {
  it("is healed again and again without growing", async () => {
    let { pair } = await handshake()
    for (let i = 0; i < 8; i++) pair = await heal(pair)
    const grown = mlsLayer.encode(pair.joiner).length
    for (let i = 0; i < 8; i++) pair = await heal(pair)
    expect(Math.abs(mlsLayer.encode(pair.joiner).length - grown)).toBeLessThan(16)
    expect(grown).toBeLessThan(8 * 1024)
  })
})
