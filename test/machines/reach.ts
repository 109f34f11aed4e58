/** Whether a statechart can come to all of its states, and leave those that are not its end. */
import { assert } from "vitest"
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from "xstate"
import { getShortestPaths } from "xstate/graph"
import { step } from "../../src/core/host/step.ts"
import { leavesOf, namesOf, timerEventsOf } from "../../src/spec/machines/life.ts"

/** `tells`: what of a context matters for where it can go; by default nothing. Timers ring by themselves. */
export const assertReachable = (
  machine: AnyStateMachine,
  input: unknown,
  events: ReadonlyArray<EventObject>,
  tells: (context: never) => unknown = () => undefined,
): void => {
  const all = [...events, ...timerEventsOf(machine)]
  const paths = getShortestPaths(machine, {
    input: input as never,
    events: all as never,
    serializeState: ({ context, value }) => JSON.stringify([value, tells(context as never)]),
  })
  const leaves = leavesOf(machine)
  const reached = new Set(paths.flatMap(({ state }) => namesOf(state.value)))
  // A state that is left in the same step is passed, not reached.
  const passed = [...leaves.keys()].filter((name) => !reached.has(name))
  assert.deepEqual(
    passed.filter((name) => !hasAlways(machine, name)),
    [],
    "these cannot be reached",
  )
  for (const { state } of paths) {
    for (const name of namesOf(state.value)) {
      if (leaves.get(name)?.final !== false) continue
      const isLeft = all.some((event) => {
        const { snapshot } = step(machine, state as never, event)
        return !namesOf(snapshot.value).includes(name)
      })
      assert.isTrue(isLeft || canBeLeftLater(paths as ReadonlyArray<AnyStatePath>, name), `${name} has no way out`)
    }
  }
}

const hasAlways = (machine: AnyStateMachine, name: string): boolean => {
  let node = machine.root
  for (const part of name.split(".")) node = node.states[part]!
  return node.always !== undefined && node.always.length > 0
}

/** Another visit to the same state, with another context, is left. */
const canBeLeftLater = (paths: ReadonlyArray<AnyStatePath>, name: string): boolean =>
  paths.some(({ state, steps }) => {
    const visited = [...steps.map((one) => one.state), state].map(({ value }) => namesOf(value).includes(name))
    const first = visited.indexOf(true)
    return first >= 0 && visited.slice(first).includes(false)
  })

interface AnyStatePath {
  readonly state: AnyMachineSnapshot
  readonly steps: ReadonlyArray<{ readonly state: AnyMachineSnapshot }>
}
