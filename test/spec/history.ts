/** A conversation as its history shows it, whole. */
import type { Contact, Message } from "../../src/index.ts"

export const allOf = async (contact: Contact): Promise<ReadonlyArray<Message>> => {
  const all: Array<Message> = []
  for (let before: string | undefined; ; ) {
    const page = await contact.history({ limit: 500, ...(before !== undefined && { before }) })
    all.unshift(...page)
    if (page.length < 500) return all
    before = page[0]!.cursor
  }
}
