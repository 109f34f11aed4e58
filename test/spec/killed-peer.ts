/**
 * A messenger in a process of its own, over SQLite, until it is killed: `node killed-peer.ts FILE [INVITE]`. Frames go through the
 * parent, which carries them (see killed.test.ts). It writes a numbered message after the other, and says which were accepted.
 */

import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { createMessenger } from "../../src/index.ts"
import { carried } from "./carried.ts"

const [, , file, invite] = process.argv

const tell = (message: unknown) => void process.send!(message)
const heard: Array<(message: never) => void> = []
process.on("message", (message) => {
  for (const hear of heard) hear(message as never)
})

const me = await createMessenger({
  storage: sqlite(file!),
  transports: [carried({ tell: (message) => tell({ carry: message }), hear: (hear) => heard.push(hear) })],
  appUrl: "https://chat.example/",
  name: "Killed",
})
const contact = me.contacts.get()[0] ?? (await me.accept(invite!))
tell({ started: contact.session.get().state })
for (let i = 0; ; i++) {
  const sent = await contact.send(`${process.pid} ${i}`)
  tell({ accepted: sent.id })
  await new Promise((resolve) => setTimeout(resolve, 3))
}
