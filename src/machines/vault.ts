/**
 * A vault's life: made, locked, opened, and locked again by the user or after a while without them. It knows neither keys nor
 * passphrases, only how often a wrong one came. Docs: storage.md, "Locking".
 */
import { assign, setup } from "xstate"
import { perform } from "../core/host/command.ts"

/** Wrong tries that cost nothing: a person mistypes. */
export const FREE_TRIES = 4
/** The wait after the first try that is not free; it doubles with each. */
export const FIRST_WAIT = 8_000
/** A wait does not grow longer: an owner who comes back must get in. */
export const LONGEST_WAIT = 15 * 60_000

/** How long nothing is tried after so many wrong tries in a row, in milliseconds. */
export const waitAfter = (wrong: number): number =>
  wrong <= FREE_TRIES ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(wrong - FREE_TRIES - 1, 10))

/** As long as never: ten years. */
const NEVER = 10 * 365 * 24 * 3_600_000

/** What it remembers: counters and names, no key and no text. */
export interface VaultContext {
  /** Whether there is a vault yet. */
  readonly made: boolean
  /** Wrong tries in a row. */
  readonly wrong: number
  /** How long nothing is tried, in milliseconds: the whole wait, or what the last process left of it. */
  readonly wait: number
  /** Locks after so long without the user, in milliseconds; null: never by itself. */
  readonly autoLock: number | null
}

/** What is known before it begins. */
export interface VaultInput {
  /** Whether there is a vault. */
  readonly made: boolean
  /** Wrong tries since the last right one. */
  readonly wrong: number
  /** Milliseconds until the next try. */
  readonly wait: number
}

/** What can happen to it. */
export type VaultEvent =
  | { readonly type: "UnlockAsked" }
  | { readonly type: "Unlocked"; readonly autoLock: number | null }
  /** `wrong`: in a row, this one included. */
  | { readonly type: "KeyRefused"; readonly wrong: number }
  /** Another tab or process has left a wait. */
  | { readonly type: "WaitFound"; readonly wrong: number; readonly wait: number }
  /** No key was tried: the user changed their mind, or the storage did not answer. */
  | { readonly type: "UnlockFailed" }
  | { readonly type: "UserActive" }
  | { readonly type: "AutoLockChosen"; readonly after: number | null }
  | { readonly type: "LockAsked" }
  | { readonly type: "Locked" }
  /** The storage went away by itself: nothing is open any more. */
  | { readonly type: "StorageLost" }

/** What seals the storage. */
export const vault = setup({
  types: { context: {} as VaultContext, events: {} as VaultEvent, input: {} as VaultInput },
  actions: {
    /** Asks for a key and tries it. */
    tryUnlock: perform<object>(),
    /** Closes what is open and wipes the keys. */
    closeAll: perform<object>(),
  },
  guards: {
    isMade: ({ context }) => context.made,
    mustWait: ({ context }) => context.made && context.wait > 0,
    willWait: ({ event }) => event.type === "KeyRefused" && waitAfter(event.wrong) > 0,
    locksItself: ({ context }) => context.autoLock !== null,
  },
  delays: {
    wait: ({ context }) => context.wait,
    idle: ({ context }) => context.autoLock ?? NEVER,
  },
}).createMachine({
  id: "vault",
  initial: "found",
  context: ({ input }) => ({ made: input.made, wrong: input.wrong, wait: input.wait, autoLock: null }),
  states: {
    found: {
      description: "What the storage holds decides where it begins.",
      always: [
        { guard: "mustWait", target: "delayed" },
        { guard: "isMade", target: "locked" },
        { target: "uninitialised" },
      ],
    },
    uninitialised: {
      description: "There is no vault yet: the first unlock makes one.",
      on: { UnlockAsked: "unlocking" },
    },
    locked: {
      description: "Everything is sealed, and no key is in memory.",
      on: { UnlockAsked: "unlocking" },
    },
    delayed: {
      description: "Too many wrong tries in a row: nothing is tried until the wait is over.",
      after: { wait: "locked" },
    },
    unlocking: {
      description: "A person is asked for a key, and it is tried.",
      entry: { type: "tryUnlock", params: {} },
      on: {
        Unlocked: {
          target: "open",
          actions: assign({ made: true, wrong: 0, wait: 0, autoLock: ({ event }) => event.autoLock }),
        },
        KeyRefused: [
          {
            guard: "willWait",
            target: "delayed",
            actions: assign({ wrong: ({ event }) => event.wrong, wait: ({ event }) => waitAfter(event.wrong) }),
          },
          { target: "locked", actions: assign({ wrong: ({ event }) => event.wrong, wait: 0 }) },
        ],
        WaitFound: {
          target: "delayed",
          actions: assign({ wrong: ({ event }) => event.wrong, wait: ({ event }) => event.wait }),
        },
        UnlockFailed: [{ guard: "isMade", target: "locked" }, { target: "uninitialised" }],
      },
    },
    open: {
      description: "Unlocked. It locks when it is asked to, and by itself after a while without its user.",
      after: { idle: { guard: "locksItself", target: "locking" } },
      on: {
        UserActive: { target: "open", reenter: true },
        AutoLockChosen: { target: "open", reenter: true, actions: assign({ autoLock: ({ event }) => event.after }) },
        LockAsked: "locking",
        StorageLost: "locked",
      },
    },
    locking: {
      description: "Conversations and the storage are being closed, keys and caches wiped.",
      entry: { type: "closeAll", params: {} },
      on: { Locked: "locked" },
    },
  },
})
