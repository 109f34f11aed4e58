/** The PeerJS broker, from the package `peer`. It sees random ids and network addresses, and no content. */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { CliError } from "./cli-error.ts"

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/** What answers under `path` of the server; its WebSockets are the server's. */
export const makeBroker = async (server: Server, path: string): Promise<RequestHandler> => {
  const { ExpressPeerServer } = await import("peer").catch(() => {
    throw new CliError("the connection service needs the package peer. Install it beside sotto: npm install peer")
  })
  // Only a mounted one becomes a broker; the outer one is an Express application like any other.
  const outer = ExpressPeerServer(server)
  // Ids are handles that only a contact knows: nobody may list them.
  const broker = ExpressPeerServer(server, { path: "/", allow_discovery: false })
  // A peer's malformed message and a busy port both arrive here; unheard, either would end the process.
  broker.on("error", () => {})
  outer.use(path, broker)
  return outer as unknown as RequestHandler
}
