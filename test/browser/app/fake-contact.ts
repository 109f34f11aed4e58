/** One contact of the fake messenger: a script of what was said, and hands for a test to move it. */
import { SottoError } from "../../../src/core/errors.ts"
import type {
  Connection,
  Contact,
  DeliveryState,
  DisappearingTimer,
  MachineView,
  Message,
  MessageChange,
  MessengerEvent,
  SentMessage,
  Session,
} from "../../../src/face.ts"
import { type Cell, cell, channel, cursorOf, handCode, qr } from "./fake-values.ts"
import type { Person } from "./people.ts"

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

export const makeContact = (person: Person, emit: (event: MessengerEvent) => void): FakeContact => {
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
    reclaim: async () => {
      asked.push("reclaim")
      session.set({ ...session.get(), state: "established" })
    },
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

export const contacts = cell<ReadonlyArray<FakeContact>>([])
