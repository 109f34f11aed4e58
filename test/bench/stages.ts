/** What one message passes through, stage by stage, on the side where this runs: in a page, by its clock. */
import * as Effect from "effect/Effect"
import { sottoCascade } from "../../src/core/layers/profile.ts"
import type { Storage } from "../../src/core/store.ts"

export const STAGES = ["seal", "open", "commit", "look"] as const
export type Stage = (typeof STAGES)[number]

/** One stage that was passed; milliseconds of the machine's clock. */
export interface Passed {
  readonly stage: Stage
  readonly began: number
  readonly ended: number
}

export const clock = (): number => performance.timeOrigin + performance.now()

const passed: Array<Passed> = []

const timed = <A, E, R>(stage: Stage, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const began = clock()
    return Effect.ensuring(
      effect,
      Effect.sync(() => void passed.push({ stage, began, ended: clock() })),
    )
  })

/** Times what is asked of a storage. */
export const timedStorage = (storage: Storage): Storage => ({
  ...storage,
  open: Effect.map(storage.open, (store) => ({
    ...store,
    commit: (batch) => timed("commit", store.commit(batch)),
    read: (host, record) => timed("look", store.read(host, record)),
    list: (host, range) => timed("look", store.list(host, range)),
  })),
})

/** Times the four layers, for the rest of the process. */
export const timeLayers = (): void => {
  const cascade = sottoCascade as { -readonly [K in keyof typeof sottoCascade]: (typeof sottoCascade)[K] }
  const { open, seal } = sottoCascade
  cascade.seal = (state, content) => timed("seal", seal(state, content))
  cascade.open = (state, ciphertext) => timed("open", open(state, ciphertext))
}

/** All that was passed since it was last asked. */
export const takePassed = (): ReadonlyArray<Passed> => passed.splice(0)

/** Milliseconds in a stage, of what lay within a span. */
export const within = (all: ReadonlyArray<Passed>, stage: Stage, from: number, to: number): number =>
  all
    .filter((one) => one.stage === stage && one.began >= from && one.ended <= to)
    .reduce((sum, { began, ended }) => sum + ended - began, 0)
