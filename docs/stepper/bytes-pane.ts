/** The bytes of a frame, for whoever has which keys. HTML as text, all of it escaped. It explains with the engine's own formats. */
import type { LayerName } from "../../src/core/layers/layer.ts"
import { describe } from "../../src/spec/describe/frame.ts"
import type { OpenedBy } from "../../src/spec/describe/span.ts"
import { bytesHtml, escape } from "../site/bytes.ts"
import type { Shown } from "./shown.ts"
import { LAYER_LABELS, LAYERS } from "./words.ts"

/** A commit is the MLS layer's as well. */
const layerOf = (by: OpenedBy): LayerName | undefined =>
  by === "commit" ? "mls" : by === "recovery" || by === "vault" ? undefined : by

export const bytesPane = (player: Shown, selected: number | undefined, keys: ReadonlySet<LayerName>): string => {
  const frame = player.frames.find(({ id }) => id === selected)
  if (frame === undefined)
    return `<h2>Bytes</h2><p class="hint">Choose a frame in the diagram: its bytes open here, layer by layer.</p>`
  const { bytes, from, kind, plaintexts, to } = frame
  const title = `<h2>${escape(kind)} <small>${escape(from)} → ${escape(to)} · ${bytes.length.toLocaleString("en-US")} bytes</small></h2>`
  const isRecorded = player.recorded !== undefined
  if (bytes.length === 0 && isRecorded)
    return `${title}<p class="hint">Its bytes are not in the recording: those of handshakes and questions never are, and of sealed frames the latest 200.</p>`
  if (bytes.length === 0)
    return `${title}<p class="hint">It left while there was no way: its bytes were never under way.</p>`
  const isSealed = plaintexts.aes !== undefined
  const boxes = LAYERS.map(
    (layer) =>
      `<label><input type="checkbox" data-keys="${layer}"${keys.has(layer) ? " checked" : ""}> ${LAYER_LABELS[layer]}</label>`,
  ).join("")
  const eyes = isSealed
    ? `<div class="eyes" role="group" aria-label="Keys that the reader has"><b>Read it with the keys of</b>${boxes}</div>`
    : ""
  return `${title}${eyes}<p class="sight">${isRecorded ? RECORDED : sightOf(kind, isSealed, keys)}</p>${bytesHtml(
    `The bytes of ${kind}`,
    describe(bytes, (by) => {
      const layer = layerOf(by)
      return layer === undefined || keys.has(layer) ? plaintexts[by] : undefined
    }),
    bytes,
  )}`
}

const RECORDED =
  "As whoever carries it sees it: its kind, its index, and its length, which tells the padding bucket. A recording has no keys in it."

/** What whoever has these keys learns from such a frame. Docs: threat-model.md. */
const sightOf = (kind: string, isSealed: boolean, keys: ReadonlySet<LayerName>): string => {
  if (["hello", "bundle", "accept"].includes(kind))
    return "It travels in the open beneath the link's own encryption: whoever carries it can read all of it. Without the invite's secret nothing in it can be changed unnoticed."
  if (["probe", "echo"].includes(kind))
    return "Whoever carries it can read all of it: a random number, which says nothing."
  if (["ask", "tell"].includes(kind))
    return "Whoever carries it sees which recovery secret it is about, by a random name, and nothing else."
  if (!isSealed)
    return "It does not open with what its receiver has: it is damaged, comes again, or is not for them. Whoever carries it sees its kind, its index and its length."
  const closed = LAYERS.find((layer) => !keys.has(layer))
  if (closed === undefined) return "With the keys of all four layers, as its receiver has them, the content is open."
  if (closed === "aes") {
    return keys.size === 0
      ? "As whoever carries it sees it, a relay or an eavesdropper: its kind, its index, and its length, which tells the padding bucket. No name, no text."
      : `Without the outermost layer's keys those of ${[...keys].map((layer) => LAYER_LABELS[layer]).join(", ")} are of no use: there is nothing to try them on. Such a thief sees what a relay sees.`
  }
  return `It opens as far as the ${LAYER_LABELS[closed]} layer, and there it ends: the text needs all four.`
}
