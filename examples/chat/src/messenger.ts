/**
 * Opens the messenger, and says how far that has come. The SDK is loaded when it is first needed, so that the first screen does
 * not wait for it. Two tabs must not write one profile: the second asks, and the first gives way.
 */
import { signal } from "@preact/signals"
import type { Messenger, SottoErrorCode } from "sotto"
import { tellOf } from "./events.ts"
import { handover } from "./handover.ts"
import { missingFeatures } from "./platform.ts"
import { brokerInUse, prefer, preferences, profile } from "./preferences.ts"

export type Phase =
  | { readonly at: "unsupported"; readonly missing: ReadonlyArray<string> }
  | { readonly at: "firstRun" }
  | { readonly at: "opening" }
  | { readonly at: "ready"; readonly me: Messenger }
  /** Another tab has it. `gaveWay`: it was taken from here. */
  | { readonly at: "elsewhere"; readonly gaveWay: boolean }
  | { readonly at: "problem"; readonly code: SottoErrorCode | "unknown"; readonly message: string }

export const phase = signal<Phase>({ at: "opening" })

export interface OpenOptions {
  readonly name?: string
  /** Keep nothing: for a browser that has no storage to give. */
  readonly inMemory?: boolean
}

const tabs = handover(profile, async () => {
  await leave()
  phase.value = { at: "elsewhere", gaveWay: true }
})

let last: OpenOptions = {}
let current: { readonly me: Messenger; readonly stop: () => void } | undefined

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
  const { relayOnly } = preferences.peek()
  return createMessenger({
    ...(options.name ? { name: options.name } : {}),
    ...(options.inMemory ? {} : { storage: indexeddb(profile) }),
    transports: [...(broker ? [peerjs({ ...broker, iceServers, relayOnly })] : []), manual({ iceServers, relayOnly })],
    // Without the query: whoever follows the link has a profile of their own.
    appUrl: `${location.origin}${location.pathname}`,
  })
}

const codeOf = (error: unknown): SottoErrorCode | "unknown" =>
  error instanceof Error && "code" in error ? (error.code as SottoErrorCode) : "unknown"

/** Opens, or opens again after `reopen` or a problem. */
export const open = async (options: OpenOptions = last) => {
  last = options
  phase.value = { at: "opening" }
  await leave()
  try {
    const me = await make(options)
    if (me.status.get() === "elsewhere") {
      await me.close()
      phase.value = { at: "elsewhere", gaveWay: false }
      return
    }
    const leaveStatus = me.status.subscribe((status) => {
      if (status === "elsewhere") phase.value = { at: "elsewhere", gaveWay: true }
    })
    const leaveEvents = tellOf(me, (reason) => {
      if (reason === "elsewhere") phase.value = { at: "elsewhere", gaveWay: true }
      else phase.value = { at: "problem", code: reason === "storage" ? "storageFailed" : "defect", message: "" }
    })
    current = {
      me,
      stop: () => {
        leaveStatus()
        leaveEvents()
      },
    }
    prefer({ started: true })
    phase.value = { at: "ready", me }
  } catch (error) {
    const code = codeOf(error)
    phase.value = { at: "problem", code, message: error instanceof Error ? error.message : "" }
  }
}

/** Opens here: at once if the other tab is gone by now, otherwise after asking it to give way. */
export const takeOver = async () => {
  await open()
  if (phase.peek().at !== "elsewhere") return
  phase.value = { at: "opening" }
  await tabs.ask()
  await open()
}

/** With changed settings. */
export const reopen = () => open(last.inMemory ? { inMemory: true } : {})

/** Decides what the person sees first. */
export const begin = async () => {
  const missing = missingFeatures()
  if (missing.length > 0) phase.value = { at: "unsupported", missing }
  else if (preferences.peek().started) await open({})
  else phase.value = { at: "firstRun" }
}
