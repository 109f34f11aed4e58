/** What is measured inside a page: the cascade over the browser's primitives beside the same in JavaScript alone, and a pairing. */

import * as Effect from "effect/Effect"
import { defaultCrypto } from "../../src/adapters/crypto/default.ts"
import { systemRandom } from "../../src/adapters/crypto/random.ts"
import { Crypto, type CryptoService } from "../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { complete, offer } from "../../src/core/handshake/agree.ts"
import { makeHello } from "../../src/core/handshake/messages.ts"
import { packagePairs } from "../../src/core/layers/mls/establish.ts"
import { acquainted, inviterKeys, join, MESSAGE_BYTES, prepareWith, repeat, run, throughCascade } from "./ours.ts"

/** Microseconds a message, round by round: over the browser's primitives, and over noble's. */
export const cascades = async (rounds: number, warmMs: number) => {
  const suppliers = [defaultCrypto(), nobleCrypto(systemRandom)] as const
  const messages = []
  for (const supplier of suppliers) {
    const message = throughCascade(await run(acquainted(), supplier), new Uint8Array(MESSAGE_BYTES))
    const take = async (times: number) => {
      const start = performance.now()
      await run(repeat(message, times), supplier)
      return (1_000 * (performance.now() - start)) / times
    }
    for (const end = performance.now() + warmMs; performance.now() < end; ) await take(10)
    messages.push(take)
  }
  const [browser, noble] = messages as [(times: number) => Promise<number>, (times: number) => Promise<number>]
  const taken: Array<readonly [number, number]> = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await browser(150)
      taken.push([first, await noble(30)])
    } else {
      const second = await noble(30)
      taken.push([await browser(150), second])
    }
  }
  return { supplier: suppliers[0].name, taken }
}

let alone: Effect.Effect<void, unknown, Crypto> | undefined

/** Microseconds a message over the browser's primitives, among two that are acquainted once. */
export const bare = async (times: number): Promise<number> => {
  const supplier = defaultCrypto()
  if (alone === undefined) {
    alone = throughCascade(await run(acquainted(), supplier), new Uint8Array(MESSAGE_BYTES))
    await run(repeat(alone, times), supplier)
  }
  const start = performance.now()
  await run(repeat(alone, times), supplier)
  return (1_000 * (performance.now() - start)) / times
}

/**
 * Milliseconds of each side's part in a pairing: the inviter's keys and its answer to the Accept; the joiner's Accept. Then the same
 * with what is made ahead, which is not counted: the invite, and the joiner's Accept.
 */
export const pairings = async (rounds: number) => {
  const supplier: CryptoService = defaultCrypto()
  const once = Effect.fnUntraced(function* (isAhead: boolean) {
    const crypto = yield* Crypto
    const [keys, pairs] = isAhead ? [yield* inviterKeys, yield* packagePairs] : []
    let [inviterTime, joinerTime] = [0, 0]
    let start = performance.now()
    const lap = () => {
      const now = performance.now()
      const time = now - start
      start = now
      return time
    }
    const inviter = yield* prepareWith(keys)
    inviterTime += lap()
    const inviteTime = inviterTime
    const hello = makeHello(crypto, inviter.pairing, crypto.random(32))
    joinerTime += lap()
    const heard = { pairing: inviter.pairing, hello, binding: undefined }
    const bundle = offer(crypto, heard, inviter.prepared)
    inviterTime += lap()
    const joined = yield* join(inviter, hello, bundle, pairs)
    joinerTime += lap()
    yield* complete({ ...heard, bundle }, inviter.own, inviter.prepared, joined.accept)
    inviterTime += lap()
    return { inviter: inviterTime, joiner: joinerTime, invite: inviteTime }
  })
  for (let i = 0; i < 5; i++) await run(once(i % 2 === 0), supplier)
  const taken = []
  for (let round = 0; round < rounds; round++) {
    taken.push({ now: await run(once(false), supplier), ahead: await run(once(true), supplier) })
  }
  return taken
}
