/**
 * A transport of one's own, without knowing Effect: TCP on this machine. Two people talk over it, and the acceptance suite
 * says whether it keeps the port's promises. Run it with `node`.
 *
 * It encrypts nothing and authenticates nobody; no transport has to. Frames go behind two bytes of length.
 */
import { randomBytes } from "node:crypto"
import { connect, createServer, type Socket } from "node:net"
import * as Effect from "effect/Effect"
import { createMessenger, defineTransport, type Transport } from "../src/index.ts"
import { transportConformance } from "../src/spec/conformance/transport.ts"

const HOST = "127.0.0.1"
/** An address is a port and 16 random bytes: nobody guesses it, and an old one is not mistaken for a new one. */
const TOKEN_BYTES = 16
const ADDRESS_BYTES = 2 + TOKEN_BYTES

const tcp = (): Transport =>
  defineTransport({
    kind: "tcp",

    listen: (earlier, accept) =>
      new Promise((resolve, reject) => {
        const token = earlier === undefined ? randomBytes(TOKEN_BYTES) : Buffer.from(earlier.subarray(2))
        const server = createServer((socket) => {
          const chunks = chunksOf(socket)
          chunks.take(TOKEN_BYTES, (greeting) => {
            if (!token.equals(greeting)) return socket.destroy()
            accept((events) => linkOver(socket, chunks, events))
          })
        })
        server.once("error", reject)
        server.listen(earlier === undefined ? 0 : portOf(earlier), HOST, () => {
          const { port } = server.address() as { readonly port: number }
          resolve({ address: Buffer.from([port >> 8, port & 255, ...token]), close: () => void server.close() })
        })
      }),

    connect: (at, events, signal) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: HOST, port: portOf(at), signal })
        socket.once("error", reject)
        socket.once("connect", () => {
          socket.write(at.subarray(2))
          resolve(linkOver(socket, chunksOf(socket), events))
        })
      }),

    services: (at) => (at.length === ADDRESS_BYTES ? [`${HOST}:${portOf(at)}`] : undefined),
  })

const portOf = (address: Uint8Array): number => address[0]! * 256 + address[1]!

type Events = Parameters<Parameters<typeof defineTransport>[0]["connect"]>[1]

const linkOver = (socket: Socket, chunks: ReturnType<typeof chunksOf>, events: Events) => {
  const next = () =>
    chunks.take(2, (length) =>
      chunks.take(length.readUInt16BE(), (frame) => {
        events.frame(frame)
        next()
      }),
    )
  socket.once("close", events.closed)
  // A peer that has heard of no frame yet still hears of the end.
  socket.resume()
  next()
  return {
    send: (frame: Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        const head = Buffer.from([frame.length >> 8, frame.length & 255])
        socket.write(Buffer.concat([head, frame]), (error) => (error ? reject(error) : resolve()))
      }),
    close: () => socket.destroySoon(),
  }
}

/** Cuts a stream of bytes into pieces of the lengths that are asked for, in the order of asking. */
const chunksOf = (socket: Socket) => {
  let arrived = Buffer.alloc(0)
  let asked: { readonly length: number; readonly give: (chunk: Buffer) => void } | undefined
  const serve = () => {
    while (asked !== undefined && arrived.length >= asked.length) {
      const { give, length } = asked
      const chunk = arrived.subarray(0, length)
      arrived = arrived.subarray(length)
      asked = undefined
      give(chunk)
    }
  }
  socket.on("error", () => {}) // "close" follows, and says it all
  socket.on("data", (data: Buffer) => {
    arrived = Buffer.concat([arrived, data])
    serve()
  })
  return {
    take: (length: number, give: (chunk: Buffer) => void) => {
      asked = { length, give }
      serve()
    },
  }
}

// Two people.
const alice = await createMessenger({ name: "Alice", transports: [tcp()] })
const bob = await createMessenger({ name: "Bob", transports: [tcp()] })
const invite = await alice.invite()
console.log("this invite would contact", (await bob.preview(invite.text)).services.join(", ").replace(/\d+$/, "…"))
const toAlice = await bob.accept(invite.text)
const sent = await toAlice.send("Hello over TCP")
await sent.until("delivered")
console.log("delivered:", (await (await invite.joined()).history())[0]?.text)
await alice.close()
await bob.close()

// The acceptance suite.
for (const { name, run } of transportConformance) {
  await Effect.runPromise(run({ here: tcp(), there: tcp() })).catch((error: unknown) => {
    console.error(`broken: ${name}`, error)
    process.exitCode = 1
  })
}
if (process.exitCode === undefined)
  console.log(`and all ${transportConformance.length} promises of a transport are kept`)
