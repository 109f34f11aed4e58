/**
 * Makes a browser write out its log, and let go of what was deleted. Chromium keeps its databases of an origin in one log-structured
 * store (LevelDB) and compacts the keys of a database when it is deleted, with whatever lies in the same files: so databases that
 * hold next to nothing are made beside ours, and deleted. To other browsers this is nothing. Docs: docs/storage.md, "Sealing in
 * place" and "After a crash".
 */
import { answered, deleted, finished } from "./requests.ts"

/** The first deletion writes the log out as a file, the second merges that, the third drops what was merged. */
const NEIGHBOURS = 3
/** Who opens a storage waits no longer for its log than this, in milliseconds: it takes some ten. */
const PATIENCE = 1_000

const neighbours = (place: string) => Array.from({ length: NEIGHBOURS }, (_, index) => `${place}/neighbour-${index}`)
/** Stays until something is to be dropped: its deletion reaches the files that were written out since it was made. */
const anchor = (place: string) => `${place}/neighbour`

const made = async (name: string): Promise<void> => {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => void request.result.createObjectStore("nothing")
  const db = await answered(request)
  const tx = db.transaction("nothing", "readwrite")
  tx.objectStore("nothing").put(0, 0)
  await finished(tx)
  db.close()
}

/**
 * What ours has in files from before the last time goes when it is deleted itself, and otherwise at the browser's leisure.
 * `deletion`: what is to be dropped, if that is not deleted yet.
 */
export const compacted = async (place: string, deletion?: () => Promise<void>): Promise<void> => {
  const names = [anchor(place), ...neighbours(place)]
  // All of them first: they must lie in the same file as what goes.
  for (const name of names) await made(name)
  await deletion?.()
  for (const name of names) await deleted(name)
}

/**
 * A browser that dies while it writes leaves half a record at the end of its log. Chromium starts with what is before that, writes on
 * behind it, and takes the log for damaged at the start after: then it drops the whole database. Once the log is written out,
 * nothing reads it again. Whatever is in the way of this is none of an opening's concern.
 */
export const writtenOut = (place: string): Promise<void> => {
  const writing = async () => {
    const [name] = neighbours(place)
    await made(anchor(place))
    await made(name!)
    await deleted(name!)
  }
  const enough = new Promise<void>((resolve) => void setTimeout(resolve, PATIENCE))
  return Promise.race([writing().catch(() => undefined), enough])
}
