/**
 * Between tabs of one profile: "give way", and "done". Only the wish travels here; that there is one writer is the storage's
 * own promise and needs no tab's good will.
 */

/** A tab that does not answer within this many milliseconds is asleep or gone; the storage then decides. */
const PATIENCE = 3_000

type Word = "give-way" | "gave-way"

export const handover = (profile: string, giveWay: () => Promise<void>) => {
  if (typeof BroadcastChannel === "undefined") return { ask: async () => undefined }
  const channel = new BroadcastChannel(`sotto.chat.${profile}`)
  const say = (word: Word) => channel.postMessage(word)
  let answered: (() => void) | undefined
  channel.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data === "give-way") void giveWay().finally(() => say("gave-way"))
    if (event.data === "gave-way") answered?.()
  }
  return {
    ask: async () => {
      await new Promise<void>((resolve) => {
        answered = resolve
        setTimeout(resolve, PATIENCE)
        say("give-way")
      })
      answered = undefined
    },
  }
}
