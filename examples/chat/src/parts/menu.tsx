/** A menu at a point: a popover, so that Esc and a press elsewhere close it; arrows move, Enter chooses. */
import { useLayoutEffect, useRef } from "preact/hooks"
import type { Place } from "../names.ts"

export interface MenuItem {
  readonly place: Place & { readonly role: "menuitem" }
  readonly run: () => void
}

export interface MenuProps {
  readonly place: Place & { readonly role: "menu" }
  readonly items: ReadonlyArray<MenuItem>
  readonly x: number
  readonly y: number
  readonly onClose: () => void
}

/** Kept free between the menu and the window's edge, in CSS pixels. */
const MARGIN = 8

export const Menu = ({ place, items, x, y, onClose }: MenuProps) => {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const menu = element.current
    const before = document.activeElement
    if (menu === null) return
    menu.showPopover()
    const { width, height } = menu.getBoundingClientRect()
    menu.style.left = `${Math.max(MARGIN, Math.min(x, innerWidth - width - MARGIN))}px`
    menu.style.top = `${Math.max(MARGIN, Math.min(y, innerHeight - height - MARGIN))}px`
    menu.querySelector<HTMLElement>("[role=menuitem]")?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  const move = (event: KeyboardEvent) => {
    const all = [...(element.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])]
    const now = all.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === "Tab") onClose()
    if (next === undefined) return
    event.preventDefault()
    all.at(next % all.length)?.focus()
  }
  return (
    <div
      ref={element}
      class="menu"
      role="menu"
      aria-label={place.name}
      popover="auto"
      onToggle={(event) => {
        if ((event as unknown as ToggleEvent).newState === "closed") onClose()
      }}
      onKeyDown={move}
    >
      {items.map((item) => (
        <button
          key={item.place.name}
          type="button"
          class="menu-item"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            onClose()
            item.run()
          }}
        >
          {item.place.name}
        </button>
      ))}
    </div>
  )
}
