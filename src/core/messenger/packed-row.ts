/**
 * A machine's row without the words that all rows of its kind share: its state, the names in its context and its timers are numbers in
 * a table. The table is as long as the machines have states and timers.
 */
import type { StateValue } from "xstate"
import type { InstanceId, Row } from "../store.ts"

/** Id; state, names and timers by their numbers; what the context holds, in the order of its names. */
export type PackedRow = readonly [
  id: InstanceId,
  state: number,
  names: number,
  values: ReadonlyArray<unknown>,
  timers: ReadonlyArray<readonly [timer: number, due: number]>,
]

const numbers = new Map<string, number>()
const words: Array<unknown> = []

/** The number of anything that JSON can say. */
const numberOf = (word: unknown): number => {
  const text = JSON.stringify(word)
  const known = numbers.get(text)
  if (known !== undefined) return known
  numbers.set(text, words.length)
  return words.push(word) - 1
}

export const packed = ([id, { context, timers, value }]: readonly [InstanceId, Row]): PackedRow => [
  id,
  numberOf(value),
  numberOf(Object.keys(context as object)),
  Object.values(context as object),
  timers.map(({ due, event, id }) => [numberOf([id, event]), due]),
]

export const unpacked = ([id, state, names, values, timers]: PackedRow): readonly [InstanceId, Row] => [
  id,
  {
    value: words[state] as StateValue,
    context: Object.fromEntries((words[names] as ReadonlyArray<string>).map((name, i) => [name, values[i]])),
    timers: timers.map(([timer, due]) => {
      const [id, event] = words[timer] as readonly [string, Row["timers"][number]["event"]]
      return { id, due, event }
    }),
  },
]
