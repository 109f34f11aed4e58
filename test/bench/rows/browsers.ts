/** Two people in two Chromium processes, over IndexedDB and a real data channel: how many messages, and how soon one. */
import { startBroker } from "../../adapters/transport/broker.ts"
import { bundle, launch, openPage } from "../../browser/chromium.ts"
import type * as Person from "../browser-person.ts"
import { atLeast, atMost, measured } from "../harness.ts"
import { type Row, spreadOf } from "../result.ts"
import { type Passed, type Stage, within } from "../stages.ts"

/** What the pages' bundle exports. */
declare const bundled: { readonly bundle: typeof Person }
type Page = Awaited<ReturnType<typeof openPage>>

const ROUNDS = 7
const COUNT = 128
const IN_FLIGHT = 64
/** Messages that are waited for one by one. */
const MESSAGES = 9
/** How long both pages do nothing before each. */
const IDLE_MS = 1_000
/** Round trips in a row. */
const TRIPS = 15
const MINIMAL_LAYERS = "a minimal peer with the four layers"
const MINIMAL_CARRYING = "a minimal peer that only carries"
/** Messages through the bare cascade, in each page and round. */
const BARE = 64

/** Runs a function of the bundle in a page. */
const call = <K extends keyof typeof Person>(
  page: Page,
  name: K,
  ...args: Parameters<(typeof Person)[K]>
): Promise<Awaited<ReturnType<(typeof Person)[K]>>> =>
  page.evaluate(
    ([which, given]) => {
      const functions = (globalThis as unknown as typeof bundled).bundle as unknown as Record<
        string,
        (...args: ReadonlyArray<unknown>) => unknown
      >
      return functions[which]!(...given)
    },
    [name, args] as const,
  ) as Promise<Awaited<ReturnType<(typeof Person)[K]>>>

/** A page that the test answers for itself counts as one from elsewhere, which may not reach a broker on this machine. */
const LOCAL = ["--disable-features=LocalNetworkAccessChecks"]

/** Two browsers, paired and connected. */
const together = async <A>(work: (alice: Page, bob: Page) => Promise<A>): Promise<A> => {
  const broker = await startBroker()
  const browsers = [await launch(LOCAL), await launch(LOCAL)] as const
  try {
    const script = await bundle(new URL("../browser-person.ts", import.meta.url))
    const [alice, bob] = [
      await openPage(await browsers[0].newContext(), script),
      await openPage(await browsers[1].newContext(), script),
    ]
    const options = { ...broker.options, iceServers: [] }
    await Promise.all([call(alice, "open", "alice", options), call(bob, "open", "bob", options)])
    await call(bob, "accept", await call(alice, "makeInvite"))
    await call(alice, "joined")
    await Promise.all([call(alice, "ready"), call(bob, "ready")])
    await call(alice, "takeMinimal", await call(bob, "answerMinimal", await call(alice, "offerMinimal")))
    await call(bob, "startMinimal", await call(alice, "agreeMinimal"), "joiner")
    return await work(alice, bob)
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()))
    await broker.stop()
  }
}

export const browsersStream: Row = {
  id: "browsers-stream",
  title: "Two Chromium processes, IndexedDB, a data channel: 1 KiB messages a second",
  how:
    "64 messages in flight; one counts when the sender knows that the other browser has it durably. Beside it the bare cascade, seal and open, no storage, in each of the two pages " +
    "in the same round; the slower page counts; and a minimal peer in each, without our engine, that has the same layers, strict commits of the same storage and a data channel. By the clock on the wall.",
  run: () =>
    together(async (alice, bob) => {
      const messages: Array<number> = []
      const cascade: Array<number> = []
      const least: Array<number> = []
      await call(alice, "stream", COUNT, IN_FLIGHT)
      await call(alice, "streamLeast", COUNT, IN_FLIGHT)
      for (const page of [alice, bob]) await call(page, "bare", BARE)
      for (let round = 0; round < ROUNDS; round++) {
        messages.push(await call(alice, "stream", COUNT, IN_FLIGHT))
        const bare: Array<number> = []
        for (const page of [alice, bob]) bare.push(await call(page, "bare", BARE))
        cascade.push(Math.max(...bare))
        least.push(await call(alice, "streamLeast", COUNT, IN_FLIGHT))
      }
      // Once more with a clock at every stage, which the figures above are without.
      for (const page of [alice, bob]) {
        await call(page, "timeLayers")
        await call(page, "takePassed")
      }
      await call(alice, "stream", COUNT, IN_FLIGHT)
      const [sender, receiver] = [await call(alice, "takePassed"), await call(bob, "takePassed")]
      const [ours, bare, minimal] = ["API to API, durable", "bare cascade, seal and open", "a minimal peer, durable"]
      const { contenders, ratio } = measured(
        new Map([
          [ours, messages],
          [bare, cascade],
          [minimal, least],
        ]),
        "µs",
      )
      return {
        contenders,
        figures: [
          atLeast("messages a second, to those of the bare cascade", ratio(bare, ours), 0.5),
          { says: "a minimal peer's, to those of the bare cascade", unit: "×", value: ratio(bare, minimal) },
        ],
        notes: [
          `${(1e6 / contenders[0]!.median).toFixed(0)} durable messages a second.`,
          `Each stage by the clock, for a message: the sender ${stagesIn(sender)}; the receiver ${stagesIn(receiver)}.`,
        ],
      }
    }),
}

/** Milliseconds a message in the stages of one page, in words. */
const stagesIn = (passed: ReadonlyArray<Passed>): string => {
  const each = (stage: Stage) => (within(passed, stage, 0, Number.POSITIVE_INFINITY) / COUNT).toFixed(2)
  const commits = passed.filter(({ stage }) => stage === "commit").length
  return (
    `seals for ${each("seal")} ms, opens for ${each("open")} ms, waits for commits for ${each("commit")} ms ` +
    `(${(COUNT / Math.max(1, commits)).toFixed(1)} messages a commit) and looks into its storage for ${each("look")} ms`
  )
}

export const browsersLatency: Row = {
  id: "browsers-latency",
  title: "One message after idling, API to API, two Chromium processes",
  how:
    "From the call of `send` in one browser until the other's application is told of it, durable in both (IndexedDB), a second after the last; both read the machine's clock. The round trip is that of a " +
    "byte over a data channel between the same pages, in a row (warm), which is what the goal is taken from, and after idling as long as the message. In the same rounds, idle as long, a minimal peer without our engine: a strict " +
    "commit, the channel, a strict commit, with the four layers and with layers that only carry. Below, where the time of the engine's messages went, and of the minimal peer's.",
  run: () =>
    together(async (alice, bob) => {
      await call(alice, "stream", COUNT, IN_FLIGHT)
      for (const page of [alice, bob]) await call(page, "timeLayers")
      const times: Array<number> = []
      const stages = new Map<string, Array<number>>()
      const add = (stage: string, time: number) => void stages.set(stage, [...(stages.get(stage) ?? []), time])
      const trips: Array<Awaited<ReturnType<typeof Person.roundTrips>>> = []
      const least: Record<Person.Kind, Array<number>> = { carrying: [], layers: [] }
      const idling = () => new Promise((resolve) => setTimeout(resolve, IDLE_MS))
      for (let i = 0; i < MESSAGES; i++) {
        await idling()
        trips.push(await call(alice, "roundTrips", TRIPS))
        for (const kind of ["carrying", "layers"] as const) {
          await idling()
          const { asked, left } = await call(alice, "sendLeast", kind)
          const { came, told } = await call(bob, "lastTold")
          least[kind].push(told - asked)
          if (kind === "layers") continue
          add("minimal: the sender's commit", left - asked)
          add("minimal: the channel, one way", came - left)
          add("minimal: the receiver's commit", told - came)
        }
        await idling()
        for (const page of [alice, bob]) await call(page, "takePassed")
        await call(alice, "takeCarried", "out")
        await call(bob, "takeCarried", "in")
        const before = await call(bob, "toldSoFar")
        const asked = await call(alice, "sendOne")
        const told = await call(bob, "toldAfter", before)
        times.push(told - asked)
        const [ours, theirs] = [await call(alice, "takePassed"), await call(bob, "takePassed")]
        const left = (await call(alice, "takeCarried", "out"))[0]!
        const came = (await call(bob, "takeCarried", "in"))[0]!
        const [seal, kept] = [within(ours, "seal", asked, left), within(ours, "commit", asked, left)]
        const [open, look] = [within(theirs, "open", came, told), within(theirs, "look", came, told)]
        const had = within(theirs, "commit", came, told)
        add("sender: sealing", seal)
        add("sender: the commit", kept)
        add("sender: the engine and turns of the page", left - asked - seal - kept)
        add("the channel, one way", came - left)
        add("receiver: opening", open)
        add("receiver: the look whether it is here already", look)
        add("receiver: the commit", had)
        add("receiver: the engine and turns of the page", told - came - open - look - had)
      }
      const commits = [await call(alice, "strictCommit"), await call(bob, "strictCommit")]
      const layers = [await call(alice, "bare", BARE), await call(bob, "bare", BARE)].map((time) => time / 1_000)
      const time = spreadOf(times)
      const beyond = (those: ReadonlyArray<number>, of: "warm" | "idle") =>
        spreadOf(those.map((one, i) => one - trips[i]![of]))
      return {
        contenders: [
          { name: "send to messageArrived", unit: "ms", ...time },
          { name: MINIMAL_LAYERS, unit: "ms", ...spreadOf(least.layers) },
          { name: MINIMAL_CARRYING, unit: "ms", ...spreadOf(least.carrying) },
          { name: "round trip of the channel, warm", unit: "ms", ...spreadOf(trips.map(({ warm }) => warm)) },
          { name: "round trip of the channel, idle as long", unit: "ms", ...spreadOf(trips.map(({ idle }) => idle)) },
          { name: "a bare strict transaction, in one page and the other", unit: "ms", ...spreadOf(commits) },
          { name: "the four layers, seal and open", unit: "ms", ...spreadOf(layers) },
          ...[...stages].map(([name, values]) => ({ name, unit: "ms", ...spreadOf(values) })),
        ],
        figures: [
          atMost("beyond the round trip", beyond(times, "warm"), 6, "ms"),
          { says: "beyond the round trip of a channel that idled as long", unit: "ms", value: beyond(times, "idle") },
          {
            says: "a minimal peer with the four layers, beyond the round trip",
            unit: "ms",
            value: beyond(least.layers, "warm"),
          },
          {
            says: "a minimal peer without any layer, beyond the round trip",
            unit: "ms",
            value: beyond(least.carrying, "warm"),
          },
        ],
      }
    }),
}
