/** Small profiles in memory, and files of them made with a stretching that costs nothing. */
import * as Effect from "effect/Effect"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { restoreBackup, writeBackup } from "../../../src/core/backup/backup.ts"
import type { DeriveKey } from "../../../src/core/backup/derive.ts"
import { BackupRefused } from "../../../src/core/backup/problem.ts"
import type { BackupSecrets } from "../../../src/core/backup/secret.ts"
import { eraseHalfRestored } from "../../../src/core/backup/stage.ts"
import { SESSION } from "../../../src/core/contact/machines.ts"
import {
  about,
  countedFor,
  entry,
  outgoing,
  placeOf,
  RECORD,
  recoverySecrets,
} from "../../../src/core/contact/records.ts"
import { content } from "../../../src/core/content.ts"
import { concat, u32be, utf8 } from "../../../src/core/crypto/bytes.ts"
import type { CryptoService } from "../../../src/core/crypto/crypto.ts"
import { SottoError } from "../../../src/core/errors.ts"
import { ownStatics } from "../../../src/core/handshake/own-keys.ts"
import { staticPublic } from "../../../src/core/handshake/static-keys.ts"
import { toHex } from "../../../src/core/hex.ts"
import { begin, toRest } from "../../../src/core/host/step.ts"
import { saveProfile } from "../../../src/core/messenger/own-profile.ts"
import type { StoreService } from "../../../src/core/store.ts"
import type { Argon2Parameters } from "../../../src/core/vault/argon2.ts"
import { session } from "../../../src/machines/session.ts"
import { makeDice } from "../../../src/spec/simulation/dice.ts"

export const CHEAP: Argon2Parameters = { memory: 64, passes: 1, lanes: 1 }

/** Stands in for Argon2id where a hundred thousand files are opened. As with the real one, everything said goes into it. */
export const cheap =
  (crypto: CryptoService): DeriveKey =>
  (passphrase, salt, { lanes, memory, passes }) =>
    Effect.sync(() => crypto.sha256(concat(utf8(passphrase), salt, u32be(memory), u32be(passes), u32be(lanes))))

/** Does something with a store that is opened for it alone. */
export const withStore = <A, E>(shelves: Shelves, use: (store: StoreService) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(memory(shelves).open, use)) as Effect.Effect<A, E>)

export const fileOf = (crypto: CryptoService, shelves: Shelves, secrets: BackupSecrets): Promise<Uint8Array> =>
  withStore(shelves, (store) =>
    Effect.gen(function* () {
      const derivation = { derive: cheap(crypto), parameters: CHEAP }
      const next = yield* writeBackup({ crypto, store, secrets, at: 1_900_000_000_000, derivation })
      const parts: Array<Uint8Array> = []
      for (let part = yield* next; part !== undefined; part = yield* next) parts.push(part)
      return concat(...parts)
    }),
  )

/** What restoring came to: "restored", or why not. */
export const attempt = (
  crypto: CryptoService,
  store: StoreService,
  file: Uint8Array | ReadonlyArray<Uint8Array>,
  secrets: BackupSecrets,
  derive: DeriveKey = cheap(crypto),
): Effect.Effect<string> => {
  const parts = file instanceof Uint8Array ? [file] : [...file]
  return restoreBackup({ crypto, store, derive, secrets, file: Effect.sync(() => parts.shift()) }).pipe(
    Effect.as("restored"),
    Effect.catch((failure) =>
      Effect.as(
        Effect.orDie(eraseHalfRestored(store)),
        failure instanceof BackupRefused ? failure.reason : failure instanceof SottoError ? failure.code : failure._tag,
      ),
    ),
  )
}

export const restoreOnto = async (
  crypto: CryptoService,
  file: Uint8Array | ReadonlyArray<Uint8Array>,
  secrets: BackupSecrets,
): Promise<{ readonly outcome: string; readonly shelves: Shelves }> => {
  const shelves = makeShelves()
  return { outcome: await withStore(shelves, (store) => attempt(crypto, store, file, secrets)), shelves }
}

export interface MadeUp {
  readonly seed: number
  readonly contacts: number
  readonly messages: number
  /** How many of our messages wait. */
  readonly waiting: number
  readonly standing?: "open" | "paused" | "blocked" | "blockedPaused"
}

const VALUES = {
  open: { established: "open" },
  paused: { established: "paused" },
  blocked: { blocked: "decided" },
  blockedPaused: { blocked: "undecided" },
} as const

/** A profile as the engine would have left it, with keys that are merely random. */
export const madeUp = (wanted: MadeUp): Promise<Shelves> => {
  const { contacts, messages, seed, standing = "open", waiting } = wanted
  const dice = makeDice(seed)
  const random = (length: number) => Uint8Array.from({ length }, () => dice.upTo(255))
  const shelves = makeShelves()
  const commit = (
    store: StoreService,
    host: string,
    records: ReadonlyArray<readonly [string, Uint8Array]>,
    rows = {},
  ) =>
    store.commit({
      host,
      expected: shelves.hosts.get(host)?.version ?? 0,
      rows: new Map(Object.entries(rows)) as never,
      records: new Map(records),
      outward: [],
      confirmed: [],
    })
  return Effect.gen(function* () {
    const store = yield* memory(shelves).open
    yield* saveProfile(store, { name: `Profile ${seed}`, readReceipts: false })
    for (let c = 0; c < contacts; c++) {
      const id = toHex(random(16))
      const at = 1_800_000_000_000 + c
      const mine = Math.floor(messages / 2)
      const records: Array<readonly [string, Uint8Array]> = [
        [
          RECORD.about,
          about.encode({
            role: c % 2 === 0 ? "inviter" : "joiner",
            createdAt: at,
            pairedAt: at + 1,
            name: `Contact ${c}`,
            own: [{ kind: "memory", at: random(16) }],
            peer: [{ kind: "memory", at: random(16) }],
          }),
        ],
        [
          RECORD.ownStatics,
          ownStatics.encode({ signalIdentity: random(32), mlsSignature: random(32), kem: random(32) }),
        ],
        [
          RECORD.peerStatics,
          staticPublic.encode({ signalIdentity: random(32), mlsSignature: random(32), kem: random(1216) }),
        ],
        [RECORD.recovery, recoverySecrets.encode([{ id: random(16), secret: random(32) }])],
        [RECORD.ownName, utf8(`Profile ${seed}`)],
        // What must stay behind.
        ["layer/mls", concat(utf8(CANARY), random(64))],
        ["layer/transcript", concat(utf8(CANARY), random(16))],
        ["frame/3", concat(utf8(CANARY), random(64))],
        ["rekey/pending", concat(utf8(CANARY), random(64))],
        ["seen/0000000001", concat(utf8(CANARY), random(8))],
        ["handshake/confirm", concat(utf8(CANARY), random(64))],
      ]
      for (let m = 0; m < messages; m++) {
        const isMine = m % 2 === 1
        const number = Math.floor(m / 2)
        const text = `${m}: ${"word ".repeat(dice.upTo(40))}`
        const said = { id: random(16), number, at: at + m, text }
        const timer =
          m % 5 === 0 ? { timer: { after: 60_000, from: "reading" as const }, due: at + m + 90_000_000 } : {}
        records.push(
          [RECORD.history(m), entry.encode({ ...said, mine: isMine, gap: 0, ...timer })],
          [RECORD.message(toHex(said.id)), placeOf.encode(m)],
        )
        if (timer.due !== undefined) records.push([RECORD.expiry(timer.due, m), countedFor.encode(60_000)])
        if (isMine && number >= mine - waiting) {
          records.push([
            RECORD.outgoing(number),
            outgoing.encode({ content: content.encode({ kind: "text", ...said }) }),
          ])
        }
      }
      const context = {
        ...(toRest(begin(session, { role: c % 2 === 0 ? "inviter" : "joiner" }).snapshot).context as object),
        written: mine,
        released: mine,
        next: messages - mine,
        history: messages,
        peerHas: mine - waiting,
        peerRead: mine - waiting,
        userRead: messages - mine,
        readTold: messages - mine,
      }
      yield* commit(store, id, records, {
        [SESSION]: { value: { conversation: VALUES[standing], acknowledging: "idle" }, context, timers: [] },
      })
    }
    return shelves
  }).pipe(Effect.scoped, Effect.orDie, Effect.runPromise)
}

/** Stands in every record that a backup must not hold. */
export const CANARY = "ratchet-state-canary"

/** What of a profile a backup is about, to be compared. */
export const kept = (shelves: Shelves): unknown =>
  [...shelves.hosts]
    .map(([id, { records, rows }]) => {
      const text = rows.get(SESSION)
      const { history, next, peerHas, peerRead, readTold, unread, userRead, written } =
        text === undefined ? ({} as Record<string, number>) : JSON.parse(text).context
      return {
        id,
        counters: { history, next, peerHas, peerRead, readTold, unread, userRead, written },
        records: [...records]
          .filter(
            ([record]) =>
              record === "profile" ||
              /^(about|own-name|keys\/|history\/|outgoing\/|outcome\/|message\/|expiry\/|timer|clock|cleared)/.test(
                record,
              ),
          )
          .map(([record, bytes]) => [record, Buffer.from(bytes).toString("hex")] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
