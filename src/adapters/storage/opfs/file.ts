/**
 * A file as the log wants it: synchronous, and flushed when asked. In a browser it is an OPFS access handle, which nobody else can
 * open while it lives; in tests, bytes in memory that a crash may tear. https://fs.spec.whatwg.org/#filesystemsyncaccesshandle
 */
export interface SyncFile {
  readonly size: () => number
  /** Fewer bytes than asked for at the end of the file. The result is the caller's. */
  readonly read: (at: number, length: number) => Uint8Array
  /** All of it, or it throws; then any part of it may be there. */
  readonly write: (at: number, bytes: Uint8Array) => void
  readonly truncate: (size: number) => void
  /** Returns once everything written is on the disk. */
  readonly flush: () => void
  readonly close: () => void
}

/** A handle as workers have it; the DOM library of TypeScript leaves it out. */
export interface AccessHandle {
  readonly getSize: () => number
  readonly read: (into: Uint8Array, options: { readonly at: number }) => number
  readonly write: (bytes: Uint8Array, options: { readonly at: number }) => number
  readonly truncate: (size: number) => void
  readonly flush: () => void
  readonly close: () => void
}

export const fileOver = (handle: AccessHandle): SyncFile => ({
  size: () => handle.getSize(),
  read: (at, length) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, handle.getSize() - at)))
    return bytes.subarray(0, handle.read(bytes, { at }))
  },
  write: (at, bytes) => {
    const written = handle.write(bytes, { at })
    // Some browsers write what fits and say how much that was.
    if (written !== bytes.length) throw new DOMException("there is no room for it", "QuotaExceededError")
  },
  truncate: (size) => handle.truncate(size),
  flush: () => handle.flush(),
  close: () => handle.close(),
})
