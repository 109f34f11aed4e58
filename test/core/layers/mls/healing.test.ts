/** Commits by turns: who may, what happens to what crosses them, and what they close. */
import * as Effect from "effect/Effect"
import { decodeGroupState, decodeMlsMessage, emptyPskIndex, processPrivateMessage } from "ts-mls"
import { describe, expect, it } from "vitest"
import { config, epochOf, mls, withGroup } from "../../../../src/core/layers/mls/group.ts"
import { mlsApply, mlsCommit, mlsMayCommit, mlsWantsCommit } from "../../../../src/core/layers/mls/healing.ts"
import { mlsLayer } from "../../../../src/core/layers/mls/layer.ts"
import { MAX_PAST_EPOCHS, MESSAGES_PER_EPOCH } from "../../../../src/core/layers/mls/limits.ts"
import { committerOf, type MlsState, otherLeaf } from "../../../../src/core/layers/mls/state.ts"
import {
  commit,
  crypto,
  handshake,
  heal,
  INVITER,
  isRefused,
  JOINER,
  open,
  type Pair,
  publicKeyOf,
  read,
  run,
  seal,
  seedOf,
  text,
} from "./fixture.ts"

const { pair } = await handshake()

const reloaded = (state: MlsState): MlsState => mlsLayer.decode(mlsLayer.encode(state))!

describe("turns", () => {
  it("alternate: the inviter out of epoch 1, the joiner out of epoch 2", async () => {
    let members: Pair = pair
    for (let epoch = 1; epoch <= 6; epoch++) {
      const [first, second] = epoch % 2 === 1 ? [members.inviter, members.joiner] : [members.joiner, members.inviter]
      expect([first.current.number, mlsMayCommit(first), mlsMayCommit(second)]).toEqual([epoch, true, false])
      expect(await isRefused(mlsCommit(second))).toBe(true)
      members = await heal(members)
    }
  })

  it("allow one commit, until the peer was seen beyond it", async () => {
    const { committer, peer } = await commit(pair.inviter, pair.joiner)
    expect(mlsLayer.view(committer)).toMatchObject({ state: "committing", epoch: 1 })
    expect(await isRefused(mlsCommit(committer))).toBe(true)
    const seen = open(committer, seal(peer, text("seen")).ciphertext)!
    expect(mlsLayer.view(seen.state)).toMatchObject({ state: "settled", epoch: 2 })
    expect(await isRefused(mlsCommit(seen.state))).toBe(true)
  })

  it("are wanted after a hundred messages, by the member whose turn it is", async () => {
    let { inviter, joiner } = pair
    for (let i = 0; i < MESSAGES_PER_EPOCH; i++) {
      expect([mlsWantsCommit(inviter), mlsWantsCommit(joiner)]).toEqual([false, false])
      const [from, to] = i % 2 === 0 ? [inviter, joiner] : [joiner, inviter]
      const sealed = seal(from, text("more"))
      const { state } = open(to, sealed.ciphertext)!
      ;[inviter, joiner] = i % 2 === 0 ? [sealed.state, state] : [state, sealed.state]
    }
    expect([mlsWantsCommit(inviter), mlsWantsCommit(joiner)]).toEqual([true, false])
    const renewed = await commit(inviter, joiner)
    expect([mlsWantsCommit(renewed.committer), mlsWantsCommit(renewed.peer)]).toEqual([false, false])
  })
})

describe("a commit", () => {
  it("that is lost and sent again arrives as if at once; sent twice, it is refused the second time", async () => {
    const made = await run(mlsCommit(pair.inviter))
    let inviter = reloaded(made.state)
    const words = seal(inviter, text("meanwhile"))
    inviter = words.state
    const { state: joiner } = open(pair.joiner, words.ciphertext)!
    const applied = reloaded(await run(mlsApply(joiner, made.commit)))
    const before = mlsLayer.encode(applied)
    expect(await isRefused(mlsApply(applied, made.commit))).toBe(true)
    expect(mlsLayer.encode(applied)).toEqual(before)
    expect(read(open(inviter, seal(applied, text("here")).ciphertext)!.plaintext)).toBe("here")
  })

  it("is crossed by messages in both directions", async () => {
    const early = seal(pair.joiner, text("joiner, before"))
    const made = await run(mlsCommit(pair.inviter))
    const mine = seal(made.state, text("inviter, while pending"))
    let joiner = await run(mlsApply(early.state, made.commit))
    const fresh = seal(joiner, text("joiner, after"))
    joiner = open(fresh.state, mine.ciphertext)!.state
    expect(read(open(fresh.state, mine.ciphertext)!.plaintext)).toBe("inviter, while pending")

    // The new epoch's message first, then the old one's.
    const settled = open(reloaded(mine.state), fresh.ciphertext)!
    expect(read(settled.plaintext)).toBe("joiner, after")
    const late = open(settled.state, early.ciphertext)!
    expect(read(late.plaintext)).toBe("joiner, before")
    expect(open(late.state, early.ciphertext)).toBeUndefined()
    expect(open(late.state, fresh.ciphertext)).toBeUndefined()
    const next = seal(late.state, text("inviter, after"))
    expect(next.state.current.number).toBe(2)
    expect(read(open(joiner, next.ciphertext)!.plaintext)).toBe("inviter, after")
  })

  it("leaves four old epochs open, and no fifth", async () => {
    let members: Pair = pair
    const sealed: Array<Uint8Array> = []
    for (let i = 0; i <= MAX_PAST_EPOCHS; i++) {
      const late = seal(members.joiner, text(`from epoch ${i + 1}`))
      sealed.push(late.ciphertext)
      members = await heal({ ...members, joiner: late.state })
    }
    expect(open(members.inviter, sealed[0]!)).toBeUndefined()
    for (let i = 1; i <= MAX_PAST_EPOCHS; i++)
      expect(read(open(members.inviter, sealed[i]!)!.plaintext)).toBe(`from epoch ${i + 1}`)
  })

  it("is refused out of turn, in another epoch, in another group, by its own maker, and altered in any byte", async () => {
    const made = await run(mlsCommit(pair.inviter))
    const elsewhere = (await handshake()).pair
    const healed = await heal(pair)
    for (const state of [pair.inviter, made.state, elsewhere.joiner, elsewhere.inviter, healed.joiner, healed.inviter])
      expect(await isRefused(mlsApply(state, made.commit))).toBe(true)
    for (let at = 0; at < made.commit.length; at += 53) {
      const damaged = made.commit.map((byte, i) => (i === at ? byte ^ 0x10 : byte))
      expect(await isRefused(mlsApply(pair.joiner, damaged))).toBe(true)
    }
    expect(await isRefused(mlsApply(pair.joiner, made.commit.slice(0, -1)))).toBe(true)
    expect(await isRefused(mlsApply(pair.joiner, Uint8Array.of(...made.commit, 0)))).toBe(true)
    // An application message is no commit, and a commit no application message.
    expect(await isRefused(mlsApply(pair.joiner, seal(pair.inviter, text("x")).ciphertext))).toBe(true)
    expect(open(pair.joiner, made.commit, new Uint8Array())).toBeUndefined()
    expect(open(pair.joiner, made.commit)).toBeUndefined()
  })
})

/** What a thief with a copy of a state makes of messages: it opens what it can. */
const thief = (stolen: Uint8Array) => {
  const state = mlsLayer.decode(stolen)!
  return { reads: (ciphertext: Uint8Array): boolean => open(state, ciphertext) !== undefined }
}

/**
 * Whether a commit can be followed with all the secrets of `state` and the leaf key of `holder`: by ts-mls alone, as the
 * member to whom the path is encrypted, and without any of our rules.
 */
const follows = (state: MlsState, holder: MlsState, bytes: Uint8Array): Promise<MlsState | undefined> => {
  const keys = [publicKeyOf(JOINER), publicKeyOf(INVITER)]
  const receiver = otherLeaf(committerOf(state.current.number))
  const attempt = mls((suite) =>
    withGroup(holder.current, seedOf(0), config(crypto, keys), (other) =>
      withGroup(state.current, seedOf(0), config(crypto, keys), async (group) => {
        const key = other.privatePath.privateKeys[2 * holder.leaf]!
        const privatePath = { leafIndex: receiver, privateKeys: { [2 * receiver]: key } }
        const message = decodeMlsMessage(bytes, 0)![0]
        if (message.wireformat !== "mls_private_message") throw new Error("another wire format")
        const asReceiver = { ...group, privatePath }
        const { newState } = await processPrivateMessage(asReceiver, message.privateMessage, emptyPskIndex, suite)
        return { ...state, leaf: receiver, current: epochOf(newState), past: [] }
      }),
    ),
  )
  return run(Effect.orElseSucceed(attempt, () => undefined))
}

describe("after a leak", () => {
  it("there is nothing in a state that no later step needs", async () => {
    const { joiner, inviter } = await heal(await heal(pair))
    for (const { current, leaf } of [joiner, inviter]) {
      const group = decodeGroupState(current.group, 0)![0]
      expect(Object.keys(group.privatePath.privateKeys)).toEqual([`${2 * leaf}`])
      const kept = Object.entries(group.keySchedule).filter(([, secret]) => secret.length > 0)
      expect(kept.map(([name]) => name)).toEqual(["initSecret"])
      const ratchets = group.secretTree.flatMap(({ application, handshake }) => [application, handshake])
      const committer = 4 * committerOf(current.number) + 1
      expect(ratchets.map(({ secret }) => secret.length)).toEqual(
        [0, 1, 2, 3, 4, 5].map((i) => (i === committer ? 64 : 0)),
      )
      expect([group.signaturePrivateKey.length, group.historicalReceiverData.size]).toEqual([0, 0])
    }
  })

  it("what was opened before stays closed, also when a message before it was lost", () => {
    const sent = [0, 1, 2].reduce<{ state: MlsState; all: Array<Uint8Array> }>(
      ({ all, state }, i) => {
        const sealed = seal(state, text(`${i}`))
        return { state: sealed.state, all: [...all, sealed.ciphertext] }
      },
      { state: pair.joiner, all: [] },
    )
    // The key kept for 0 must not lead to those of 1 and 2.
    let inviter = open(pair.inviter, sent.all[1]!)!.state
    inviter = open(inviter, sent.all[2]!)!.state
    const encoded = mlsLayer.encode(inviter)
    expect(sent.all.map(thief(encoded).reads)).toEqual([true, false, false])
    expect(contains(encoded, pair.inviter.current.peer.secret)).toBe(false)
    expect(contains(encoded, inviter.current.peer.secret)).toBe(true)
  })

  it("of the peer's state, one's own commit does not shut the thief out, but both commits do", async () => {
    const stolen = pair.joiner
    // The inviter's commit is encrypted to the joiner's leaf, whose key the thief has: so it reads on.
    const first = await commit(pair.inviter, pair.joiner)
    const shadow = await follows(stolen, stolen, first.bytes)
    const reply = seal(first.peer, text("seen"))
    const inviter = open(first.committer, reply.ciphertext)!.state
    expect(shadow && open(shadow, seal(inviter, text("open")).ciphertext)).toBeDefined()

    // The joiner's commit renews that key, and is encrypted to the inviter's, which the inviter's commit has renewed.
    const second = await commit(reply.state, inviter)
    expect(await follows(shadow!, stolen, second.bytes)).toBeUndefined()
    expect(await follows(shadow!, inviter, second.bytes)).toBeDefined()
    const answer = seal(second.peer, text("closed"))
    const joiner = open(second.committer, answer.ciphertext)!.state
    const third = await heal({ joiner, inviter: answer.state })
    const later = [answer, seal(joiner, text("")), seal(third.inviter, text("")), seal(third.joiner, text(""))]
    for (const leaked of [stolen, shadow!]) {
      const { reads } = thief(mlsLayer.encode(leaked))
      expect(later.map(({ ciphertext }) => reads(ciphertext))).toEqual([false, false, false, false])
    }
  })

  it("of the committer's state, its commit shuts the thief out at once", async () => {
    const { bytes, committer, peer } = await commit(pair.inviter, pair.joiner)
    expect(await follows(pair.inviter, pair.inviter, bytes)).toBeUndefined()
    expect(await follows(pair.inviter, pair.joiner, bytes)).toBeDefined()
    const reply = seal(peer, text("closed"))
    const settled = open(committer, reply.ciphertext)!.state
    const { reads } = thief(mlsLayer.encode(pair.inviter))
    expect([reply, seal(settled, text(""))].map(({ ciphertext }) => reads(ciphertext))).toEqual([false, false])
  })
})

const contains = (bytes: Uint8Array, part: Uint8Array): boolean => {
  for (let at = 0; at + part.length <= bytes.length; at++)
    if (part.every((byte, i) => bytes[at + i] === byte)) return true
  return false
}
