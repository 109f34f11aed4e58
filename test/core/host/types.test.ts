/** What does not compile. Checked by `tsc`: an unused @ts-expect-error is an error. */

import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { setup } from "xstate"
import type { CommandsOf } from "../../../src/core/host/command.ts"
import { perform, prepare } from "../../../src/core/host/command.ts"
import type { Handlers } from "../../../src/core/host/handlers.ts"
import { type Application, Crypto, Link } from "./fixture/ports.ts"

const lamp = setup({
  types: { events: {} as { readonly type: "Lit" } | { readonly type: "Burnt"; readonly hours: number } },
  actions: { derive: prepare<{ readonly n: number }>(), shine: perform<{ readonly watts: number }>() },
}).createMachine({
  id: "lamp",
  entry: [
    { type: "derive", params: { n: 1 } },
    { type: "shine", params: { watts: 40 } },
  ],
})
type Table = Handlers<{ readonly lamp: typeof lamp }, Crypto, Link | Application>

const derive = () => Effect.succeed({})
const shine = () => Effect.succeed([])
const send = Effect.gen(function* () {
  yield* (yield* Link).send(new Uint8Array())
  return {}
})

export const complete: Table = { lamp: { prepare: { derive }, perform: { shine } } }

export const computes: Table = {
  lamp: {
    prepare: {
      derive: ({ n }) => Crypto.use(({ mac }) => Effect.succeed({ write: [[`${n + 1}`, mac(new Uint8Array(), "")]] })),
    },
    perform: { shine },
  },
}

// @ts-expect-error a command without a handler
export const incomplete: Table = { lamp: { prepare: {}, perform: { shine } } }

// @ts-expect-error a perform-command in the prepare table
export const misplaced: Table = { lamp: { prepare: { derive, shine }, perform: {} } }

export const outward: Table = {
  // @ts-expect-error a prepare-handler that transmits
  lamp: { prepare: { derive: () => send }, perform: { shine } },
}

export const failing: Table = {
  // @ts-expect-error a failure that is not an event
  lamp: { prepare: { derive }, perform: { shine: () => Effect.fail("no bulb") } },
}

export const unknownEvent: Table = {
  // @ts-expect-error an event the machine does not know
  lamp: { prepare: { derive }, perform: { shine: () => Effect.succeed([{ type: "Exploded" as const }]) } },
}

const toRadio = { to: "radio/1", event: { type: "Lit" } } as const
export const wrongAddress: Table = {
  // @ts-expect-error an instance of a machine this host does not have
  lamp: { prepare: { derive: () => Effect.succeed({ tell: [toRadio] }) }, perform: { shine } },
}

export const typedParams: CommandsOf<typeof lamp, "perform"> = { shine: { watts: 1 } }

setup({ actions: { shine: perform<{ watts: number }>() } }).createMachine({
  // @ts-expect-error wrong parameters in the machine's own file
  entry: { type: "shine", params: { volts: 1 } },
})

it("types are checked by tsc", () => assert.isFunction(perform()))
