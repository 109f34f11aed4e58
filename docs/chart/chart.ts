/** Machine to picture, in one call. */
import type { AnyStateMachine } from "xstate"
import { chartOf } from "../../src/spec/chart/model.ts"
import { layout } from "./layout.ts"
import { draw } from "./svg.ts"

export const chartSvg = async (machine: AnyStateMachine): Promise<string> => {
  const chart = chartOf(machine)
  return draw(chart, await layout(chart))
}
