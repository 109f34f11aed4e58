/**
 * The loaded part of one conversation: pages of messages, the newest at the end. Older pages are fetched when asked for; live
 * messages are gathered for a moment and added together, so that a burst is drawn once.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { Contact, Message } from "sotto"

/** Messages a page. Small enough to be drawn in one frame, large enough that few are alive at once. */
export const PAGE = 40
/** How long live messages are gathered, in milliseconds: one frame. */
const GATHER = 16
/** Changes of messages that are not loaded, remembered for as long as these may be on their way. */
const MAX_LATE = 256

export interface Page {
  /** The id of the message that began it; stays when messages are added. */
  readonly key: string
  readonly messages: ReadonlyArray<Message>
}

export interface Thread {
  readonly pages: ReadonlySignal<ReadonlyArray<Page>>
  /** Whether the first message of all is loaded. */
  readonly complete: ReadonlySignal<boolean>
  readonly loading: ReadonlySignal<boolean>
  readonly failed: ReadonlySignal<boolean>
  readonly older: () => Promise<void>
  /** The message of an id, for a quotation: undefined until it was looked for, null where it is gone. */
  readonly original: (id: string) => ReadonlySignal<Message | null | undefined>
}

/** Adds messages behind the last page, which is filled first. Ids that are there already are left out. */
export const append = (pages: ReadonlyArray<Page>, fresh: ReadonlyArray<Message>): ReadonlyArray<Page> => {
  const recent = new Set(pages.slice(-2).flatMap((page) => page.messages.map((message) => message.id)))
  const next = [...pages]
  for (const message of fresh) {
    if (recent.has(message.id)) continue
    recent.add(message.id)
    const last = next.at(-1)
    if (last !== undefined && last.messages.length < PAGE) {
      next[next.length - 1] = { key: last.key, messages: [...last.messages, message] }
    } else next.push({ key: message.id, messages: [message] })
  }
  return next
}

/** With what became of one message: undefined, it is gone. A page that is empty is none. */
export const change = (
  pages: ReadonlyArray<Page>,
  cursor: string,
  become: Message | undefined,
): ReadonlyArray<Page> => {
  const index = pages.findIndex((page) => page.messages.some((message) => message.cursor === cursor))
  const page = pages[index]
  if (page === undefined) return pages
  const messages = page.messages.flatMap((message) => (message.cursor === cursor ? (become ?? []) : message))
  return messages.length === 0 ? pages.toSpliced(index, 1) : pages.with(index, { key: page.key, messages })
}

const openThread = (contact: Contact): Thread => {
  const pages = signal<ReadonlyArray<Page>>([])
  const complete = signal(false)
  const loading = signal(false)
  const failed = signal(false)
  let opened = false
  let gathered: Array<Message> = []
  /** What became of messages that are not in the pages yet: they may be on their way here as they were. */
  const late = new Map<string, Message | null>()
  const asTheyAre = (messages: ReadonlyArray<Message>) =>
    messages.flatMap((message) => {
      const become = late.get(message.cursor)
      return become === undefined ? message : (become ?? [])
    })
  /** Originals that are quoted, by their ids. */
  const originals = new Map<string, Signal<Message | null | undefined>>()

  const older = async () => {
    if (loading.peek() || (opened && complete.peek())) return
    loading.value = true
    failed.value = false
    try {
      const before = pages.peek()[0]?.messages[0]?.cursor
      const found = await contact.history(before === undefined ? { limit: PAGE } : { before, limit: PAGE })
      const [first] = found
      if (first !== undefined) pages.value = [{ key: first.id, messages: asTheyAre(found) }, ...pages.peek()]
      if (found.length < PAGE) complete.value = true
      if (!opened) {
        opened = true
        void follow(found.at(-1)?.cursor)
      }
    } catch {
      failed.value = true
    } finally {
      loading.value = false
    }
  }

  const follow = async (after: string | undefined) => {
    try {
      for await (const message of contact.messages(after === undefined ? {} : { after })) {
        if (gathered.push(message) > 1) continue
        setTimeout(() => {
          const fresh = asTheyAre(gathered)
          gathered = []
          pages.value = append(pages.peek(), fresh)
        }, GATHER)
      }
    } catch {
      failed.value = true
    }
  }

  const followChanges = async () => {
    try {
      for await (const one of contact.changes) {
        if (one.type === "reset") {
          originals.clear()
          late.clear()
          gathered = []
          pages.value = []
          complete.value = false
          await older()
          continue
        }
        const become = one.type === "changed" ? one.message : undefined
        const cursor = one.type === "changed" ? one.message.cursor : one.cursor
        for (const known of originals.values()) {
          if (known.peek()?.cursor === cursor) known.value = become ?? null
        }
        const now = pages.peek()
        const next = change(now, cursor, become)
        if (next !== now) pages.value = next
        else {
          late.set(cursor, become ?? null)
          if (late.size > MAX_LATE) late.delete(late.keys().next().value as string)
        }
      }
    } catch {
      failed.value = true
    }
  }

  const original = (id: string) => {
    const known = originals.get(id)
    if (known !== undefined) return known
    const found = signal<Message | null | undefined>(undefined)
    originals.set(id, found)
    void contact.message(id).then(
      (message) => {
        found.value = message ?? null
      },
      () => undefined,
    )
    return found
  }

  void followChanges()
  void older()
  return { pages, complete, loading, failed, older, original }
}

const threads = new WeakMap<object, Thread>()

/** The thread of a contact; kept, so that coming back to a conversation shows it at once. */
export const threadOf = (contact: Contact): Thread => {
  // Keyed by a store of the contact: a renamed contact may be a new object, its stores stay.
  const known = threads.get(contact.session)
  if (known !== undefined) return known
  const made = openThread(contact)
  threads.set(contact.session, made)
  return made
}
