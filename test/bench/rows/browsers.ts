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
const MESSAGES = 12
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
    "in the same round; the slower page counts. By the clock on the wall.",
  run: () =>
    together(async (alice, bob) => {
      const messages: Array<number> = []
      const cascade: Array<number> = []
      await call(alice, "stream", COUNT, IN_FLIGHT)
      for (const page of [alice, bob]) await call(page, "bare", BARE)
      for (let round = 0; round < ROUNDS; round++) {
        messages.push(await call(alice, "stream", COUNT, IN_FLIGHT))
        const bare: Array<number> = []
        for (const page of [alice, bob]) bare.push(await call(page, "bare", BARE))
        cascade.push(Math.max(...bare))
      }
      // Once more with a clock at every stage, which the figures above are without.
      for (const page of [alice, bob]) {
        await call(page, "timeLayers")
        await call(page, "takePassed")
      }
      await call(alice, "stream", COUNT, IN_FLIGHT)
      const [sender, receiver] = [await call(alice, "takePassed"), await call(bob, "takePassed")]
      const [ours, bare] = ["API to API, durable", "bare cascade, seal and open"]
      const { contenders, ratio } = measured(
        new Map([
          [ours, messages],
          [bare, cascade],
        ]),
        "µs",
      )
      return {
        contenders,
        figures: [atLeast("messages a second, to those of the bare cascade", ratio(bare, ours), 0.5)],
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
    "From the call of `send` in one browser until the other's application is told of it, durable in both (IndexedDB), a second after the last; both read the machine's clock. The round trip " +
    "is what the engine's own probe found of the channel, in whole milliseconds. A message needs two transactions that reach the disk, one after the other, and a seal and an open. Below, where the time of these messages went.",
  run: () =>
    together(async (alice, bob) => {
      await call(alice, "stream", COUNT, IN_FLIGHT)
      for (const page of [alice, bob]) await call(page, "timeLayers")
      const times: Array<number> = []
      const stages = new Map<string, Array<number>>()
      const add = (stage: string, time: number) => void stages.set(stage, [...(stages.get(stage) ?? []), time])
      for (let i = 0; i < MESSAGES; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1_000))
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
      const trip = await call(alice, "roundTrip")
      const commits = [await call(alice, "strictCommit"), await call(bob, "strictCommit")]
      const layers = [await call(alice, "bare", BARE), await call(bob, "bare", BARE)].map((time) => time / 1_000)
      const time = spreadOf(times)
      return {
        contenders: [
          { name: "send to messageArrived", unit: "ms", ...time },
          { name: "round trip of the channel", unit: "ms", ...spreadOf([trip]) },
          { name: "a bare strict transaction, in one page and the other", unit: "ms", ...spreadOf(commits) },
          { name: "the four layers, seal and open", unit: "ms", ...spreadOf(layers) },
          ...[...stages].map(([name, values]) => ({ name, unit: "ms", ...spreadOf(values) })),
        ],
        figures: [atMost("beyond the round trip", spreadOf(times.map((one) => one - trip)), 6, "ms")],
      }
    }),
}
