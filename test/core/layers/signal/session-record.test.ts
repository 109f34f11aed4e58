/** Several sessions with one peer: who writes in which, and how many are kept. */
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import type { KeyPair } from "../../../../src/core/crypto/crypto.ts"
import { onlyThese } from "../../../../src/core/layers/signal/establish.ts"
import { signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { isPreKeyMessage } from "../../../../src/core/layers/signal/pre-key-message.ts"
import { generatePreKeys, type PreKeySecrets } from "../../../../src/core/layers/signal/pre-keys.ts"
import { ANSWER_DEADLINE } from "../../../../src/core/layers/signal/session.ts"
import {
  beginSession,
  decodeSessionRecord,
  encodeSessionRecord,
  expireSessions,
  MAX_ARCHIVED_SESSIONS,
  NO_SESSIONS,
  readMessage,
  type SessionRecord,
  writeMessage,
} from "../../../../src/core/layers/signal/session-record.ts"
import { attempt, flipped, hex, newIdentity, run, text } from "./people.ts"

interface Person {
  readonly identity: KeyPair
  record: SessionRecord
  secrets: PreKeySecrets
}

const person = (): Person => {
  const identity = newIdentity()
  return { identity, record: NO_SESSIONS, secrets: run(generatePreKeys({ identity, id: 1 })).secrets }
}

const begin = (from: Person, to: Person, id: number): void => {
  const { bundle, secrets } = run(generatePreKeys({ identity: to.identity, id }))
  to.secrets = secrets
  from.record = run(beginSession(from.record, { identity: from.identity, peer: to.identity.publicKey, bundle })).record
}

const write = (from: Person, words: string, now = 0): Uint8Array => {
  const { message, record } = run(writeMessage(from.record, text(words)), now)
  from.record = record
  return message
}

const read = (to: Person, from: Person, message: Uint8Array): string | undefined => {
  const before = hex(encodeSessionRecord(to.record))
  const found = attempt(
    readMessage(to.record, {
      identity: to.identity,
      peer: from.identity.publicKey,
      preKeys: onlyThese(to.secrets),
      message,
    }),
  )
  expect(hex(encodeSessionRecord(to.record))).toBe(before)
  if (found === undefined) return undefined
  to.record = decodeSessionRecord(encodeSessionRecord(found.record))!
  expect(to.record).toEqual(found.record)
  return new TextDecoder().decode(found.plaintext)
}

const couple = () => [person(), person()] as const

describe("sessions with one peer", () => {
  it("that both begin at once come to be one", () => {
    const [alice, bob] = couple()
    begin(alice, bob, 1)
    begin(bob, alice, 2)
    const [fromAlice, fromBob] = [write(alice, "a"), write(bob, "b")]
    expect(read(bob, alice, fromAlice)).toBe("a")
    expect(read(alice, bob, fromBob)).toBe("b")
    // Each has two by now, and writes in the one that the other began.
    expect([alice, bob].map(({ record }) => record.archived.length)).toEqual([1, 1])
    for (let i = 0; i < 3; i++) {
      expect(read(bob, alice, write(alice, `${i}`))).toBe(`${i}`)
      expect(read(alice, bob, write(bob, `${i}`))).toBe(`${i}`)
    }
    expect([write(alice, "settled"), write(bob, "settled")].map(isPreKeyMessage)).toEqual([false, false])
    expect([alice, bob].map(({ record }) => record.archived.length)).toEqual([1, 1])
  })

  it("are kept up to their number, and a message in a former one makes it the current", () => {
    const [alice, bob] = couple()
    const former: Array<SessionRecord> = []
    for (let i = 1; i <= MAX_ARCHIVED_SESSIONS + 2; i++) {
      begin(alice, bob, i)
      expect(read(bob, alice, write(alice, "hello"))).toBe("hello")
      expect(read(alice, bob, write(bob, "hello"))).toBe("hello")
      former.push(alice.record)
    }
    expect(alice.record.archived).toHaveLength(MAX_ARCHIVED_SESSIONS)
    expect(bob.record.archived).toHaveLength(MAX_ARCHIVED_SESSIONS)
    const readsFrom = (index: number) => {
      const thief = { ...alice, record: former[index]! }
      return read({ ...bob }, alice, write(thief, "from afar"))
    }
    expect(readsFrom(0)).toBeUndefined()
    expect(readsFrom(1)).toBe("from afar")
    alice.record = former[5]!
    expect(read(bob, alice, write(alice, "again"))).toBe("again")
    expect(bob.record.archived).toHaveLength(MAX_ARCHIVED_SESSIONS)
    expect(read(alice, bob, write(bob, "in the same"))).toBe("in the same")
  })

  it("begin once from one prekey message", () => {
    const [alice, bob] = couple()
    begin(alice, bob, 1)
    const first = write(alice, "once")
    const second = write(alice, "twice")
    expect(read(bob, alice, first)).toBe("once")
    expect(read(bob, alice, first)).toBeUndefined()
    expect(read(bob, alice, second)).toBe("twice")
    expect(bob.record.archived).toEqual([])
  })

  it("that nobody answers are over after their time, and there is none to write in", () => {
    const [alice, bob] = couple()
    expect(() => write(alice, "to whom?")).toThrow()
    begin(alice, bob, 1)
    expect(read(bob, alice, write(alice, "there?", ANSWER_DEADLINE))).toBe("there?")
    const result = run(
      Effect.match(writeMessage(alice.record, text("still?")), {
        onFailure: ({ _tag }) => _tag,
        onSuccess: () => "ok",
      }),
      ANSWER_DEADLINE + 1,
    )
    expect(result).toBe("NoSession")
    expect(expireSessions(alice.record, ANSWER_DEADLINE + 1)).toEqual(NO_SESSIONS)
    expect(expireSessions(bob.record, ANSWER_DEADLINE + 1)).toEqual(bob.record)
  })
})

describe("their record", () => {
  const [alice, bob] = couple()
  begin(alice, bob, 1)
  read(bob, alice, write(alice, "hello"))
  begin(alice, bob, 2)

  it("comes back, and damaged is none or another whole one", () => {
    expect(decodeSessionRecord(encodeSessionRecord(NO_SESSIONS))).toEqual(NO_SESSIONS)
    const encoded = encodeSessionRecord(alice.record)
    expect(decodeSessionRecord(encoded)).toEqual(alice.record)
    for (let bit = 0; bit < encoded.length * 8; bit += 97) {
      const damaged = flipped(encoded, bit)
      const back = decodeSessionRecord(damaged)
      if (back !== undefined) expect(hex(encodeSessionRecord(back))).toBe(hex(damaged))
    }
    expect(decodeSessionRecord(encoded.slice(0, -1))).toBeUndefined()
    expect(signalLayer.view(alice.record.current!).state).toBe("initiating")
  })
})
