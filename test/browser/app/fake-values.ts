/** What the fake messenger is made of: values that change, queues that can be awaited, codes to look at. */
import { encodeQR } from "qr"
import type { HandCode, Store, Streamed } from "../../../src/face.ts"

export interface Cell<A> extends Store<A> {
  readonly set: (value: A) => void
}

export const cell = <A>(initial: A): Cell<A> => {
  let value = initial
  const listeners = new Set<(value: A) => void>()
  return {
    get: () => value,
    set: (next) => {
      value = next
      for (const listener of [...listeners]) listener(next)
    },
    subscribe: (fn) => {
      listeners.add(fn)
      fn(value)
      return () => listeners.delete(fn)
    },
  }
}

/** A queue that can be awaited. */
export const channel = <A>() => {
  const values: Array<A> = []
  let wake: (() => void) | undefined
  return {
    push: (value: A) => {
      values.push(value)
      wake?.()
    },
    async *read(): AsyncGenerator<A> {
      for (;;) {
        while (values.length > 0) yield values.shift() as A
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

export const qr = (text: string) => encodeQR(text, "svg")
export const cursorOf = (index: number) => String(index).padStart(8, "0")
export const handCode = (text: string): HandCode => ({ text, qr: () => qr(text) })

export const streamed = <A extends BlobPart>(whole: A, type: string): Streamed<A> => ({
  [Symbol.asyncIterator]: async function* () {
    yield whole
  },
  stream: () => new ReadableStream(),
  blob: async () => new Blob([whole], { type }),
})
