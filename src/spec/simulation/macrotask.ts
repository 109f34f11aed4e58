/** The one thing that a simulation needs of the runtime: that promises which are ready have run. Docs: simulator.md, "Time". */

interface Runtime {
  readonly setImmediate?: (act: () => void) => unknown
  readonly MessageChannel?: new () => {
    readonly port1: { onmessage: (() => void) | null; readonly close: () => void }
    readonly port2: { readonly postMessage: (message: unknown) => void }
  }
  readonly setTimeout?: (act: () => void, ms: number) => unknown
}

/** Resolves after every promise that is ready, and every one that follows from it without waiting for the world. */
export const promisesDone = (): Promise<void> =>
  new Promise((resolve) => {
    const runtime = globalThis as Runtime
    if (runtime.setImmediate !== undefined) return void runtime.setImmediate(resolve)
    if (runtime.MessageChannel === undefined) return void runtime.setTimeout?.(resolve, 0)
    const channel = new runtime.MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      resolve()
    }
    channel.port2.postMessage(undefined)
  })
