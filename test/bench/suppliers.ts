/**
 * Prints what each supplier of the Crypto port takes for each operation, in Node and in a real Chromium: the table by which
 * `src/adapters/crypto/web.ts` and `native.ts` choose. Ratios within a run are to be trusted, microseconds are not.
 */
import { arch, availableParallelism, cpus } from "node:os"
import { bundle, launch, openPage } from "../browser/chromium.ts"
import { measure, type Row } from "./suppliers-measure.ts"

/** What the page's bundle exports. */
declare const bundled: { readonly bundle: { readonly measure: typeof measure } }

const print = (runtime: string, rows: ReadonlyArray<Row>): void => {
  const suppliers = [...new Set(rows.map(({ supplier }) => supplier))]
  const others = suppliers.filter((supplier) => supplier !== "noble")
  console.log(`\n## ${runtime}: median (best), µs a call; how many times as fast as noble\n`)
  console.log(`| operation | ${suppliers.join(" | ")} | ${others.map((other) => `noble ÷ ${other}`).join(" | ")} |`)
  console.log(`| --- |${" --- |".repeat(suppliers.length + others.length)}`)
  for (const operation of new Set(rows.map((row) => row.operation))) {
    const of = (supplier: string) => rows.find((row) => row.operation === operation && row.supplier === supplier)
    const times = suppliers.map((supplier) => {
      const row = of(supplier)
      return row === undefined ? "–" : `${row.median.toFixed(0)} (${row.best.toFixed(0)})`
    })
    const ratios = others.map((other) => {
      const row = of(other)
      return row === undefined ? "–" : (of("noble")!.median / row.median).toFixed(1)
    })
    console.log(`| ${[operation, ...times, ...ratios].join(" | ")} |`)
  }
}

console.log(`${availableParallelism()} × ${cpus()[0]?.model ?? arch()}`)
print(`Node ${process.versions.node}`, await measure())

const browser = await launch()
try {
  const page = await openPage(
    await browser.newContext(),
    await bundle(new URL("suppliers-measure.ts", import.meta.url)),
  )
  const rows = await page.evaluate(() => (globalThis as unknown as typeof bundled).bundle.measure())
  print(`Chromium ${browser.version()}`, rows)
} finally {
  await browser.close()
}
