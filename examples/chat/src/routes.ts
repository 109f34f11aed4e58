/**
 * Which screen the address names, and how an invite in the address is taken out of it. Routes live in the fragment and
 * begin with "/"; any other fragment is an invite, whose secret must not stay in the address bar or the history.
 */
import { signal } from "@preact/signals"

export type Pane = "details" | "inside"
export type SettingsSection = "privacy" | "connection" | "storage" | "lock" | "appearance" | "diagnostics" | "about"

export type Route =
  | { readonly page: "chats" }
  | { readonly page: "chat"; readonly id: string; readonly pane?: Pane }
  | { readonly page: "settings"; readonly section?: SettingsSection }

const SECTIONS: ReadonlySet<string> = new Set<SettingsSection>([
  "privacy",
  "connection",
  "storage",
  "lock",
  "appearance",
  "diagnostics",
  "about",
])

/** An address that means nothing leads to the chats. */
export const parseRoute = (hash: string): Route => {
  const [page, first, second] = hash.replace(/^#?\/?/, "").split("/")
  if (page === "chat" && first) {
    const id = decode(first)
    if (id !== undefined) return second === "details" || second === "inside" ? { page, id, pane: second } : { page, id }
  }
  if (page === "settings") {
    return first !== undefined && SECTIONS.has(first) ? { page, section: first as SettingsSection } : { page }
  }
  return { page: "chats" }
}

export const formatRoute = (route: Route): string => {
  if (route.page === "chat") return `#/chat/${encodeURIComponent(route.id)}${route.pane ? `/${route.pane}` : ""}`
  if (route.page === "settings") return route.section ? `#/settings/${route.section}` : "#/settings"
  return "#/"
}

const decode = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** What a fragment holds, when it is no route. */
export const inviteIn = (hash: string): string | undefined => {
  const fragment = hash.replace(/^#/, "")
  return fragment === "" || fragment.startsWith("/") ? undefined : fragment
}

export const route = signal<Route>({ page: "chats" })

/** An invite that came with the address, waiting to be looked at. In memory only. */
export const arrivedInvite = signal<string | undefined>(undefined)

/** Moves the invite out of the address bar, then reads the route. */
const read = () => {
  const invite = inviteIn(location.hash)
  if (invite !== undefined) {
    history.replaceState(null, "", `${location.pathname}${location.search}#/`)
    arrivedInvite.value = invite
  }
  route.value = parseRoute(location.hash)
}

/** To be called first of all, before anything is drawn or awaited. */
export const followAddress = () => {
  read()
  addEventListener("hashchange", read)
}

export const go = (to: Route, options: { readonly replace?: boolean } = {}) => {
  const hash = formatRoute(to)
  if (hash === location.hash) return
  if (options.replace) {
    history.replaceState(null, "", hash)
    read()
  } else location.hash = hash
}

/** Opens or closes a pane beside the conversation. */
export const togglePane = (pane: Pane) => {
  const now = route.value
  if (now.page !== "chat") return
  go(now.pane === pane ? { page: "chat", id: now.id } : { page: "chat", id: now.id, pane })
}
