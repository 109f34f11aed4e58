/** Pictures of documents, put into their pages: as files they follow the system's light or dark, in a page the page's. */
import { readFileSync } from "node:fs"
import { posix } from "node:path"
import { escape } from "./bytes.ts"

const root = new URL("../../", import.meta.url)

/** `![what it shows](picture.svg)` becomes the picture itself. */
export const withPictures = (markdown: string, from: string): string => {
  let count = 0
  return markdown.replace(/!\[([^\]]*)\]\(([^)\s]+\.svg)\)/g, (_, text: string, target: string) => {
    const file = posix.join(posix.dirname(from), target)
    return inline(readFileSync(new URL(file, root), "utf8"), text, `picture-${++count}`)
  })
}

/** Its style is for it alone, and its dark half for the page's dark theme. */
const inline = (svg: string, text: string, name: string): string => {
  const [whole = "", light = "", dark = ""] =
    /<style>(.*?)@media ?\(prefers-color-scheme: ?dark\) ?\{(.*)\}<\/style>/s.exec(svg) ?? []
  if (whole === "")
    throw new Error("a picture has a style for light, and one for dark in @media(prefers-color-scheme:dark)")
  const style = `<style>.${name}{${light}}:root[data-theme="dark"] .${name}{${dark}}</style>`
  const own = svg.replace(whole, style).replace(/<svg ([^>]*?)role="img"[^>]*>/, (_, more: string) => {
    return `<svg ${more}role="img" class="${name}" aria-label="${escape(text)}">`
  })
  return `<figure class="picture not-content" role="group" tabindex="0" aria-label="A picture, which scrolls sideways where it has to">${own.trim().replaceAll("\n", "")}</figure>`
}
