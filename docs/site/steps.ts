/** A derivation: what is computed, and what came out. Long values are cut, since what they come from is on the page. */
export const steps = (rows: ReadonlyArray<readonly [formula: string, value: Uint8Array]>): string =>
  `<dl class="steps not-content">${rows
    .map(([formula, value]) => {
      const text = Buffer.from(value).toString("hex")
      return `<dt>${formula.replaceAll("<", "&lt;")}</dt><dd><code>${text.length > 160 ? `${text.slice(0, 96)} … ${text.slice(-32)}` : text}</code></dd>`
    })
    .join("")}</dl>`
