/** What a line that was typed means: a message, or a command. */
import type { Contact, Message } from "../face.ts"
import type { Follower } from "./lines.ts"
import { short } from "./lines.ts"

type Act = (rest: string) => void | Promise<void>

/** Does what a line says. Rejects with a SottoError whose message is for the person. */
export const commandsOf = (
  peer: Contact,
  say: (line: string) => void,
  follower: Pick<Follower, "last">,
): ((line: string) => Promise<void>) => {
  /** The last message of ours or theirs that stands. */
  const onLast = async (from: "me" | "them", act: (message: Message) => Promise<void>) => {
    const message = follower.last(from)
    if (message === undefined) say(from === "me" ? "! there is no message of yours" : "! there is no message of theirs")
    else await act(message)
  }
  const commands: Readonly<Record<string, Act>> = {
    number: () => say(peer.safetyNumber?.digits ?? "not computed yet"),
    verify: () => peer.verify().then(() => say("Marked as compared.")),
    inside: () => {
      for (const { id, state } of peer.machines.get()) say(`${id} ${JSON.stringify(state)}`)
    },
    edit: (text) => onLast("me", ({ id }) => peer.edit(id, text)),
    delete: () => onLast("me", ({ id }) => peer.delete(id, { for: "everyone" })),
    react: (emoji) => onLast("them", ({ id }) => peer.react(id, emoji === "" ? null : emoji)),
    // What is not a length is refused where it is used.
    timer: (after) => peer.setTimer(after === "off" ? { after: null } : { after: after as `${number} hours` }),
    reclaim: () => peer.reclaim(),
  }
  return async (line) => {
    const [, name = "", rest = ""] = /^\/(\S+)\s*(.*)$/s.exec(line) ?? []
    if (line.startsWith("/")) {
      const command = Object.hasOwn(commands, name) ? commands[name] : undefined
      if (command === undefined) return say(`! there is no /${name}`)
      return command(rest)
    }
    const sent = await peer.send(line)
    void sent.until("delivered").then(
      () => say(`✓✓ ${short(line)}`),
      () => say("! not sent"),
    )
  }
}
