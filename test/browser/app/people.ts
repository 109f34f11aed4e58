/** Scripted contacts, one for each state that a conversation can be in. */
import type { Connection, DeliveryState, MachineView, Message, Session } from "../../../src/face.ts"

export interface Said {
  readonly mine: boolean
  readonly text: string
  readonly at: number
  readonly state?: DeliveryState
  readonly gap?: number
  /** What else there is to see of it. */
  readonly more?: Partial<Message>
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly pairedAt: number | undefined
  readonly connection: Connection
  readonly session: Session
  readonly verified?: number
  readonly typing?: boolean
  readonly unread?: number
  readonly machines?: ReadonlyArray<MachineView>
  readonly said: ReadonlyArray<Said>
}

const layers: Session["layers"] = [
  { layer: "mls", state: "member", epoch: 7, sent: 24, received: 22, skipped: 0 },
  { layer: "signal", state: "sending", epoch: 19, sent: 24, received: 22, skipped: 2 },
  { layer: "kem", state: "responding", epoch: 21, sent: 24, received: 22, skipped: 0 },
  { layer: "aes", state: "running", epoch: 0, sent: 24, received: 22, skipped: 0 },
]

const session = (change: Partial<Session> = {}): Session => ({
  state: "established",
  step: "ready",
  layers,
  epoch: 21,
  waiting: 0,
  ...change,
})

const direct: Connection = { state: "direct", link: "open", roundTrip: 23.4, reconnects: 2 }
const offline: Connection = { state: "offline", link: "waiting", reconnects: 4 }

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const machines = (now: number): ReadonlyArray<MachineView> => [
  { machine: "session", id: "session", state: "established", context: { attempt: 1 }, since: now - 640_000 },
  { machine: "link", id: "link", state: "open", context: { attempt: 0 }, since: now - 512_000 },
  {
    machine: "doubleRatchet",
    id: "doubleRatchet/signal",
    state: "sending",
    context: { epoch: 19 },
    since: now - 40_000,
  },
  { machine: "kemRatchet", id: "kemRatchet/kem", state: "responding", context: { epoch: 21 }, since: now - 40_000 },
  { machine: "delivery", id: "delivery/24", state: "sent", context: { tries: 1 }, since: now - 2_000 },
]

const talk = (now: number): ReadonlyArray<Said> => {
  const monday = now - 2 * DAY
  const yesterday = now - DAY
  return [
    { mine: false, text: "Hi! Did the code work?", at: monday },
    { mine: true, text: "It did. Took about two seconds.", at: monday + MINUTE, state: "read" },
    { mine: false, text: "Then this is the first message that nobody else keeps a copy of.", at: monday + 2 * MINUTE },
    { mine: true, text: "How was the concert?", at: yesterday, state: "read" },
    { mine: false, text: "Long.", at: yesterday + MINUTE },
    {
      mine: false,
      text: "Good, though. They played the whole second half without a break, and the last piece was so quiet that you could hear the rain on the roof.",
      at: yesterday + MINUTE + 10_000,
    },
    { mine: false, text: "I'll bring you the programme.", at: yesterday + MINUTE + 20_000 },
    { mine: true, text: "Please do 🙂", at: yesterday + 3 * MINUTE, state: "read" },
    { mine: false, text: "Are you coming tomorrow?", at: now - 40 * MINUTE, gap: 2 },
    {
      mine: true,
      text: "Yes. I'll take the 17:12 and walk from the station.\n\nShould I bring anything?",
      at: now - 35 * MINUTE,
      state: "read",
    },
    { mine: false, text: "Just yourself.", at: now - 30 * MINUTE },
    {
      mine: true,
      text: "https://example.org/a-very-long-address-without-any-place-to-break-it/0123456789012345678901234567890123456789",
      at: now - 21 * MINUTE,
      state: "failed",
    },
    { mine: true, text: "Then at the bridge?", at: now - 20 * MINUTE, state: "read" },
    { mine: false, text: "See you at six", at: now - 12 * MINUTE },
    { mine: true, text: "See you!", at: now - 11 * MINUTE, state: "delivered" },
  ]
}

const many = (now: number, count: number): ReadonlyArray<Said> =>
  Array.from({ length: count }, (_, index) => ({
    mine: index % 3 === 1,
    text: `Message ${index + 1}${" and some more words".repeat((index * 7) % 9)}`,
    at: now - (count - index) * 3 * MINUTE,
    ...(index % 3 === 1 ? { state: "read" as const } : {}),
  }))

export const people = (now: number): ReadonlyArray<Person> => [
  {
    id: "ana",
    name: "Ana",
    pairedAt: now - 30 * DAY,
    connection: direct,
    session: session(),
    machines: machines(now),
    said: talk(now),
  },
  {
    id: "bo",
    name: "Bo Lindqvist",
    pairedAt: now - 80 * DAY,
    connection: { ...offline, nextAttempt: now + 25_000 },
    session: session({ waiting: 1 }),
    verified: now - 60 * DAY,
    said: [
      { mine: false, text: "Train is late again.", at: now - 5 * 60 * MINUTE },
      { mine: true, text: "I'll wait in the café opposite.", at: now - 4 * 60 * MINUTE, state: "queued" },
    ],
  },
  {
    id: "zed",
    name: "Zed",
    pairedAt: now - 300 * DAY,
    connection: { state: "relayed", link: "open", roundTrip: 87, reconnects: 0 },
    session: session(),
    verified: now - 200 * DAY,
    typing: true,
    unread: 3,
    machines: machines(now),
    said: many(now - 60 * MINUTE, 10_000),
  },
  {
    id: "cleo",
    name: "Cleo",
    pairedAt: now - 12 * DAY,
    connection: direct,
    session: session({ state: "paused", waiting: 2 }),
    said: [{ mine: false, text: "New phone, sorry for the silence.", at: now - 26 * 60 * MINUTE }],
  },
  {
    id: "dunja",
    name: "Dunja",
    pairedAt: undefined,
    connection: { state: "connecting", link: "opening", reconnects: 0 },
    session: session({ state: "handshaking", step: "keys", layers: [], epoch: 0 }),
    said: [],
  },
  {
    id: "emil",
    name: "Emil",
    pairedAt: undefined,
    connection: offline,
    session: session({ state: "failed", step: "find", failure: "expired", layers: [], epoch: 0 }),
    said: [],
  },
  {
    id: "faye",
    name: "Faye",
    pairedAt: undefined,
    connection: { ...offline, unreachable: "broker.example:9000" },
    session: session({ state: "handshaking", step: "find", layers: [], epoch: 0 }),
    said: [],
  },
  {
    id: "hugo",
    name: "Hugo",
    pairedAt: undefined,
    connection: { ...offline, nextAttempt: now + 25_000 },
    session: session({ state: "handshaking", step: "path", layers: [], epoch: 0 }),
    said: [],
  },
  {
    id: "greta",
    name: "Greta with a name that is much longer than anybody's list of chats was ever wide",
    pairedAt: now - 90 * DAY,
    connection: { ...offline, unreachable: "broker.example:9000" },
    session: session(),
    said: [{ mine: false, text: "שלום! אפשר לכתוב גם מימין לשמאל", at: now - 9 * DAY }],
  },
  {
    id: "ivo",
    name: "Ivo \u202Eevil\u0007",
    pairedAt: now - 90 * DAY,
    connection: offline,
    session: session({ state: "blocked" }),
    said: [],
  },
]
