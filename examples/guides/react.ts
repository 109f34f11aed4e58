/** A `Store` as a hook: its `subscribe` and `get` are what React asks for. */
import { useSyncExternalStore } from "preact/compat"
import type { Contact, Store } from "../../src/index.ts"

export const useStore = <A>(store: Store<A>): A => useSyncExternalStore(store.subscribe, store.get)

/** What stands above a conversation. */
export const useHeadline = (contact: Contact): string => {
  const { state } = useStore(contact.session)
  const connection = useStore(contact.connection)
  const typing = useStore(contact.typing)
  if (state !== "established") return state
  return typing ? "is writing …" : connection.state
}
