/**
 * Checks of what Sotto stands on here: crypto, storage, the connection service, STUN and TURN. Each is pass or fail with a
 * remedy. Run when somebody asks: the last two contact the services that the settings name, and nobody else.
 */
import type { Messenger } from "sotto"
import { type Broker, brokerInUse, type IceServer, isTurn, preferences } from "./preferences.ts"
import { inBytes } from "./words.ts"

export type Outcome = "waiting" | "pass" | "fail" | "none"

export interface Check {
  readonly what: string
  readonly outcome: Outcome
  /** In words, for the screen and the report: no address, no name, no key. */
  readonly detail: string
  readonly remedy?: string
}

/** A service that says nothing for so many milliseconds does not work for a person either. */
const PATIENCE = 8_000

interface Probe {
  readonly what: string
  readonly run: () => Promise<Omit<Check, "what">>
}

const probes = (me: Messenger): ReadonlyArray<Probe> => {
  const { iceServers } = preferences.peek()
  const broker = brokerInUse()
  const turns = iceServers.filter(isTurn)
  const stuns = iceServers.filter((server) => !isTurn(server))
  return [
    { what: "Encryption", run: cipher },
    { what: "Storage", run: () => storage(me) },
    {
      what: "Connection service",
      run: async () =>
        broker === undefined
          ? { outcome: "none", detail: "None is set.", remedy: "Connect by hand, or name one under Connection." }
          : service(broker),
    },
    { what: "STUN", run: () => gathered(stuns, "srflx", "No STUN server is set. On one network none is needed.") },
    { what: "TURN", run: () => gathered(turns, "relay", "No TURN server is set. Strict networks need one.") },
  ]
}

/** Runs all checks at once and tells of each as it ends. */
export const diagnose = async (me: Messenger, tell: (checks: ReadonlyArray<Check>) => void): Promise<void> => {
  const all = probes(me)
  const checks: Array<Check> = all.map(({ what }) => ({ what, outcome: "waiting", detail: "Checking…" }))
  tell([...checks])
  await Promise.all(
    all.map(async ({ run, what }, index) => {
      const found = await run().catch(() => ({ outcome: "fail", detail: "The check itself failed." }) as const)
      checks[index] = { what, ...found }
      tell([...checks])
    }),
  )
}

/** AES-256-GCM of 16 zero bytes under a zero key (McGrew and Viega, test case 14), computed by this browser. */
const KNOWN = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"

const cipher: Probe["run"] = async () => {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32), "AES-GCM", false, ["encrypt"])
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, key, new Uint8Array(16))
  const hex = [...new Uint8Array(sealed)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  const [one, other] = [crypto.getRandomValues(new Uint32Array(4)), crypto.getRandomValues(new Uint32Array(4))]
  if (hex === KNOWN && one.join() !== other.join()) {
    return { outcome: "pass", detail: "A known answer came out right, and random numbers differ." }
  }
  return { outcome: "fail", detail: "A known answer came out wrong.", remedy: "Do not use Sotto in this browser." }
}

const storage = async (me: Messenger): Promise<Omit<Check, "what">> => {
  const { durable, kind, persisted, quota, usage } = await me.storage.measure()
  if (!durable) {
    return {
      outcome: "fail",
      detail: "Nothing is kept after this page closes.",
      remedy: "Leave the private window, or allow this site to store data.",
    }
  }
  const room =
    usage === undefined ? "" : ` ${inBytes(usage)} used${quota === undefined ? "" : ` of ${inBytes(quota)}`}.`
  const isTight = usage !== undefined && quota !== undefined && quota - usage < 16 * 1024 * 1024
  if (isTight) return { outcome: "fail", detail: `Almost full:${room}`, remedy: "Free some space on this device." }
  return persisted === false
    ? {
        outcome: "fail",
        detail: `Kept (${kind}), but the browser may clear it.${room}`,
        remedy: "Ask to keep data, and save a backup.",
      }
    : { outcome: "pass", detail: `Kept (${kind}).${room}` }
}

/** The broker's own handshake, under an id that nobody has. */
const service = ({ host, key, path, port, secure }: Broker): Promise<Omit<Check, "what">> =>
  new Promise((resolve) => {
    const failed = {
      outcome: "fail",
      detail: "It does not answer.",
      remedy: "Check its address and your network, connect by hand, or use another service.",
    } as const
    const name = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("")
    let socket: WebSocket
    try {
      const place = path.endsWith("/") ? path : `${path}/`
      socket = new WebSocket(
        `${secure ? "wss" : "ws"}://${host}:${port}${place}peerjs?key=${encodeURIComponent(key)}&id=${name()}&token=${name()}`,
      )
    } catch {
      return resolve({ ...failed, detail: "Its address is none." })
    }
    const begun = performance.now()
    const end = (found: Omit<Check, "what">) => {
      clearTimeout(timer)
      socket.onmessage = null
      socket.onclose = null
      socket.close()
      resolve(found)
    }
    const timer = setTimeout(() => end(failed), PATIENCE)
    socket.onclose = () => end(failed)
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const isOpen = typeof data === "string" && data.length < 1_000 && data.includes('"OPEN"')
      end(
        isOpen
          ? { outcome: "pass", detail: `It answered in ${Math.round(performance.now() - begun)} ms.` }
          : { ...failed, detail: "It answered, and refused.", remedy: "Check the path and the key of the service." },
      )
    }
  })

/** Whether a server of the kind gives a candidate of its kind. */
const gathered = async (
  iceServers: ReadonlyArray<IceServer>,
  kind: "srflx" | "relay",
  none: string,
): Promise<Omit<Check, "what">> => {
  if (iceServers.length === 0) return { outcome: "none", detail: none }
  const answers = await Promise.all(iceServers.map((server) => answersAs(server, kind)))
  const working = answers.filter(Boolean).length
  const detail = `${working} of ${answers.length} ${answers.length === 1 ? "server answers" : "servers answer"}.`
  if (working === answers.length) return { outcome: "pass", detail }
  const remedy =
    kind === "relay" ? "Check its address, user name and password." : "Check its address; some networks block UDP."
  return { outcome: "fail", detail, remedy }
}

const answersAs = (server: IceServer, kind: "srflx" | "relay"): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = new RTCPeerConnection({
      iceServers: [{ ...server }],
      iceTransportPolicy: kind === "relay" ? "relay" : "all",
    })
    const end = (answers: boolean) => {
      clearTimeout(timer)
      connection.close()
      resolve(answers)
    }
    const timer = setTimeout(() => end(false), PATIENCE)
    connection.onicecandidate = ({ candidate }) => {
      if (candidate === null) end(false)
      else if (candidate.candidate.includes(` typ ${kind}`)) end(true)
    }
    connection.createDataChannel("check")
    connection.setLocalDescription().catch(() => end(false))
  })

/** What may be shown to a stranger who helps: outcomes and counts; no name, address, service or contact. */
export const report = (me: Messenger, checks: ReadonlyArray<Check>): string => {
  const { broker, iceServers, relayOnly } = preferences.peek()
  const states = me.contacts.get().map((contact) => `${contact.session.get().state}/${contact.connection.get().state}`)
  const counted = [...new Set(states)].sort().map((state) => `${states.filter((one) => one === state).length} ${state}`)
  return [
    `Sotto ${__VERSION__}`,
    `Browser: ${/(Firefox|Chrome|Version)\/\d+/.exec(navigator.userAgent)?.[0] ?? "another one"}`,
    `Page: ${location.protocol.slice(0, -1)}${navigator.onLine ? "" : ", offline"}`,
    ...checks.map(({ detail, outcome, what }) => `${what}: ${outcome}. ${detail}`),
    `Service: ${broker === undefined ? "the page's own" : "another one"}; ICE servers: ${iceServers.length}${relayOnly ? ", TURN only" : ""}`,
    `Chats: ${counted.join(", ") || "none"}`,
  ].join("\n")
}
