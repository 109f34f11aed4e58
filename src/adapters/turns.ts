/**
 * Turns of the event loop for Effect's fibers in a browser. Its own scheduler takes `setTimeout(…, 0)` where there is no
 * `setImmediate`: browsers make the fifth of such turns in a row wait 4 ms, and those of a hidden page a second. A message between
 * two ports of the page itself waits for nothing. Docs: architecture.md, "The face".
 */
import * as Context from "effect/Context"
import * as Scheduler from "effect/Scheduler"

interface Runtime {
  readonly setImmediate?: unknown
  readonly MessageChannel?: new () => {
    readonly port1: { onmessage: (() => void) | null }
    readonly port2: { readonly postMessage: (message: unknown) => void }
  }
}

/** As `setImmediate`: calls each task in a turn of its own, in order, unless it was cancelled. Undefined where there are no ports. */
export const turnsOf = (runtime: Runtime): ((task: () => void) => () => void) | undefined => {
  if (runtime.MessageChannel === undefined) return undefined
  const { port1, port2 } = new runtime.MessageChannel()
  const waiting: Array<{ task: (() => void) | undefined }> = []
  port1.onmessage = () => waiting.shift()?.task?.()
  return (task) => {
    const one: (typeof waiting)[number] = { task }
    waiting.push(one)
    port2.postMessage(undefined)
    return () => {
      one.task = undefined
    }
  }
}

const runtime = globalThis as Runtime
let known: Context.Context<never> | undefined

/** What fibers of the face run with: nothing but Effect's own, where the runtime has `setImmediate`. */
export const turns = (): Context.Context<never> => {
  if (known !== undefined) return known
  const own = runtime.setImmediate === undefined ? turnsOf(runtime) : undefined
  const services = Context.empty()
  known =
    own === undefined
      ? services
      : (Context.add(
          services,
          Scheduler.Scheduler,
          new Scheduler.MixedScheduler("async", own),
        ) as Context.Context<never>)
  return known
}
