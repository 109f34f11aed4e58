/** `sotto inspect`: steps through a recording of a live peer, in a browser or as text. Docs: docs/recordings.md. */
import { randomBytes } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { MAX_RECORDING, type Recording, readRecording } from "../spec/recording/recording.ts"
import { timelineOf } from "../spec/recording/timeline.ts"
import { CliError, optionsOf, portOf } from "./cli-error.ts"
import { HEADERS, serveFolder } from "./static-files.ts"
import { plain } from "./terminal.ts"

const IS_CHECKOUT = import.meta.url.endsWith(".ts")
const DOCS = new URL(IS_CHECKOUT ? "../../dist/docs/" : "../docs/", import.meta.url)

const HELP = `sotto inspect FILE: step through a recording of a live peer

  --text          print it as a timeline, and end
  --port N        the port for the browser (default: any free one)

A recording is what \`record(me).text()\` of sotto/recording gives, or \`sotto chat --record FILE\`. It holds no keys, no names
and, unless they were asked for, no texts. Without the built documentation it is printed.`

export const recordingIn = async (file: string): Promise<Recording & { readonly text: string }> => {
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  )
  if (size === undefined) throw new CliError(`there is no file ${file}.`)
  // A character has up to three bytes.
  if (size > 3 * MAX_RECORDING) throw new CliError(`${file} is too large for a recording.`)
  const text = await readFile(file, "utf8")
  const found = readRecording(text)
  if ("problem" in found) throw new CliError(`${file} cannot be opened. ${found.problem}`)
  return { ...found, text }
}

export interface Inspecting {
  readonly url: string
  readonly close: () => void
}

/** Serves the documentation with the recording beside it, to this machine only; undefined where it was not built. */
export const serveRecording = async (text: string, port: number, docs = DOCS): Promise<Inspecting | undefined> => {
  const pages = await serveFolder(docs, "/docs/")
  if (pages === undefined) return undefined
  // Whoever does not know the name cannot ask for it: other pages in the browser, other users of the machine.
  const path = `/${randomBytes(16).toString("hex")}.jsonl`
  const server = createServer((request, response) => {
    if (request.url !== path) return pages(request, response)
    response.writeHead(200, {
      ...HEADERS,
      "content-type": "application/jsonl; charset=utf-8",
      "cache-control": "no-store",
    })
    response.end(request.method === "HEAD" ? undefined : text)
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(new CliError(`port ${port} is busy. Leave --port out for any free one.`)))
    server.listen(port, "127.0.0.1", resolve)
  })
  const { port: used } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${used}/docs/see/recording/#r=${path}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export const inspectCommand = async (words: ReadonlyArray<string>): Promise<void> => {
  const parsed = optionsOf(words, { text: { type: "boolean" }, port: { type: "string" } }, HELP)
  if (parsed === undefined) return
  const [file] = parsed.positionals
  if (file === undefined || parsed.positionals.length > 1) throw new CliError(`which file?\n\n${HELP}`, 2)
  const recording = await recordingIn(file)
  const serving =
    parsed.values.text === true
      ? undefined
      : await serveRecording(recording.text, parsed.values.port === undefined ? 0 : portOf(parsed.values.port))
  if (serving === undefined) {
    process.stdout.write(`${timelineOf(recording).map(plain).join("\n")}\n`)
    return
  }
  process.stdout.write(`The recording is on ${serving.url}\nCtrl-C ends it.\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve())
  })
  serving.close()
}
