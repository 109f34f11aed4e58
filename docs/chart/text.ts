/** How wide a text is in the fonts that ship with the site, so that boxes fit what is in them. */
import { readFileSync } from "node:fs"
import { create, type Font } from "fontkit"

const fonts = new URL("../node_modules/", import.meta.url)
const open = (path: string): Font => create(readFileSync(new URL(path, fonts))) as Font

const inter = open("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")
const mono = open("@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2")

/** The variable font is measured at its regular weight, which heavier ones exceed by less than this. */
const faces = {
  /** A state's name. */
  title: { font: inter, size: 13, wider: 1.07 },
  /** What a rule waits for. */
  body: { font: inter, size: 11.5, wider: 1.04 },
  /** A command. */
  code: { font: mono, size: 10.5, wider: 1 },
} as const

export type Face = keyof typeof faces

export const widthOf = (face: Face, text: string): number => {
  const { font, size, wider } = faces[face]
  return (font.layout(text).advanceWidth / font.unitsPerEm) * size * wider
}
