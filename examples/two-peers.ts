/** Two people in one process: an invite, a safety number, a message, and the proof that it arrived. Run it with `node`. */
import { createMessenger } from "../src/index.ts"
import { memoryNetwork } from "../src/adapters/transport/memory.ts"

const network = memoryNetwork()
const alice = await createMessenger({ name: "Alice", transports: [network.transport()] })
const bob = await createMessenger({ name: "Bob", transports: [network.transport()] })
alice.inspect((t) => process.env["SEE"] && console.log("alice", t.id, t.event, JSON.stringify(t.to), t.commands.join()))
bob.inspect((t) => process.env["SEE"] && console.log("bob  ", t.id, t.event, JSON.stringify(t.to), t.commands.join()))

const invite = await alice.invite({ expiresIn: "10 minutes" })
const toAlice = await bob.accept(invite.url)
const toBob = await invite.joined()

const sent = await toBob.send("Hello, Bob")
for await (const message of toAlice.messages()) {
  console.log(`${toAlice.name}: ${message.text}`)
  break
}
await sent.until("delivered")
console.log(`${sent.text}: ${sent.state.get()}`)

await alice.close()
await bob.close()
