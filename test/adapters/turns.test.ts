/** Fibers in a browser take their turns through a port, not through timers. */
import { MessageChannel } from "node:worker_threads"
import { assert, describe, it } from "vitest"
import { turnsOf } from "../../src/adapters/turns.ts"

/** As a browser's: Node's would keep the process open. */
const runtime = (open: Array<{ readonly close: () => void }>) => ({
  MessageChannel: class {
    readonly port1: { onmessage: (() => void) | null; readonly close: () => void }
    readonly port2: { readonly postMessage: (message: unknown) => void }
    constructor() {
      const { port1, port2 } = new MessageChannel()
      this.port1 = port1 as never
      this.port2 = port2
      open.push(port1)
    }
  },
})

describe("turns of a page", () => {
  it("come in order, each by itself, and not where they were cancelled", async () => {
    const open: Array<{ readonly close: () => void }> = []
    const turn = turnsOf(runtime(open))!
    const seen: Array<string> = []
    await new Promise<void>((resolve) => {
      turn(() => {
        seen.push("first")
        queueMicrotask(() => seen.push("between"))
      })
      turn(() => void seen.push("never"))()
      turn(() => void seen.push("second"))
      turn(resolve)
      seen.push("asked")
    })
    assert.deepEqual(seen, ["asked", "first", "between", "second"])
    for (const port of open) port.close()
  })

  it("are the runtime's own where there is no port", () => {
    assert.isUndefined(turnsOf({}))
  })
})
