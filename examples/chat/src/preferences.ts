/**
 * What a person chose on this device, per profile, in localStorage: theme, keys, services. Nothing of a conversation is here.
 * `?profile=name` keeps two people in one browser apart.
 */
import { effect, type Signal, signal } from "@preact/signals"

export interface Broker {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly key: string
  readonly secure: boolean
}

/** A STUN or TURN server, as WebRTC names it. */
export interface IceServer {
  readonly urls: string
  readonly username?: string
  readonly credential?: string
}

export type Theme = "system" | "light" | "dark"

export interface Preferences {
  /** Whether the first screen was passed. */
  readonly started: boolean
  readonly theme: Theme
  /** Enter sends and Shift+Enter breaks the line; otherwise the other way round. */
  readonly enterSends: boolean
  /** Undefined: the server that this page came from. */
  readonly broker: Broker | undefined
  readonly iceServers: ReadonlyArray<IceServer>
  /** Whether what is kept is sealed, and so opened by a person. */
  readonly sealed: boolean
  /** Whether a passkey opens it as well. Kept here for the lock, which is shown before the vault can be asked. */
  readonly hasPasskey: boolean
  /** When a backup was last saved here, in milliseconds of the wall clock. */
  readonly backedUp: number | undefined
  /** Whether a person has put the first backup off. */
  readonly backupLater: boolean
  /** Never show our network address to a contact: only through TURN. */
  readonly relayOnly: boolean
}

const initial: Preferences = {
  started: false,
  theme: "system",
  enterSends: true,
  broker: undefined,
  iceServers: [],
  sealed: false,
  hasPasskey: false,
  backedUp: undefined,
  backupLater: false,
  relayOnly: false,
}

export const profileIn = (search: string): string => {
  const asked = new URLSearchParams(search).get("profile") ?? ""
  return /^[A-Za-z0-9_-]{1,32}$/.test(asked) ? asked : "main"
}

export const profile = profileIn(globalThis.location?.search ?? "")
const key = `sotto.chat.${profile}`

const isText = (value: unknown): value is string => typeof value === "string"
const isTime = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value > 0
const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536

const readBroker = (value: unknown): Broker | undefined => {
  const broker = value as Partial<Broker> | undefined
  if (!broker || !isText(broker.host) || !isPort(broker.port) || !isText(broker.path) || !isText(broker.key))
    return undefined
  return { host: broker.host, port: broker.port, path: broker.path, key: broker.key, secure: broker.secure === true }
}

const readServer = (value: unknown): ReadonlyArray<IceServer> => {
  const server = value as Partial<IceServer> | undefined
  if (!server || !isText(server.urls) || !isIceUrl(server.urls)) return []
  return [
    {
      urls: server.urls,
      ...(isText(server.username) ? { username: server.username } : {}),
      ...(isText(server.credential) ? { credential: server.credential } : {}),
    },
  ]
}

export const isIceUrl = (url: string): boolean => /^(stuns?|turns?):[^\s/?#@]+(\?transport=(udp|tcp))?$/.test(url)

export const isTurn = (server: IceServer): boolean => /^turns?:/.test(server.urls)

/** Whatever was kept, as far as it makes sense. */
export const readPreferences = (text: string | null): Preferences => {
  let kept: Partial<Record<keyof Preferences, unknown>> = {}
  try {
    kept = Object(JSON.parse(text ?? "{}"))
  } catch {
    // Damaged: the defaults.
  }
  const iceServers = Array.isArray(kept.iceServers) ? kept.iceServers.slice(0, 16).flatMap(readServer) : []
  return {
    started: kept.started === true,
    theme: kept.theme === "light" || kept.theme === "dark" ? kept.theme : "system",
    enterSends: kept.enterSends !== false,
    broker: readBroker(kept.broker),
    iceServers,
    sealed: kept.sealed === true,
    hasPasskey: kept.hasPasskey === true,
    backedUp: isTime(kept.backedUp) ? kept.backedUp : undefined,
    backupLater: kept.backupLater === true,
    relayOnly: kept.relayOnly === true && iceServers.some(isTurn),
  }
}

const load = (): Preferences => {
  try {
    return readPreferences(localStorage.getItem(key))
  } catch {
    return initial
  }
}

export const preferences: Signal<Preferences> = signal(load())

/** Changes and keeps. A browser that refuses to keep still has the change until it is closed. */
export const prefer = (change: Partial<Preferences>) => {
  preferences.value = { ...preferences.value, ...change }
  try {
    localStorage.setItem(key, JSON.stringify(preferences.value))
  } catch {
    // No room, or no permission.
  }
}

/** Erases the choices of this profile. */
export const forget = () => {
  preferences.value = initial
  try {
    localStorage.removeItem(key)
  } catch {
    // Nothing was kept.
  }
}

/** The broker at the server that this page came from, where `sotto serve` has it. Undefined for a page from a file. */
export const ownBroker = (): Broker | undefined => {
  if (location.hostname === "") return undefined
  const secure = location.protocol === "https:"
  return {
    host: location.hostname,
    port: location.port === "" ? (secure ? 443 : 80) : Number(location.port),
    path: "/peerjs",
    key: "peerjs",
    secure,
  }
}

export const brokerInUse = (): Broker | undefined => preferences.value.broker ?? ownBroker()

/** Keeps the page in the chosen theme. */
export const followTheme = () =>
  effect(() => {
    const { theme } = preferences.value
    if (theme === "system") delete document.documentElement.dataset["theme"]
    else document.documentElement.dataset["theme"] = theme
  })
