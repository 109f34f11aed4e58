/** A recording for those who have none yet: two people pair and talk in one process, and what one of them does is recorded. */
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { createMessenger } from "../../src/index.ts"
import { record } from "../../src/recording.ts"

export const exampleRecording = async (): Promise<string> => {
  const network = memoryNetwork()
  const [alice, bob] = await Promise.all(
    ["Alice", "Bob"].map((name) => createMessenger({ name, transports: [network.transport()] })),
  )
  const recorder = record(alice!)
  const invite = await alice!.invite()
  const toAlice = await bob!.accept(invite.url)
  const toBob = await invite.joined()
  const sent = [await toBob.send("Hello, Bob"), await toAlice.send("Hello, Alice"), await toBob.send("See you at six")]
  await Promise.all(sent.map((message) => message.until("delivered")))
  const text = recorder.text()
  recorder.stop()
  await Promise.all([alice!.close(), bob!.close()])
  return text
}
