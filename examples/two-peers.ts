/** Two people in one process: an invite, a safety number, a message, and the proof that it arrived. Run it with `node`. */
import { memoryNetwork } from "../src/adapters/transport/memory.ts"
import { createMessenger } from "../src/index.ts"

const network = memoryNetwork() // in an app: peerjs({ host: "broker.example" })
const alice = await createMessenger({ name: "Alice", transports: [network.transport()] })
const bob = await createMessenger({ name: "Bob", transports: [network.transport()] })

const invite = await alice.invite({ expiresIn: "10 minutes" })
const toAlice = await bob.accept(invite.url) // the link travels on a way of your own
const toBob = await invite.joined()
console.log("the same number:", toBob.safetyNumber?.digits === toAlice.safetyNumber?.digits)

const sent = await toBob.send("Hello, Bob") // resolves once it is durable here
for await (const message of toAlice.messages()) {
  console.log(`${toAlice.name}: ${message.text}`)
  break
}
await sent.until("delivered")
console.log("delivered, under", toBob.session.get().layers.length, "layers")

await alice.close()
await bob.close()
