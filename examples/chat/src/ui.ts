/** What is open on top of the screen, and what was typed and not sent. In memory only: a draft is as private as a message. */
import { signal } from "@preact/signals"
import { createContext } from "preact"
import { useContext } from "preact/hooks"
import type { Contact, Invite, Message, Messenger } from "sotto"
import { live } from "./live.ts"

export type Opened =
  | { readonly kind: "newChat" }
  | { readonly kind: "invite"; readonly invite?: Invite; readonly byHand?: boolean }
  | { readonly kind: "use"; readonly text?: string }
  | { readonly kind: "byHand"; readonly id: string; readonly joining: boolean }
  | { readonly kind: "verify"; readonly id: string }
  | { readonly kind: "remove"; readonly id: string }
  | { readonly kind: "clear"; readonly id: string }
  | { readonly kind: "delete"; readonly id: string; readonly message: Message; readonly for: "me" | "everyone" }
  | { readonly kind: "info"; readonly message: Message; readonly who: string }
  | { readonly kind: "shortcuts" }
  | { readonly kind: "saveBackup" }
  | { readonly kind: "restoreBackup" }
  | { readonly kind: "export" }
  | { readonly kind: "erase" }

export const opened = signal<Opened | undefined>(undefined)
export const shut = () => {
  opened.value = undefined
}

export const drafts = new Map<string, string>()

const MessengerContext = createContext<Messenger | undefined>(undefined)
export const MessengerProvider = MessengerContext.Provider

/** The open messenger. Only for components below the shell. */
export const useMe = (): Messenger => {
  const me = useContext(MessengerContext)
  if (me === undefined) throw new Error("no messenger is open")
  return me
}

/** A contact by id, as it is now. */
export const useContact = (id: string): Contact | undefined => {
  const me = useMe()
  return live(me.contacts).value.find((contact) => contact.id === id)
}
