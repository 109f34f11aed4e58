/**
 * A peer without our engine: what a row of the engine cannot go below on the machine at hand. It does what the promises force and
 * nothing else: contents and frames encoded, every frame kept until it is acknowledged, the layers' states written once a commit,
 * transmitted and told after the commit, acknowledged after the commit in a sealed frame of its own. While a commit is under way
 * the next batch is computed. No statechart, no interpreter, no recovery, no bounds, no repetition, no second contact.
 */
import * as Effect from "effect/Effect"
import { turns } from "../../src/adapters/turns.ts"
import { entry } from "../../src/core/contact/records.ts"
import { type Content, content } from "../../src/core/content.ts"
import { Crypto, type CryptoService } from "../../src/core/crypto/crypto.ts"
import { decodeFrame, encodeFrame } from "../../src/core/frame.ts"
import { LAYER_NAMES } from "../../src/core/layers/cascade.ts"
import type { SottoState, sottoCascade } from "../../src/core/layers/profile.ts"
import type { StoreService } from "../../src/core/store.ts"

export type Carrier = Pick<typeof sottoCascade, "encode" | "open" | "seal">

export interface MinimalOptions {
  readonly store: StoreService
  readonly crypto: CryptoService
  readonly cascade: Carrier
  readonly state: SottoState
  readonly transmit: (frame: Uint8Array) => void
  readonly told: (text: string) => void
  /** So many are sealed or opened before they are handed to a commit. */
  readonly together: number
}

export interface Minimal {
  /** Resolves when the other side is known to have it durably. */
  readonly send: (text: string) => Promise<void>
  readonly heard: (frame: Uint8Array) => void
  /** How many commits there were. */
  readonly commits: () => number
}

type Job = { readonly text: string; readonly answer: () => void } | { readonly frame: Uint8Array } | "acknowledge"

/** What is computed and not yet handed to a commit. */
interface Pending {
  state: SottoState
  readonly records: Map<string, Uint8Array | undefined>
  readonly frames: Array<Uint8Array>
  readonly texts: Array<string>
  readonly answers: Array<() => void>
}

const HOST = "host"

export const minimalPeer = (options: MinimalOptions): Minimal => {
  const { cascade, crypto, store, together, told, transmit } = options
  const jobs: Array<Job> = []
  const waiting = new Map<number, () => void>()
  let state = options.state
  let [written, had, acknowledged, version, commits] = [0, 0, 0, 0, 0]
  let pending: Pending | undefined
  let computing = false
  let committing = false

  const settle = Effect.fnUntraced(function* (job: Job, into: Pending) {
    if (typeof job === "object" && "frame" in job) {
      const frame = decodeFrame(job.frame)
      if (frame?.kind !== "sealed") return
      const opened = yield* cascade.open(state, frame.ciphertext)
      state = opened.state
      const said = content.decode(opened.content)
      if (said?.kind === "acknowledgement") {
        for (; acknowledged < said.upTo; acknowledged++) {
          into.records.set(`frame/${acknowledged}`, undefined)
          into.answers.push(waiting.get(acknowledged)!)
          waiting.delete(acknowledged)
        }
      }
      if (said?.kind !== "text" || said.number !== had) return
      const kept = { mine: false, id: said.id, number: had, at: said.at, text: said.text, gap: 0 }
      into.records.set(`history/theirs/${had}`, entry.encode(kept))
      had += 1
      into.texts.push(said.text)
      return
    }
    if (job === "acknowledge") return yield* sealing({ kind: "acknowledgement", upTo: had, also: [] }, into)
    const { answer, text } = job
    const said = { id: crypto.random(16), number: written, at: Date.now(), text }
    const frame = yield* sealing({ kind: "text", ...said }, into)
    into.records.set(`frame/${written}`, frame)
    into.records.set(`history/mine/${written}`, entry.encode({ mine: true, gap: 0, ...said }))
    waiting.set(written, answer)
    written += 1
  })

  const sealing = Effect.fnUntraced(function* (said: Content, into: Pending) {
    const sealed = yield* cascade.seal(state, content.encode(said))
    state = sealed.state
    const frame = encodeFrame({ kind: "sealed", ciphertext: sealed.ciphertext })
    into.frames.push(frame)
    return frame
  })

  const batch = Effect.gen(function* () {
    const into: Pending = { state, records: new Map(), frames: [], texts: [], answers: [] }
    for (const job of jobs.splice(0, together)) yield* settle(job, into)
    return into
  }).pipe(Effect.provideService(Crypto, crypto), Effect.orDie)

  const compute = async (): Promise<void> => {
    if (computing) return
    computing = true
    // What is asked in one turn belongs together.
    await Promise.resolve()
    while (jobs.length > 0) {
      const more = await Effect.runPromiseWith(turns())(batch)
      if (pending === undefined) pending = more
      else {
        for (const [record, bytes] of more.records) pending.records.set(record, bytes)
        pending.frames.push(...more.frames)
        pending.texts.push(...more.texts)
        pending.answers.push(...more.answers)
      }
      pending.state = state
      void commit()
    }
    computing = false
  }

  const commit = async (): Promise<void> => {
    if (committing) return
    committing = true
    while (pending !== undefined) {
      const { answers, frames, records, state, texts } = pending
      pending = undefined
      const encoded = cascade.encode(state)
      for (const layer of LAYER_NAMES) records.set(`layer/${layer}`, encoded[layer])
      const row = { value: "established", context: { written, had, acknowledged }, timers: [] } as const
      const rows = new Map([["session/main", row]] as const)
      const change = { host: HOST, expected: version, rows, records, outward: [], confirmed: [] }
      await Effect.runPromiseWith(turns())(store.commit(change))
      version += 1
      commits += 1
      frames.forEach(transmit)
      texts.forEach(told)
      for (const answer of answers) answer()
      if (texts.length > 0 && !jobs.includes("acknowledge")) take("acknowledge")
    }
    committing = false
  }

  const take = (job: Job): void => {
    jobs.push(job)
    void compute()
  }

  return {
    send: (text) => new Promise((answer) => take({ text, answer })),
    heard: (frame) => take({ frame }),
    commits: () => commits,
  }
}

/** Sends this many with so many under way at a time, until the last is known to be had. */
export const streamMinimal = async (peer: Minimal, text: string, count: number, inFlight: number): Promise<void> => {
  let started = 0
  const one = async (): Promise<void> => {
    while (started < count) {
      started += 1
      await peer.send(text)
    }
  }
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, one))
}
