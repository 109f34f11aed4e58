/** The first page: what this is, and the ways in. */
import { BASE, type Page } from "./markdown.ts"

const ways = [
  ["Start in five minutes", "guides/start", "Node, a browser, React by hand: code that runs."],
  ["Embed it", "guides/embed", "In any user interface: a dozen calls, and stores to subscribe to."],
  ["Step through it", "see/stepper", "Two peers in your browser: drop a frame, crash a process, wind back."],
  ["Read the protocol", "reference/protocol", "Every byte that crosses a link, normative."],
  ["See the machines", "machines/session", "Each lifecycle as a statechart, drawn from the code that runs."],
  ["Follow one session", "see/session", "A real pairing and a first message with every key, to recompute."],
  ["Understand it", "concepts/cascade", "The cascade, ratchets, delivery and the vault, with pictures."],
  ["Break it", "guides/fuzzing", "Fuzz your settings and adapters from a seed: what fails is shrunk to a few steps."],
  ["What it protects from", "reference/threat-model", "Who can do what, who cannot, and which tests say so."],
  ["Check its claims", "reference/audit", "What the documents say, sentence by sentence, and what tries to break it."],
  ["Compare it", "reference/comparison", "Beside Signal, SimpleX, Matrix, XMTP and Enkrypted Chat, with sources."],
  ["Look a name up", "api/sotto", "Every export of the package, by subpath."],
] as const

export const front: Page = {
  slug: "index",
  text: `---
title: Sotto
description: "A protocol engine for private conversations between two people: no account, no server that sees content."
tableOfContents: false
---

*sotto voce*: in an undertone, meant for one person only.

Sotto is a protocol engine for private conversations between two people, in TypeScript, for browsers and Node. There is no
account and no server that sees content: one person passes an invite to another, their devices find each other, and every
message is sealed four times, each time under keys that were agreed independently. Everything that has a life inside it is a
statechart that you can read, draw, step through and fuzz.

:::caution[Young and unaudited]
Nobody outside the project has reviewed it. Try it, break it, read it; do not put a secret into it that could hurt somebody.
:::

<ul class="ways">
${ways.map(([title, slug, text]) => `<li><a href="${BASE}/${slug}/"><b>${title}</b><span>${text}</span></a></li>`).join("\n")}
</ul>
`,
}
