/**
 * Opens the messenger, and says how far that has come. The SDK is loaded when it is first needed, so that the first screen does
 * not wait for it: a profile that is known to be sealed shows its lock at once, and takes a passphrase while the SDK is on its
 * way. A tab that finds the profile open elsewhere follows it, and goes on by itself when that one has gone.
 */
import { signal } from "@preact/signals"
import type { Messenger, MessengerStatus, SottoErrorCode, Unlock } from "sotto"
import { tellOf } from "./events.ts"
import { derivingWorker, missingFeatures } from "./platform.ts"
import { brokerInUse, forget, prefer, preferences, profile } from "./preferences.ts"

export type Phase =
  | { readonly at: "unsupported"; readonly missing: ReadonlyArray<string> }
  | { readonly at: "firstRun" }
  | { readonly at: "opening"; readonly sealing?: boolean }
  /** Without `me`: known from the preferences alone; the SDK is still being loaded. */
  | { readonly at: "locked"; readonly me?: Messenger }
  | { readonly at: "ready"; readonly me: Messenger }
  /** Another tab has it. `gaveWay`: it was taken from here. */
  | { readonly at: "elsewhere"; readonly gaveWay: boolean; readonly stayed?: boolean }
  | { readonly at: "problem"; readonly code: SottoErrorCode | "unknown"; readonly message: string }

export const phase = signal<Phase>({ at: "opening" })

export interface OpenOptions {
  readonly name?: string
  /** Keep nothing: for a browser that has no storage to give. */
  readonly inMemory?: boolean
  /** Seal what is kept with this passphrase: when a profile is made. */
  readonly passphrase?: string
}

let last: OpenOptions = {}
let current: { readonly me: Messenger; readonly stop: () => void } | undefined
let opening: Promise<void> = Promise.resolve()

/** Closes the messenger, if one is open. */
const leave = async () => {
  const open = current
  current = undefined
  open?.stop()
  await open?.me.close().catch(() => undefined)
}

/** Fetches the SDK's files. The first screen does this while its reader reads. */
export const load = () =>
  Promise.all([
    import("sotto"),
    import("sotto/transport/peerjs"),
    import("sotto/transport/manual"),
    import("sotto/storage/indexeddb"),
  ])

const make = async (options: OpenOptions): Promise<Messenger> => {
  const [{ createMessenger }, { peerjs }, { manual }, { indexeddb }] = await load()
  const broker = brokerInUse()
  const iceServers = preferences.peek().iceServers.map((server) => ({ ...server }))
  const { relayOnly, sealed } = preferences.peek()
  const given = options.passphrase
  const isSealed = !options.inMemory && (sealed || given !== undefined)
  const unlock = isSealed ? { unlock: await byPassphrase(given), startLocked: given === undefined } : {}
  return createMessenger({
    ...(options.name ? { name: options.name } : {}),
    ...unlock,
    ...(options.inMemory ? {} : { storage: indexeddb(profile) }),
    transports: [...(broker ? [peerjs({ ...broker, iceServers, relayOnly })] : []), manual({ iceServers, relayOnly })],
    // Without the query: whoever follows the link has a profile of their own.
    appUrl: `${location.origin}${location.pathname}`,
  })
}

/** The passphrase as a way to unlock. Without one, a way that gives nothing. */
export const byPassphrase = async (given: string | undefined): Promise<Unlock> => {
  const { passphrase } = await import("sotto/unlock/passphrase")
  return passphrase(() => given, { worker: derivingWorker })
}

export const byPasskey = async (): Promise<Unlock> => {
  const { passkey } = await import("sotto/unlock/passkey")
  return passkey({ name: "Sotto" })
}

const codeOf = (error: unknown): SottoErrorCode | "unknown" =>
  error instanceof Error && "code" in error ? (error.code as SottoErrorCode) : "unknown"

const failedWith = (error: unknown) => {
  phase.value = { at: "problem", code: codeOf(error), message: error instanceof Error ? error.message : "" }
}

/** How a storage failed under way, as opening it would have said. */
const FAILURES = {
  full: "storageFull",
  blocked: "storageBlocked",
  denied: "storageDenied",
  newer: "storageNewer",
  lost: "storageLost",
  damaged: "storageDamaged",
  elsewhere: "elsewhere",
  broken: "storageFailed",
} as const

/** Shows what the messenger says of itself, from now on. */
const follow = (me: Messenger): (() => void) => {
  let wasReady = false
  let stopEvents: (() => void) | undefined
  const show = (status: MessengerStatus) => {
    if (status === "ready") {
      wasReady = true
      prefer({ started: true })
      phase.value = { at: "ready", me }
    } else if (status === "locked") phase.value = { at: "locked", me }
    else if (status === "elsewhere") phase.value = { at: "elsewhere", gaveWay: wasReady }
  }
  const stopStatus = me.status.subscribe(show)
  stopEvents = tellOf(me, (reason, failure = "broken") => {
    if (reason === "elsewhere") return
    phase.value = { at: "problem", code: reason === "storage" ? FAILURES[failure] : "defect", message: "" }
  })
  // What the lock shows next time, before the SDK is there to ask.
  const stopVault = me.vault.state.subscribe(({ methods, state }) => {
    const hasPasskey = methods.some(({ kind }) => kind === "passkey")
    if (state !== "none" && methods.length > 0 && hasPasskey !== preferences.peek().hasPasskey) prefer({ hasPasskey })
  })
  return () => {
    stopStatus()
    stopEvents?.()
    stopVault()
  }
}

/** Opens, or opens again after `reopen` or a problem. */
export const open = (options: OpenOptions = last): Promise<void> => {
  last = options
  const isLocked = preferences.peek().sealed && !options.inMemory && options.passphrase === undefined
  phase.value = { at: isLocked ? "locked" : "opening" }
  opening = openWith(options)
  return opening
}

/** The messenger, once the SDK is loaded and has opened it. Undefined: that failed, and `phase` says how. */
export const whenOpen = async (): Promise<Messenger | undefined> => {
  await opening
  return current?.me
}

const openWith = async (options: OpenOptions) => {
  await leave()
  try {
    const me = await make(options)
    if (options.passphrase !== undefined) prefer({ sealed: true })
    // Nothing of it is kept in memory.
    last = options.inMemory ? { inMemory: true } : {}
    current = { me, stop: follow(me) }
  } catch (error) {
    if (codeOf(error) !== "storageSealed" || preferences.peek().sealed) return failedWith(error)
    // Sealing was begun here, and the page was gone before it could note so: the lock goes on with it.
    prefer({ sealed: true })
    phase.value = { at: "locked" }
    await openWith({})
  }
}

/** Seals what this profile keeps, where it lies, and opens it again. */
export const sealProfile = async (given: string) => {
  await opening
  await leave()
  phase.value = { at: "opening", sealing: true }
  try {
    const [{ sealStorage }, , , { indexeddb }] = await load()
    await sealStorage(indexeddb(profile), await byPassphrase(given))
    prefer({ sealed: true })
    await open({ passphrase: given })
  } catch (error) {
    failedWith(error)
  }
}

/** Opens here: the other tab drops everything that it holds. */
export const takeOver = async () => {
  const me = current?.me
  if (me === undefined) return open()
  phase.value = { at: "opening" }
  try {
    await me.takeOver()
    if (me.status.get() === "elsewhere") phase.value = { at: "elsewhere", gaveWay: false, stayed: true }
  } catch (error) {
    failedWith(error)
  }
}

/** With changed settings. */
export const reopen = () => open(last.inMemory ? { inMemory: true } : {})

/** Erases everything that this profile keeps in the browser, and begins anew. */
export const eraseProfile = async () => {
  // What is being opened would otherwise write into what is being erased.
  await opening
  await leave()
  const [{ removeStorage }, , , { indexeddb }] = await load()
  await removeStorage(indexeddb(profile))
  forget()
  location.replace(`${location.pathname}${location.search}`)
}

/** Decides what the person sees first. */
export const begin = async () => {
  const missing = missingFeatures()
  if (missing.length > 0) phase.value = { at: "unsupported", missing }
  else if (preferences.peek().started) await open({})
  else phase.value = { at: "firstRun" }
}
