/** One statechart run twice, by our runner and by XState's interpreter, and compared after every event. */
import { assert } from "vitest"
import {
  type ActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createEmptyActor,
  type EventObject,
  type ExecutableActionObject,
} from "xstate"
import { begin, fromRest, type Snapshot, step, toRest } from "../../../src/core/host/step.ts"

/** What a step came to, fit to be compared. */
interface Outcome {
  readonly value: unknown
  readonly context: unknown
  readonly isOver: boolean
  readonly isSame: boolean
  readonly commands: ReadonlyArray<unknown>
  readonly timers: ReadonlyArray<unknown>
}

const nobody = createEmptyActor()
let collected: Array<ExecutableActionObject> = []
// biome-ignore lint/suspicious/noExplicitAny: the scope serves machines of every type
const scope: ActorScope<any, any, any, any> = {
  self: nobody,
  system: nobody.system,
  id: "",
  sessionId: "",
  logger: () => {},
  defer: () => {},
  emit: () => {},
  stopChild: () => {},
  actionExecutor: (action) => void collected.push(action),
}

const theirs = (run: () => AnyMachineSnapshot, before?: AnyMachineSnapshot): readonly [Outcome, AnyMachineSnapshot] => {
  collected = []
  const snapshot = run()
  if (snapshot.status === "error") throw snapshot.error
  const { context, status, value } = snapshot
  const commands: Array<unknown> = []
  const timers: Array<unknown> = []
  for (const { params, type } of collected) {
    const told = params as {
      readonly sendId: string
      readonly id: string
      readonly delay?: number
      readonly event: unknown
    }
    if (type === "xstate.cancel") timers.push({ do: "cancel", id: told.sendId })
    else if (type !== "xstate.raise") commands.push({ type, params })
    else if (told.delay !== undefined) timers.push({ do: "arm", id: told.id, delay: told.delay, event: told.event })
  }
  return [{ value, context, isOver: status !== "active", isSame: snapshot === before, commands, timers }, snapshot]
}

const ours = (decision: ReturnType<typeof step>, before?: Snapshot): readonly [Outcome, Snapshot] => {
  const { snapshot, timers } = decision
  const { context, status, value } = snapshot
  const commands = decision.commands.map(({ params, type }) => ({ type, params }))
  return [{ value, context, isOver: status !== "active", isSame: snapshot === before, commands, timers }, snapshot]
}

/** As it is kept. */
const plain = (outcome: Outcome | undefined): unknown => JSON.parse(JSON.stringify(outcome ?? null))

/** Throws on the same events; answers with how many steps led somewhere. */
export const compare = (machine: AnyStateMachine, input: unknown, events: ReadonlyArray<EventObject>): number => {
  let [expected, there] = theirs(() => machine.getInitialSnapshot(scope, input))
  let [found, here] = ours(begin(machine, input))
  assert.deepEqual(plain(found), plain(expected))
  let moved = 0
  for (const event of events) {
    if (expected.isOver) break
    const attempt = <A>(run: () => A): A | undefined => {
      try {
        return run()
      } catch {
        return undefined
      }
    }
    const before = [there, here] as const
    const next = attempt(() => theirs(() => machine.transition(before[0], event, scope), before[0]))
    const own = attempt(() => ours(step(machine, before[1], event), before[1]))
    assert.deepEqual(
      plain(own?.[0]),
      plain(next?.[0]),
      `after ${JSON.stringify(event)} in ${JSON.stringify(expected.value)}`,
    )
    if (own === undefined || next === undefined) continue
    ;[expected, there] = next
    ;[found, here] = own
    if (!expected.isSame) moved += 1
    // What is kept leads on like what was never put away.
    if (moved % 3 === 0) here = fromRest(machine, JSON.parse(JSON.stringify(toRest(here))))
  }
  return moved
}
