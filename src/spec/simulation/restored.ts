/**
 * A disk after its owner has made a backup of it and restored that into an empty one: the conversations are there, and no keys.
 * The file's own encryption is left out, everything else of backups is real. Docs: backup.md.
 */
import * as Effect from "effect/Effect"
import { collectItems, encodeItems } from "../../core/backup/collect.ts"
import { restoreChunks } from "../../core/backup/restore.ts"
import { about, RECORD } from "../../core/contact/records.ts"
import type { CryptoService } from "../../core/crypto/crypto.ts"
import { type DiskImage, makeDisk } from "./disk.ts"

/** Whether a backup of it has all these conversations: those that are being paired have no place in one. */
export const isBackedUpWhole = (image: DiskImage, hosts: ReadonlyArray<string | undefined>): boolean =>
  hosts.length > 0 &&
  hosts.every((host) => {
    const known = host === undefined ? undefined : image.get(host)?.records.get(RECORD.about)
    return known !== undefined && about.decode(known)?.pairedAt !== undefined
  })

/** `at`: milliseconds of the wall clock. Rejects where the disk holds nothing that a backup could be made of. */
export const restoredFrom = (image: DiskImage, crypto: CryptoService, at: number): Promise<DiskImage> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const open = { takeOver: false, soon: (act: () => void) => act() }
      const { store: old } = yield* makeDisk(image).open(open)
      const disk = makeDisk()
      const { store } = yield* disk.open(open)
      const file = Effect.map(collectItems(old, at), (page) => page && encodeItems(page))
      yield* restoreChunks(crypto, store, file)
      return disk.image()
    }),
  )
