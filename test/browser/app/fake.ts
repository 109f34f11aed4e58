/**
 * A messenger that holds everything in memory and does what a test tells it: for looking at screens and states that are hard
 * to reach with two real devices. Built into the test's copy of the app by an alias; never part of the app.
 */
import { encodeQR } from "qr"
import { SottoError } from "../../../src/core/errors.ts"
import type {
  BackupSecrets,
  Connection,
  Contact,
  DeliveryState,
  DisappearingTimer,
  HandCode,
  InspectedTransition,
  Invite,
  InviteState,
  MachineView,
  Message,
  MessageChange,
  Messenger,
  MessengerEvent,
  MessengerOptions,
  MessengerStatus,
  MessengerStorage,
  SentMessage,
  Session,
  Settings,
  StorageHealth,
  Store,
  Streamed,
  VaultView,
} from "../../../src/face.ts"
import { type Person, people } from "./people.ts"

export * from "../../../src/core/errors.ts"

export interface Cell<A> extends Store<A> {
  readonly set: (value: A) => void
}

const cell = <A>(initial: A): Cell<A> => {
  let value = initial
  const listeners = new Set<(value: A) => void>()
  return {
    get: () => value,
    set: (next) => {
      value = next
      for (const listener of [...listeners]) listener(next)
    },
    subscribe: (fn) => {
      listeners.add(fn)
      fn(value)
      return () => listeners.delete(fn)
    },
  }
}

/** A queue that can be awaited. */
const channel = <A>() => {
  const values: Array<A> = []
  let wake: (() => void) | undefined
  return {
    push: (value: A) => {
      values.push(value)
      wake?.()
    },
    async *read(): AsyncGenerator<A> {
      for (;;) {
        while (values.length > 0) yield values.shift() as A
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

const qr = (text: string) => encodeQR(text, "svg")
const cursorOf = (index: number) => String(index).padStart(8, "0")
const handCode = (text: string): HandCode => ({ text, qr: () => qr(text) })

export interface FakeContact extends Contact {
  readonly connection: Cell<Connection>
  readonly session: Cell<Session>
  readonly verified: Cell<number | undefined>
  readonly typing: Cell<boolean>
  readonly unread: Cell<number>
  readonly last: Cell<Message | undefined>
  readonly machines: Cell<ReadonlyArray<MachineView>>
  /** What the app asked of it. */
  readonly asked: Array<string>
  readonly timer: Cell<DisappearingTimer | undefined>
  readonly arrive: (text: string, more?: Partial<Message>) => Message
  /** What becomes of a message, by its id; undefined: it is gone. */
  readonly become: (id: string, change: Partial<Message> | undefined) => void
  /** Moves the newest own message. */
  readonly mark: (state: DeliveryState) => void
}

const plain = {
  kind: "text",
  replyTo: undefined,
  edited: false,
  deleted: false,
  reactions: [],
  timer: undefined,
  expiresAt: undefined,
} as const

const makeContact = (person: Person, emit: (event: MessengerEvent) => void): FakeContact => {
  const messages: Array<Message> = []
  const live = new Set<(message: Message) => void>()
  const asked: Array<string> = []
  const session = cell<Session>(person.session)
  const last = cell<Message | undefined>(undefined)
  const changes = new Set<(change: MessageChange) => void>()
  const tell = (change: MessageChange) => {
    for (const listener of [...changes]) listener(change)
  }
  let added = 0
  const add = (
    from: string,
    text: string,
    at: number,
    state: DeliveryState | undefined,
    gap = 0,
    more: Partial<Message> = {},
  ) => {
    const message: Message = {
      ...plain,
      ...more,
      id: `${person.id}-${added}`,
      cursor: cursorOf(added++),
      from,
      at,
      text,
      state: state === undefined ? undefined : cell<DeliveryState>(state),
      gap,
    }
    messages.push(message)
    last.set(message)
    for (const listener of [...live]) listener(message)
    return message
  }
  for (const said of person.said) add(said.mine ? "me" : person.id, said.text, said.at, said.state, said.gap, said.more)

  const find = (id: string) => {
    const index = messages.findIndex((message) => message.id === id)
    if (index < 0) throw new SottoError("messageGone", "This message is not there any more.")
    return index
  }
  const become = (id: string, change: Partial<Message> | undefined) => {
    const index = find(id)
    const before = messages[index]!
    if (change === undefined) {
      messages.splice(index, 1)
      tell({ type: "removed", cursor: before.cursor })
    } else {
      messages[index] = { ...before, ...change }
      tell({ type: "changed", message: messages[index] })
    }
    last.set(messages.at(-1))
  }

  const contact: FakeContact = {
    id: person.id,
    name: person.name,
    pairedAt: person.pairedAt,
    connection: cell<Connection>(person.connection),
    session,
    safetyNumber:
      person.pairedAt === undefined
        ? undefined
        : {
            digits: "31415 92653 58979 32384 62643 38327 95028 84197 16939 93751 05820 97494",
            qr: () => qr(`sotto-safety:${person.id}`),
            matches: (scanned) => scanned === `sotto-safety:${person.id}`,
          },
    verified: cell<number | undefined>(person.verified),
    typing: cell(person.typing ?? false),
    unread: cell(person.unread ?? 0),
    last,
    machines: cell(person.machines ?? []),
    asked,
    mark: (state) =>
      (messages.findLast(({ from }) => from === "me")?.state as Cell<DeliveryState> | undefined)?.set(state),
    timer: cell<DisappearingTimer | undefined>(undefined),
    become,
    arrive: (text, more) => {
      const message = add(person.id, text, Date.now(), undefined, 0, more)
      contact.unread.set(contact.unread.get() + 1)
      emit({ type: "messageArrived", contact: person.id, message })
      return message
    },
    verify: async (matches = true) => {
      asked.push(`verify ${matches}`)
      contact.verified.set(matches ? Date.now() : undefined)
      if (matches && session.get().state === "paused") session.set({ ...session.get(), state: "established" })
    },
    renewKeys: async () => void asked.push("renewKeys"),
    continueUnverified: async () => {
      asked.push("continueUnverified")
      session.set({ ...session.get(), state: "established" })
    },
    block: async () => session.set({ ...session.get(), state: "blocked" }),
    unblock: async () => session.set({ ...session.get(), state: "established" }),
    remove: async () => {
      asked.push("remove")
      contacts.set(contacts.get().filter((other) => other.id !== person.id))
    },
    edit: async (id, text) => become(id, { text, edited: true }),
    delete: async (id, options) => {
      asked.push(`delete ${options.for}`)
      become(id, options.for === "me" ? undefined : { text: "", deleted: true, reactions: [] })
    },
    react: async (id, emoji) => {
      const others = messages[find(id)]!.reactions.filter(({ from }) => from !== "me")
      become(id, { reactions: [...(emoji === null ? [] : [{ from: "me", emoji }]), ...others] })
    },
    setTimer: async ({ after, from = "reading" }) => {
      const timer = after === null ? undefined : { after: Number(after), from }
      contact.timer.set(timer)
      add("me", "", Date.now(), undefined, 0, { kind: "timer", timer })
    },
    clear: async () => {
      asked.push("clear")
      messages.length = 0
      last.set(undefined)
      tell({ type: "reset" })
    },
    changes: {
      [Symbol.asyncIterator]: () => {
        const queue = channel<MessageChange>()
        changes.add(queue.push)
        return queue.read()
      },
    },
    send: async (text, options = {}) => {
      if (text.includes("refuse this")) throw new SottoError("storageFull", "There is no room left on this device.")
      const up = contact.connection.get().state !== "offline"
      const message = add("me", text, Date.now(), up ? "sent" : "queued", 0, {
        replyTo: options.replyTo,
        timer: contact.timer.get(),
      }) as SentMessage
      if (up) setTimeout(() => (message.state as Cell<DeliveryState>).set("delivered"), 60)
      else session.set({ ...session.get(), waiting: session.get().waiting + 1 })
      return { ...message, until: async () => undefined }
    },
    messages: async function* ({ after } = {}) {
      const queue = channel<Message>()
      live.add(queue.push)
      yield* messages.filter(({ cursor }) => after === undefined || cursor > after)
      yield* queue.read()
    },
    history: async ({ before, limit = 50 } = {}) => {
      return messages.filter(({ cursor }) => before === undefined || cursor < before).slice(-limit)
    },
    message: async (id) => messages.find((message) => message.id === id),
    markRead: async (cursor) => {
      asked.push(`markRead ${cursor}`)
      contact.unread.set(0)
    },
    setTyping: (typing) => {
      if (asked.at(-1) !== `typing ${typing}`) asked.push(`typing ${typing}`)
    },
    connect: async () => void asked.push("connect"),
    offer: async () => handCode("SOTTO-OFFER-0123456789"),
    reply: async (code) => {
      if (code?.includes("wrong")) throw new SottoError("codeInvalid", "This is not a code that Sotto made.")
      return handCode("SOTTO-REPLY-9876543210")
    },
    answer: async (code) => {
      if (code.includes("wrong")) throw new SottoError("codeInvalid", "This is not a code that Sotto made.")
      asked.push(`answer ${code}`)
    },
  }
  return contact
}

const contacts = cell<ReadonlyArray<FakeContact>>([])

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
  const isSealed = /^(locked|sealed)/.test(now)
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
      changeMethod: async () => ({ id: "1", kind: "passphrase", label: "", addedAt: 0 }),
      userActive: () => undefined,
    },
    takeOver: async () => control.status.set("ready"),
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const streamed = <A extends BlobPart>(whole: A, type: string): Streamed<A> => ({
  [Symbol.asyncIterator]: async function* () {
    yield whole
  },
  stream: () => new ReadableStream(),
  blob: async () => new Blob([whole], { type }),
})

export const removeStorage = async () => {
  control.removed++
}

/** The words of a phrase that nobody should use. */
export const generateRecoveryPhrase = () => `${"abandon ".repeat(23)}art`

/** The adapters: values that the fake never looks into. */
export const peerjs = (options: unknown) => ({ kind: "peerjs", options })
export const manual = (options: unknown) => ({ kind: "manual", options })
export const indexeddb = (name: string) => ({ kind: "indexeddb", name })
export const passphrase = (ask: unknown) => ({ kind: "passphrase", ask })
export const passkey = () => ({ kind: "passkey" })
