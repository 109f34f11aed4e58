/** Writers to a SQLite file in processes of their own, to be killed. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const children: Array<ChildProcess> = []
export const endWriters = () => {
  for (const child of children) child.kill("SIGKILL")
}

/** A writer in a process of its own, once it has the file open. */
export const startWriter = async (path: string, ...more: ReadonlyArray<string>) => {
  const waits = more.includes("follow")
  const script = fileURLToPath(new URL("./writer.ts", import.meta.url))
  const child = spawn(process.execPath, [script, path, ...more], { stdio: ["ignore", "pipe", "inherit"] })
  children.push(child)
  let said = ""
  const reached = Promise.withResolvers<void>()
  let goal = "open"
  child.stdout.on("data", (chunk) => {
    said += chunk
    if (said.includes(`${goal}\n`)) reached.resolve()
  })
  child.on("close", (code) => reached.reject(new Error(`the writer ended with ${code} before it was open`)))
  reached.promise.catch(() => undefined)
  if (!waits) await reached.promise
  const lines = () => said.split("\n").filter((line) => line !== "")
  return {
    lines,
    child,
    /** Waits until it has printed such a line. */
    says: async (wanted: (line: string) => boolean) => {
      const heard = Promise.withResolvers<void>()
      const listen = () => {
        if (lines().some(wanted)) heard.resolve()
      }
      child.stdout.on("data", listen)
      listen()
      await heard.promise
      child.stdout.off("data", listen)
    },
    /** Kills it some microseconds after it has committed this often. */
    killAfter: async (commits: number) => {
      const again = Promise.withResolvers<void>()
      const start = said.split("\n").length
      goal = ""
      child.stdout.on("data", () => {
        if (said.split("\n").length - start >= commits) again.resolve()
      })
      await again.promise
      child.kill("SIGKILL")
      await once(child, "close")
    },
  }
}
