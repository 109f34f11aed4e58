/**
 * The worker that has the log open: in browsers only workers may read and write files synchronously. It holds the lock itself,
 * so that it is freed when the worker dies, and hears of a robbery even while its page is busy. Docs: docs/storage.md.
 */
import { Elsewhere, Unavailable } from "../../../core/store.ts"
import { type Lock, lock } from "../browser/lock.ts"
import { type AccessHandle, fileOver, type SyncFile } from "./file.ts"
import { type Log, openLog } from "./log.ts"
import { type Call, lockOf, type Reply, type Request } from "./messages.ts"
import { failureOf, type Server, serve } from "./server.ts"

/** How long a robber waits for the other worker to let go of the files. In milliseconds. */
const PATIENCE = 5_000
const AGAIN_AFTER = 20

/** How often the worker looks whether the browser has cleared the place. In milliseconds. */
const LOOK_EVERY = 500

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Request>) => void
  readonly postMessage: (reply: Reply) => void
}

let open: { readonly log: Log; readonly held: Lock; readonly server: Server } | undefined

const folderOf = async (name: string, wasMade: boolean): Promise<FileSystemDirectoryHandle> => {
  const root = await navigator.storage.getDirectory().catch((error: unknown) => {
    throw new Unavailable({ reason: "denied", cause: error })
  })
  try {
    const all = await root.getDirectoryHandle("sotto", { create: !wasMade })
    return await all.getDirectoryHandle(`place-${encodeURIComponent(name)}`, { create: !wasMade })
  } catch (error) {
    if (nameOf(error) === "NotFoundError") throw new Unavailable({ reason: "lost" })
    throw error
  }
}

/** A handle shuts everybody else out, also one who has not heard yet that they were robbed: they must let go first. */
const fileIn = async (folder: FileSystemDirectoryHandle, name: string): Promise<SyncFile> => {
  const file = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & {
    readonly createSyncAccessHandle: () => Promise<AccessHandle>
  }
  for (const end = performance.now() + PATIENCE; ; ) {
    try {
      return fileOver(await file.createSyncAccessHandle())
    } catch (error) {
      const isTaken = nameOf(error) === "NoModificationAllowedError"
      if (!isTaken) throw error
      if (performance.now() > end) throw new Elsewhere()
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER))
    }
  }
}

const start = async ({ name, robbing, wasMade }: Extract<Call, { do: "open" }>): Promise<void> => {
  const held = await lock(lockOf(name), robbing)
  const files: Array<SyncFile> = []
  let robbed = false
  void held.robbed.then(() => {
    robbed = true
    end(held, "elsewhere")
  })
  try {
    const folder = await folderOf(name, wasMade)
    for (const file of ["log-0", "log-1"]) files.push(await fileIn(folder, file))
    const random = () => crypto.getRandomValues(new Uint32Array(1))[0]!
    const log = openLog({ files: [files[0]!, files[1]!], wasMade, random })
    if (robbed) throw new Elsewhere()
    open = { log, held, server: serve(log, (reply) => scope.postMessage(reply)) }
    watch(name, held)
  } catch (error) {
    for (const file of files) file.close()
    await held.release()
    throw error
  }
}

/** The place is not ours any more. */
const end = (held: Lock, reason: "elsewhere" | "lost"): void => {
  if (open?.held !== held) return
  open.log.close()
  open = undefined
  scope.postMessage({ lost: reason })
  if (reason === "lost") void held.release()
}

/** A browser may clear a place while its files are open: they go on, and are gone with us. Nothing else tells of it. */
const watch = (name: string, held: Lock): void => {
  const timer = setInterval(() => {
    if (open?.held !== held) return clearInterval(timer)
    folderOf(name, true)
      .then((folder) => folder.getFileHandle("log-0"))
      .catch((error: unknown) => {
        const isGone = error instanceof Unavailable ? error.reason === "lost" : nameOf(error) === "NotFoundError"
        if (isGone) end(held, "lost")
      })
  }, LOOK_EVERY)
}

const nameOf = (error: unknown): string => (error instanceof DOMException ? error.name : "")

const stop = async (): Promise<void> => {
  takeAll()
  const had = open
  open = undefined
  had?.log.close()
  await had?.held.release()
}

/** What has come and is not answered. All that is here when the worker gets to it is taken at once. */
let waiting: Array<Request> = []
const turn = new MessageChannel()
const takeAll = () => {
  const requests = waiting
  waiting = []
  const calls = requests.flatMap(({ call, id }) => (call.do === "open" || call.do === "close" ? [] : [{ call, id }]))
  if (open !== undefined) return open.server.take(calls)
  const failure = { tag: "Unavailable", reason: "elsewhere", why: "" } as const
  for (const { id } of calls) scope.postMessage({ id, failure })
}
turn.port1.onmessage = takeAll

scope.onmessage = ({ data }) => {
  const { call, id } = data
  if (call.do === "open" || call.do === "close") {
    void (call.do === "open" ? start(call) : stop()).then(
      () => scope.postMessage({ id, value: undefined }),
      (error) => scope.postMessage({ id, failure: failureOf(error) }),
    )
    return
  }
  if (waiting.length === 0) turn.port2.postMessage(undefined)
  waiting.push(data)
}
