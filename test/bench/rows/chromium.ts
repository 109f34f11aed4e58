/** In a real Chromium: the cascade over the browser's own primitives, and what a pairing asks of each side. */
import { bundle, launch, openPage } from "../../browser/chromium.ts"
import { atMost, measured, ROUNDS } from "../harness.ts"
import type { cascades, pairings } from "../page.ts"
import { type Row, spreadOf } from "../result.ts"

/** What the page's bundle exports. */
declare const bundled: {
  readonly bundle: { readonly cascades: typeof cascades; readonly pairings: typeof pairings }
}

const inPage = async <A>(work: (page: Awaited<ReturnType<typeof openPage>>) => Promise<A>): Promise<A> => {
  const browser = await launch()
  try {
    return await work(await openPage(await browser.newContext(), await bundle(new URL("../page.ts", import.meta.url))))
  } finally {
    await browser.close()
  }
}

export const chromiumCascade: Row = {
  id: "chromium-cascade",
  title: "Full cascade in Chromium, 1 KiB sealed and opened, both ends",
  how: "In one page, by its clock: the four layers over the supplier that the SDK takes there, and the same layers with every primitive in JavaScript (noble).",
  run: async () => {
    const { supplier, taken } = await inPage((page) =>
      page.evaluate(
        ([rounds, warm]) => (globalThis as unknown as typeof bundled).bundle.cascades(rounds!, warm!),
        [ROUNDS, 2_000],
      ),
    )
    const [ours, noble] = [`the SDK's choice (${supplier})`, "all in JavaScript (noble)"]
    const { contenders, ratio } = measured(
      new Map([
        [ours, taken.map(([browser]) => browser)],
        [noble, taken.map(([, javaScript]) => javaScript)],
      ]),
      "µs",
    )
    return { contenders, figures: [atMost(`${ours} ÷ ${noble}`, ratio(ours, noble), 0.35)] }
  },
}

export const chromiumPairing: Row = {
  id: "chromium-pairing",
  title: "Pairing in Chromium, each side",
  how: "In one page, by its clock, which is no less than the processor's as everything follows one on the other: the inviter's keys and its answer to the Accept; the joiner's keys and its Accept. Below, of it what a person waits for who makes an invite, and what the joiner needs to answer, with keys made at that moment and with keys made ahead when the page was idle.",
  run: async () => {
    const taken = await inPage((page) =>
      page.evaluate((rounds) => (globalThis as unknown as typeof bundled).bundle.pairings(rounds), 3 * ROUNDS),
    )
    const inviter = spreadOf(taken.map(({ now }) => now.inviter))
    const joiner = spreadOf(taken.map(({ now }) => now.joiner))
    return {
      contenders: [
        { name: "inviter", unit: "ms", ...inviter },
        { name: "joiner", unit: "ms", ...joiner },
        { name: "the keys of an invite", unit: "ms", ...spreadOf(taken.map(({ now }) => now.invite)) },
        { name: "the same, made ahead", unit: "ms", ...spreadOf(taken.map(({ ahead }) => ahead.invite)) },
        { name: "joiner, with keys made ahead", unit: "ms", ...spreadOf(taken.map(({ ahead }) => ahead.joiner)) },
      ],
      figures: [atMost("inviter", inviter, 80, "ms"), atMost("joiner", joiner, 80, "ms")],
    }
  },
}
