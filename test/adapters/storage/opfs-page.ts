/** What runs inside the browser: the conformance suite over storage in OPFS, and single acts for the tests that need several tabs. */
import { opfs } from "../../../src/adapters/storage/opfs.ts"
import type { Image } from "../../../src/spec/conformance/store.ts"
import { actsOn, runCheck as checked } from "./page-acts.ts"

const folderOf = async (name: string): Promise<FileSystemDirectoryHandle> => {
  const all = await (await navigator.storage.getDirectory()).getDirectoryHandle("sotto")
  return all.getDirectoryHandle(`place-${encodeURIComponent(name)}`)
}

const FILES = ["log-0", "log-1"]

const imageOf = async (name: string): Promise<Image> => {
  const folder = await folderOf(name)
  const image = new Map<string, Uint8Array>()
  for (const file of FILES) {
    const handle = await folder.getFileHandle(file)
    image.set(file, new Uint8Array(await (await handle.getFile()).arrayBuffer()))
  }
  return image
}

const restore = async (name: string, image: Image): Promise<void> => {
  const folder = await folderOf(name)
  for (const [file, bytes] of image) {
    const writable = await (await folder.getFileHandle(file)).createWritable()
    await writable.write(bytes.slice())
    await writable.close()
  }
}

export const { close, commit, lost, measure, open, persist, remove, takeOver, versionOf } = actsOn((name) => opfs(name))

export const runCheck = (name: string, cuts: number, sealed: boolean): Promise<string | undefined> => {
  const nameOf = (place: string) => `${name}: ${place}`
  return checked(
    name,
    {
      at: (place) => opfs(nameOf(place)),
      runs: sealed ? 2 : 6,
      cuts,
      disk: {
        image: (place) => imageOf(nameOf(place)),
        restore: (place, image) => restore(nameOf(place), image),
      },
    },
    sealed,
  )
}

/** As the browser would leave the place after an eviction. */
export const evict = async (): Promise<void> => {
  await (await navigator.storage.getDirectory()).removeEntry("sotto", { recursive: true })
}

/** Where no worker can be had. */
export const withoutWorker = (): Promise<string> =>
  actsOn((name) => opfs(name, { worker: () => new Worker("/there-is-none.js", { type: "module" }) })).open("no worker")
