/** A frame under way is dragged: sideways to drop it, down to delay it past what is due before. By mouse and by touch. */
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { View } from "../../src/spec/simulation/view.ts"

/** So far sideways, in pixels, and the frame is dropped. */
const DROPS = 60
/** So far down, and it is delayed; each row of the diagram more is one more thing that happens before it. */
const DELAYS = 16
const ROW = 26

export const onDrag = (root: HTMLElement, choose: (choice: Choice) => void, viewed: () => View | undefined): void => {
  root.addEventListener("pointerdown", (down) => {
    const grab = down.target instanceof SVGElement ? down.target.closest<SVGElement>("[data-grab]") : null
    const view = viewed()
    if (grab === null || view === undefined) return
    down.preventDefault()
    const id = Number(grab.dataset["grab"])
    const way = (at: PointerEvent) => ({ dx: at.clientX - down.clientX, dy: at.clientY - down.clientY })
    const move = (at: PointerEvent) => {
      const { dx, dy } = way(at)
      grab.style.transform = `translate(${dx}px, ${dy}px)`
      grab.parentElement?.classList.toggle("dropping", Math.abs(dx) > DROPS)
    }
    const up = (at: PointerEvent) => {
      removeEventListener("pointermove", move)
      removeEventListener("pointerup", up)
      removeEventListener("pointercancel", up)
      grab.style.transform = ""
      const { dx, dy } = way(at)
      const frame = view.frames.find((one) => one.id === id)
      if (at.type === "pointercancel" || frame === undefined) return
      if (Math.abs(dx) > DROPS) choose(["drop", id])
      else if (dy > DELAYS) {
        const later = view.agenda.filter(({ due }) => due > frame.due)
        const past = later[Math.min(later.length - 1, Math.floor(dy / ROW))]
        choose(["delay", id, past === undefined ? 1_000 : past.due - frame.due + 1])
      }
    }
    addEventListener("pointermove", move)
    addEventListener("pointerup", up)
    addEventListener("pointercancel", up)
  })
}
