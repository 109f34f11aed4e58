/** What a user interface does with a messenger: lists, a conversation, states of messages, errors. Run it with `node`. */
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { type Contact, createMessenger, SottoError } from "../../src/index.ts"

const network = memoryNetwork()
const me = await createMessenger({ name: "Alice", transports: [network.transport()] })
const bob = await createMessenger({ name: "Bob", transports: [network.transport()] })

const invite = await me.invite()
const toAlice = await bob.accept(invite.text)
const toBob: Contact = await invite.joined()
console.log(
  "list:",
  me.contacts
    .get()
    .map(({ name }) => name)
    .join(", "),
)

// A store tells its present value at once, and again at every change.
const stop = toBob.unread.subscribe((unread) => console.log("unread:", unread))

// A message of ours: durable when `send` resolves, then its state moves on.
const sent = await toBob.send("Lunch?")
await sent.until("delivered")
console.log("ours:", sent.text, sent.state.get())

// One of theirs: `messages` is history first, then live.
await toAlice.send("At one.")
for await (const message of toBob.messages()) {
  if (message.from === "me") continue
  console.log("theirs:", message.text)
  await toBob.markRead(message.cursor)
  break
}

// Every failure is a SottoError: a code for the program, a sentence for the person.
try {
  await me.accept("no invite at all")
} catch (error) {
  if (error instanceof SottoError) console.log(`${error.code}: ${error.message}`)
}

stop()
await me.close()
await bob.close()
