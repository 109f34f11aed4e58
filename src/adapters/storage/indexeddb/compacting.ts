/**
 * Makes a browser let go of what was deleted. Chromium keeps its databases of an origin in one log-structured store and compacts
 * the keys of a database when it is deleted, with whatever lies in the same files: so databases that hold next to nothing are made
 * beside ours, and deleted when there is something to drop. What ours has in files older than the latest (some 4 MB) goes when it is
 * deleted itself, and otherwise at the browser's leisure. To other browsers this is nothing. Docs: docs/storage.md, "Sealing in place".
 */
import { deleteDB, openDB } from "idb"

/** The first deletion writes the log out as a file, the second merges that, the third drops what was merged. */
const NEIGHBOURS = 3

/** `deletion`: what is to be dropped, if that is not deleted yet. */
export const compacted = async (place: string, deletion?: () => Promise<void>): Promise<void> => {
  const names = Array.from({ length: NEIGHBOURS }, (_, index) => `${place}/neighbour-${index}`)
  // All of them first: they must lie in the same file as what goes.
  for (const name of names) {
    const db = await openDB(name, 1, { upgrade: (made) => void made.createObjectStore("nothing") })
    await db.put("nothing", 0, 0)
    db.close()
  }
  await deletion?.()
  for (const name of names) await deleteDB(name)
}
