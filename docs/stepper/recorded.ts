/** A recording of a live peer as something to step through: a line of life for each contact, each with its machines as they stood. */
import type { StateValue } from "xstate"
import { type RecordedFrame, type RecordedLine, readRecording } from "../../src/spec/recording/recording.ts"
import { whoIs, wordsOf } from "../../src/spec/recording/timeline.ts"
import type { ContactInView, MachineInView, PeerInView } from "../../src/spec/simulation/view.ts"
import type { Moment, SeenFrame, Shown } from "./shown.ts"
import { START } from "./words.ts"

/** Side by side there is room for so many. */
const LANES = 3
/** Of one contact, the latest: messages come and go. */
const MAX_MACHINES = 200
const MAX_HISTORY = 50

/** The recording, ready to be shown; or what is wrong with it. `only`: one contact. */
export const recorded = (text: string, only?: number): Shown | string => {
  const found = readRecording(text)
  if ("problem" in found) return `This cannot be shown. ${found.problem}`
  const { head, lines: all, truncated } = found
  if (all.length === 0) return "This recording is empty."
  const counts = new Map<number, number>()
  for (const { contact } of all) counts.set(contact, (counts.get(contact) ?? 0) + 1)
  const most = [...counts].sort(([, a], [, b]) => b - a).map(([contact]) => contact)
  const lanes = only === undefined ? most.slice(0, LANES).sort((a, b) => a - b) : [only]
  const left = most.filter((contact) => !lanes.includes(contact))
  const kept = all.filter(({ contact }) => lanes.includes(contact))
  const said = [
    `A recording of ${all.length} lines`,
    head.dropped > 0 ? `${head.dropped} before them were not kept` : "",
    left.length > 0 ? `${left.map(whoIs).join(", ")} left out here` : "",
    truncated ? "it breaks off in the middle of a line" : "",
  ].filter((part) => part !== "")
  return {
    setup: { seed: 0, peers: lanes.map(whoIs), crypto: "real" },
    choices: kept.map(() => ["."]),
    frames: kept.flatMap((line, index) => ("way" in line ? frameOf(line, index) : [])),
    lines: kept.map((line) => ({ at: line.at, peer: whoIs(line.contact), what: wordsOf(line) })),
    moments: momentsOf(kept, lanes),
    contacts: most,
    recorded: `${said.join("; ")}.`,
  }
}

/** Named by its line. Where its bytes were not kept, it has none. */
const frameOf = ({ bytes = new Uint8Array(), contact, kind, way }: RecordedFrame, index: number): SeenFrame => {
  const [from, to] = way === "out" ? ["you", whoIs(contact)] : [whoIs(contact), "you"]
  const ends = { sentLine: index, endLine: index, lostAt: undefined }
  return { id: index, from, to, kind, bytes, plaintexts: {}, ...ends }
}

const momentsOf = (lines: ReadonlyArray<RecordedLine>, lanes: ReadonlyArray<number>): ReadonlyArray<Moment> => {
  const machines = new Map<number, Map<string, MachineInView>>(lanes.map((contact) => [contact, new Map()]))
  const histories = new Map<number, Array<ContactInView["history"][number]>>(lanes.map((contact) => [contact, []]))
  let peers: ReadonlyArray<PeerInView> = lanes.map((contact) => peerOf(contact, [], []))
  const moments: Array<Moment> = [momentAt(peers, 0, 0)]
  for (const [i, line] of lines.entries()) {
    const { contact } = line
    const own = machines.get(contact)!
    if ("id" in line) {
      const { id, to } = line
      own.delete(id)
      own.set(id, { machine: id.split("/")[0]!, id, state: to, context: line.context ?? {}, timers: [] })
      if (own.size > MAX_MACHINES) own.delete(own.keys().next().value!)
    } else if ("text" in line && line.text !== undefined) {
      histories.set(contact, [
        ...histories.get(contact)!.slice(1 - MAX_HISTORY),
        { from: whoIs(contact), text: line.text, state: undefined },
      ])
    }
    peers = peers.map((peer, lane) =>
      lanes[lane] === contact ? peerOf(contact, [...own.values()], histories.get(contact)!) : peer,
    )
    moments.push(momentAt(peers, line.at, i + 1))
  }
  return moments
}

const peerOf = (
  contact: number,
  machines: ReadonlyArray<MachineInView>,
  history: ContactInView["history"],
): PeerInView => {
  const stateOf = (id: string) => shownState(machines.find((one) => one.id === id)?.state)
  const [session, connection] = [stateOf("session/main"), stateOf("link/main")]
  return {
    name: whoIs(contact),
    status: "recorded",
    clock: 0,
    contacts: [{ with: "you", session, connection, waiting: 0, machines, history }],
  }
}

/** The innermost names, as far as a person wants to know. */
const shownState = (state: StateValue | undefined): string =>
  state === undefined ? "" : typeof state === "string" ? state : shownState(Object.values(state)[0])

const momentAt = (peers: ReadonlyArray<PeerInView>, at: number, lines: number): Moment => ({
  lines,
  enabled: [],
  watched: [],
  view: {
    now: START + at,
    trace: "",
    peers,
    frames: [],
    agenda: [],
    links: [],
    parted: [],
    intercepted: false,
    thefts: [],
    invariants: [],
  },
})
