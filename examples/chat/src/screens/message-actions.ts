/** What one can do with a message, as menus. */
import type { Contact, Message } from "sotto"
import { announcer } from "../announcer.ts"
import { at, called, of } from "../names.ts"
import type { MenuItem } from "../parts/menu.tsx"
import { copyText } from "../platform.ts"
import { opened } from "../ui.ts"

/** The few that most people use; a keyboard for all of them is another matter. */
const REACTIONS = [
  ["👍", "Like"],
  ["❤️", "Love"],
  ["😂", "Laugh"],
  ["😮", "Surprise"],
  ["😢", "Sadness"],
  ["🙏", "Thanks"],
] as const

interface Doing {
  readonly write: (about: { readonly kind: "reply" | "edit"; readonly message: Message }) => void
  readonly react: () => void
}

export const actionsOf = (contact: Contact, message: Message, doing: Doing): ReadonlyArray<MenuItem> => {
  const mine = message.from === "me"
  const there = message.kind === "text" && message.text !== ""
  const erase = (from: "me" | "everyone") => () => {
    opened.value = { kind: "delete", id: contact.id, message, for: from }
  }
  const copy = async () => announcer.tell((await copyText(message.text)) ? "Copied" : "Copying was refused")
  return [
    ...(there ? [{ place: at.reply, run: () => doing.write({ kind: "reply", message }) }] : []),
    ...(there ? [{ place: at.copyMessage, run: () => void copy() }] : []),
    ...(there ? [{ place: at.react, run: doing.react }] : []),
    ...(there && mine ? [{ place: at.edit, run: () => doing.write({ kind: "edit", message }) }] : []),
    {
      place: at.messageInfo,
      run: () => {
        opened.value = { kind: "info", message, who: called(contact) }
      },
    },
    { place: at.deleteForMe, run: erase("me") },
    ...(there && mine ? [{ place: at.deleteForEveryone, run: erase("everyone") }] : []),
  ]
}

export const reactionsOf = (contact: Contact, message: Message): ReadonlyArray<MenuItem> => {
  const react = (emoji: string | null) => () =>
    void contact.react(message.id, emoji).catch(() => announcer.tell("The message is not there any more"))
  const hasReacted = message.reactions.some(({ from }) => from === "me")
  return [
    ...REACTIONS.map(([emoji, word]) => ({ place: of.reaction(emoji, word), run: react(emoji) })),
    ...(hasReacted ? [{ place: at.takeBack, run: react(null) }] : []),
  ]
}
