/** Every state and every transition of every machine is in its drawing, and the drawing is the same every time. */
import { assert, describe, it } from "vitest"
import { chartOf, statesOf } from "../../src/spec/chart/model.ts"
import { chartSvg } from "../chart/chart.ts"
import { layout } from "../chart/layout.ts"
import { machines } from "../site/machine-pages.ts"

const attributes = (svg: string, name: string): ReadonlyArray<string> =>
  [...svg.matchAll(new RegExp(` data-${name}="([^"]*)"`, "g"))].map(([, value]) => value!)

describe.each(machines.map((machine) => ({ id: machine.id, machine })))("the drawing of $id", ({ machine }) => {
  const chart = chartOf(machine)
  const drawn = chartSvg(machine)

  it("has every state and every transition once, and an arrow for each that leads somewhere", async () => {
    const svg = await drawn
    const states = attributes(svg, "state").filter((path) => path !== "")
    assert.sameMembers(
      [...states],
      statesOf(chart).map(({ path }) => path),
    )
    assert.sameMembers(
      [...attributes(svg, "edge")],
      chart.rules.map(({ id }) => id),
    )
    const arrows = attributes(svg, "edges").flatMap((ids) => ids.split(" "))
    assert.sameMembers(
      arrows,
      chart.rules.filter(({ to }) => to !== undefined).map(({ id }) => id),
    )
    for (const event of new Set(chart.rules.map(({ event }) => event))) assert.include(attributes(svg, "event"), event)
  })

  it("comes out the same to the byte", async () => {
    assert.strictEqual(await chartSvg(machine), await drawn)
  })

  it("keeps boxes apart and inside the picture", async () => {
    const { boxes, height, width } = await layout(chart)
    const contains = (path: string, other: string) => path === "" || other.startsWith(`${path}.`)
    for (const a of boxes) {
      assert.isTrue(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, a.state.path)
      for (const b of boxes) {
        if (a === b || contains(a.state.path, b.state.path) || contains(b.state.path, a.state.path)) continue
        const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
        assert.isTrue(isApart, `${a.state.path} and ${b.state.path}`)
      }
    }
  })
})
