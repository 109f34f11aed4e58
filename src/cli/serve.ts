/** `sotto serve`: the chat app and a PeerJS broker on one port of this machine. */
import { createServer, type Server } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { makeBroker, type RequestHandler } from "./broker.ts"
import { CliError, optionsOf, portOf } from "./cli-error.ts"
import { serveDocs, serveFiles } from "./static-files.ts"

const DEFAULT_PORT = 7_337
/** Where the broker answers, beside the app. The app looks for it there. */
export const BROKER_PATH = "/peerjs"
/** Where the documentation is, once `npm run docs:build` has made it. */
export const DOCS_PATH = "/docs"
/** A busy port is common; so many after it are tried before giving up. */
const PORTS_TRIED = 20

/** In a checkout the sources run as they are; installed, the command has a name. */
const IS_CHECKOUT = import.meta.url.endsWith(".ts")
const CHAT = IS_CHECKOUT ? "npx node src/cli/main.ts chat" : "npx sotto chat"

const HELP = `sotto serve: the chat app and a connection service (PeerJS broker), on one port of this machine

  --port N        the port (default ${DEFAULT_PORT}; 0: any free one)
  --host ADDRESS  the address to listen on (default 127.0.0.1: this machine only)
  --broker-only   no app, the broker alone

Other devices need HTTPS to use the app: put a proxy with a certificate before it.`

export interface Serving {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

export interface ServeOptions {
  readonly host: string
  readonly port: number
  readonly brokerOnly: boolean
  /** The app's built files. */
  readonly files: URL
  /** The documentation's, if there is one. */
  readonly docs?: URL
  /** Told when the port was busy and another one is used. */
  readonly onBusy?: (busy: number, used: number) => void
}

export const serve = async (options: ServeOptions): Promise<Serving> => {
  const { brokerOnly, files, host } = options
  const server = createServer()
  const pages = brokerOnly ? notFound : await serveFiles(files)
  const docs = brokerOnly || options.docs === undefined ? notFound : await serveDocs(options.docs, `${DOCS_PATH}/`)
  const broker = await makeBroker(server, BROKER_PATH)
  server.on("request", (request, response) => {
    const isBelow = (path: string) => request.url?.startsWith(`${path}/`) ?? false
    if (request.url === BROKER_PATH || isBelow(BROKER_PATH)) return broker(request, response)
    if (request.url === DOCS_PATH) return response.writeHead(308, { location: `${DOCS_PATH}/` }).end()
    return isBelow(DOCS_PATH) ? docs(request, response) : pages(request, response)
  })
  // The broker's WebSockets would keep a closing server open.
  const sockets = new Set<Socket>()
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  const port = await listen(server, options)
  return {
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

const notFound: RequestHandler = (_, response) => {
  response.writeHead(404, { "content-type": "text/plain" }).end("Not found\n")
}

const listen = async (server: Server, { host, onBusy, port }: ServeOptions): Promise<number> => {
  for (let tried = 0; tried < PORTS_TRIED; tried++) {
    const wanted = port === 0 ? 0 : port + tried
    const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve)
      server.listen(wanted, host, () => {
        server.off("error", resolve)
        resolve(undefined)
      })
    })
    if (failure === undefined) {
      const used = (server.address() as AddressInfo).port
      if (tried > 0) onBusy?.(port, used)
      return used
    }
    if (failure.code === "EADDRNOTAVAIL")
      throw new CliError(`This machine has no address ${host}. Choose another --host.`)
    if (failure.code === "EACCES") throw new CliError(`Port ${wanted} needs more rights. Choose one above 1023.`)
    if (failure.code !== "EADDRINUSE") throw new CliError(`Cannot listen on ${host}:${wanted} (${failure.code}).`)
  }
  throw new CliError(`Ports ${port} to ${port + PORTS_TRIED - 1} are all busy. Choose another one with --port.`)
}

export const serveCommand = async (words: ReadonlyArray<string>): Promise<void> => {
  const parsed = optionsOf(
    words,
    { port: { type: "string" }, host: { type: "string" }, "broker-only": { type: "boolean" } },
    HELP,
  )
  if (parsed === undefined) return
  const { "broker-only": brokerOnly = false, host = "127.0.0.1", port } = parsed.values
  const serving = await serve({
    host,
    port: port === undefined ? DEFAULT_PORT : portOf(port),
    brokerOnly,
    files: new URL(IS_CHECKOUT ? "../../dist/chat/" : "../chat/", import.meta.url),
    docs: new URL(IS_CHECKOUT ? "../../dist/docs/" : "../docs/", import.meta.url),
    onBusy: (busy, used) => process.stdout.write(`Port ${busy} is busy, so this is on ${used}.\n`),
  })
  process.stdout.write(
    brokerOnly
      ? `Sotto's connection service is on ${serving.url.slice(0, -1)}${BROKER_PATH}\nCtrl-C ends it.\n`
      : `Sotto is on ${serving.url}

  1. Open it in two browser windows: ${serving.url}?profile=ana and ${serving.url}?profile=ben
  2. In one, create an invite. In the other, use it: paste the link, or scan the code.
  3. Talk. Or talk from a terminal: ${CHAT} --broker ${serving.url}

Ctrl-C ends it.\n`,
  )
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve())
  })
  await serving.close()
  process.stdout.write("Sotto has ended. Open conversations go on; new connections need it again.\n")
  // The broker's own timers have no end.
  process.exit(0)
}
