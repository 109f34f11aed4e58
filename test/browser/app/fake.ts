/**
 * A messenger that holds everything in memory and does what a test tells it: for looking at screens and states that are hard
 * to reach with two real devices. Built into the test's copy of the app by an alias; never part of the app.
 */
import { SottoError } from "../../../src/core/errors.ts"
import type {
  BackupSecrets,
  Contact,
  InspectedTransition,
  Invite,
  InviteState,
  Messenger,
  MessengerEvent,
  MessengerOptions,
  MessengerStatus,
  MessengerStorage,
  Settings,
  StorageHealth,
  VaultView,
} from "../../../src/face.ts"
import { contacts, makeContact } from "./fake-contact.ts"
import { type Cell, cell, channel, handCode, qr, streamed } from "./fake-values.ts"
import { people } from "./people.ts"

export * from "../../../src/core/errors.ts"

const makeInvite = (byHand: boolean, invites: Cell<ReadonlyArray<Invite>>): Invite & { state: Cell<InviteState> } => {
  const state = cell<InviteState>("waiting")
  let joined: (contact: Contact) => void = () => undefined
  const arrival = new Promise<Contact>((resolve) => {
    joined = resolve
  })
  const text = "sotto1aGVsbG8tdGhpcy1pcy1hLWZha2UtaW52aXRlLXdpdGgtYS1mYWtlLXNlY3JldC1pbi1pdC1mb3ItdGVzdHM"
  const invite = {
    id: `invite-${invites.get().length}`,
    url: `${location.origin}${location.pathname}#${text}`,
    text,
    qr: () => qr(`${location.origin}${location.pathname}#${text}`),
    expiresAt: Date.now() + (byHand ? 120 : 10) * 60_000,
    state,
    joined: () => arrival,
    cancel: async () => state.set("cancelled"),
    offer: async () => handCode(`${text}-offer-${text}`),
    answer: async (code: string) => {
      if (code.includes("wrong")) throw new SottoError("codeInvalid", "This is not a code that Sotto made.")
      setTimeout(() => control.join(), 300)
    },
  }
  control.join = () => {
    state.set("used")
    joined(contacts.get()[0] as Contact)
  }
  invites.set([...invites.get(), invite])
  return invite
}

/** What a test may do, as `fake` on the page. */
const control = {
  contacts,
  contact: (id: string) => contacts.get().find((contact) => contact.id === id),
  join: () => {},
  inspected: [] as Array<(transition: InspectedTransition) => void>,
  emit: (_event: MessengerEvent) => {},
  status: cell<MessengerStatus>("ready"),
  opened: 0,
  secrets: [] as Array<BackupSecrets>,
  removed: 0,
  /** Whether what the profile keeps was sealed in place. */
  sealed: false,
  /** How often the person was said to be there. */
  active: 0,
  /** What was asked of the vault. */
  asked: [] as Array<string>,
  accepted: 0,
  options: undefined as MessengerOptions | undefined,
}
export type Control = typeof control
;(globalThis as unknown as { fake: Control }).fake = control

const scene = () => new URLSearchParams(location.search).get("scene") ?? "busy"

export const createMessenger = async (options: MessengerOptions): Promise<Messenger> => {
  control.opened++
  control.options = options
  const now = scene()
  if (now.startsWith("problem-") && options.storage) {
    throw new SottoError(now.slice(8) as "storageFull", "The fake was asked to fail.")
  }
  const isSealed = control.sealed || /^(locked|sealed)/.test(now)
  const isLocked = now.startsWith("locked") && control.opened === 1
  control.status.set(now === "elsewhere" && control.opened === 1 ? "elsewhere" : isLocked ? "locked" : "ready")
  const vault = cell<VaultView>({
    state: isLocked ? "locked" : isSealed ? "open" : "none",
    wrong: 0,
    methods: !isSealed
      ? []
      : [
          { id: "1", kind: "passphrase", label: "", addedAt: 0 },
          ...(now.includes("passkey") ? [{ id: "2", kind: "passkey", label: "", addedAt: 0 } as const] : []),
        ],
  })
  const queues = new Set<(event: MessengerEvent) => void>()
  control.emit = (event) => {
    for (const push of queues) push(event)
  }
  contacts.set(now === "empty" ? [] : people(Date.now()).map((person) => makeContact(person, control.emit)))
  const invites = cell<ReadonlyArray<Invite>>([])
  const name = cell(options.name ?? "Robin")
  const settings = cell<Settings>({ readReceipts: true, typingNotices: true, autoLock: null })
  const kept = options.storage !== undefined
  const health = cell<StorageHealth>({
    kind: kept ? "indexeddb" : "memory",
    durable: kept,
    ...(kept && { persisted: false, usage: 1_500_000, quota: 2_000_000_000 }),
  })
  const storage: MessengerStorage = {
    kind: health.get().kind,
    durable: kept,
    health,
    measure: async () => health.get(),
    persist: async () => {
      health.set({ ...health.get(), persisted: true })
      return true
    },
  }
  return {
    name,
    rename: async (next) => {
      if (next.length > 40) throw new SottoError("nameTooLong", "This name is longer than 128 bytes.")
      name.set(next)
    },
    status: control.status,
    contacts,
    invites,
    settings,
    configure: async (change) => settings.set({ ...settings.get(), ...change }),
    invite: async (wanted) => makeInvite(wanted?.via?.[0] === "manual", invites),
    preview: async (text) => {
      if (!text.includes("sotto1"))
        throw new SottoError("inviteInvalid", "This is not a Sotto invite. Copy the whole link.")
      return {
        claimedName: text.includes("noname") ? undefined : "Ana",
        expiresAt: Date.now() + 540_000,
        services: text.includes("byhand") ? [] : ["broker.example:9000"],
        byHand: text.includes("byhand"),
      }
    },
    accept: async () => {
      control.accepted++
      const found = control.contact("dunja") ?? contacts.get()[0]
      if (!found) throw new SottoError("inviteUsed", "This invite was used already.")
      return found
    },
    events: {
      [Symbol.asyncIterator]: () => {
        const queue = channel<MessengerEvent>()
        queues.add(queue.push)
        return queue.read()
      },
    },
    backup: async (secrets) => {
      control.secrets.push(secrets)
      return streamed(new Uint8Array(70_000), "application/octet-stream")
    },
    restore: async (_file, secrets) => {
      if (!JSON.stringify(secrets).includes("right"))
        throw new SottoError("backupSecretWrong", "That passphrase or recovery phrase did not open this backup.")
      contacts.set(people(Date.now()).map((person) => makeContact(person, control.emit)))
      return { contacts: contacts.get().length, at: Date.now() }
    },
    export: async ({ format }) => streamed(`a readable ${format}`, "text/plain"),
    inspect: (fn) => {
      control.inspected.push(fn)
      return () => {
        control.inspected.splice(control.inspected.indexOf(fn), 1)
      }
    },
    inspectFrames: () => () => {},
    storage,
    lock: async () => {
      vault.set({ ...vault.get(), state: "locked" })
      control.status.set("locked")
    },
    /** Opens by "right words", never ends by "slow words", and refuses all others. */
    unlock: async (by) => {
      const { wrong, methods } = vault.get()
      const given = await (by as unknown as { readonly ask?: () => string | undefined }).ask?.()
      vault.set({ state: "unlocking", wrong, methods })
      if (given === "slow words") await new Promise(() => undefined)
      if (given !== undefined && given !== "right words") {
        const delayed = wrong + 1 >= 5 ? ({ state: "delayed", retryAt: Date.now() + 8_000 } as const) : undefined
        vault.set({ state: "locked", wrong: wrong + 1, methods, ...delayed })
        throw new SottoError("unlockRefused", "Nothing was unlocked.")
      }
      vault.set({ state: "open", wrong: 0, methods })
      control.status.set("ready")
    },
    erase: async () => undefined,
    vault: {
      state: vault,
      addMethod: async () => ({ id: "1", kind: "passphrase", label: "", addedAt: 0 }),
      removeMethod: async () => undefined,
      changeMethod: async (id, unlock) => {
        const given = await (unlock as unknown as { readonly ask: () => string | undefined }).ask()
        control.asked.push(`change ${id} to ${given}`)
        return { id, kind: "passphrase", label: "", addedAt: 0 }
      },
      userActive: () => {
        control.active++
      },
    },
    takeOver: async () => control.status.set("ready"),
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const removeStorage = async () => {
  control.removed++
}

/** Refuses while the scene says that there is no room. */
export const sealStorage = async () => {
  if (scene() === "full") throw new SottoError("storageFull", "There is no room left on this device.")
  control.sealed = true
}

/** The words of a phrase that nobody should use. */
export const generateRecoveryPhrase = () => `${"abandon ".repeat(23)}art`

/** The adapters: values that the fake never looks into. */
export const peerjs = (options: unknown) => ({ kind: "peerjs", options })
export const manual = (options: unknown) => ({ kind: "manual", options })
export const indexeddb = (name: string) => ({ kind: "indexeddb", name })
export const passphrase = (ask: unknown) => ({ kind: "passphrase", ask })
export const passkey = () => ({ kind: "passkey" })
