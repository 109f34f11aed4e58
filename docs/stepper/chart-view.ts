/** A chart with everybody in it: states that somebody is in, tokens that glide, and the rules that the last step followed. */
import type { StateValue } from "xstate"
import type { Shown } from "./shown.ts"
import { letterOf, movedIn } from "./words.ts"

const leavesOf = (value: StateValue, path = ""): ReadonlyArray<string> => {
  const below = (key: string) => (path === "" ? key : `${path}.${key}`)
  if (typeof value === "string") return [below(value)]
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [below(key)] : leavesOf(inner, below(key)),
  )
}

/** A state and all that it is in. */
const upwards = (leaf: string): ReadonlyArray<string> => {
  const keys = leaf.split(".")
  return keys.map((_, i) => keys.slice(0, i + 1).join("."))
}

const by = (root: ParentNode, attribute: string, value: string): SVGGElement | undefined =>
  [...root.querySelectorAll<SVGGElement>(`[${attribute}]`)].find((node) => node.getAttribute(attribute) === value)

interface Whereabouts {
  readonly peer: string
  readonly id: string
  readonly leaves: ReadonlyArray<string>
  readonly context: unknown
  readonly timers: ReadonlyArray<{ readonly event: string; readonly due: number }>
}

/** Who is in which state of a machine. */
export const whereabouts = (player: Shown, at: number, machine: string): ReadonlyArray<Whereabouts> =>
  player.moments[at]!.view.peers.flatMap(({ contacts, name, status, vault }) => {
    if (vault?.machine === machine) {
      const { context, id, state, timers } = vault
      return status === "dead" ? [] : [{ peer: name, id, context, timers, leaves: leavesOf(state) }]
    }
    if (contacts.length === 0 && status === "ready") return fromRecord(player, at, name, machine)
    const there = contacts.flatMap(({ machines }) => machines.filter((one) => one.machine === machine))
    const standing = there.map(({ context, id, state, timers }) => ({
      ...{ peer: name, id, context, timers },
      leaves: leavesOf(state),
    }))
    return [...standing, ...endedIn(player, at, name, machine, new Set(there.map(({ id }) => id)))]
  })

/** What came to its end in this very step is not there any more: where it ended is in the record. */
const endedIn = (
  player: Shown,
  at: number,
  peer: string,
  machine: string,
  there: ReadonlySet<string>,
): ReadonlyArray<Whereabouts> => {
  const ended = new Map<string, Whereabouts>()
  for (const line of player.lines.slice(player.moments[at - 1]?.lines ?? 0, player.moments[at]!.lines)) {
    const moved = line.peer === peer ? movedIn(line) : undefined
    if (moved?.machine !== machine || there.has(moved.id)) continue
    ended.set(moved.id, { peer, id: moved.id, leaves: moved.to, context: {}, timers: [] })
  }
  return [...ended.values()]
}

/** An invite that waits is nobody's contact yet: where it stands is in the record. */
const fromRecord = (player: Shown, at: number, peer: string, machine: string): ReadonlyArray<Whereabouts> => {
  const line = player.lines
    .slice(0, player.moments[at]!.lines)
    .findLast((one) => one.peer === peer && movedIn(one)?.machine === machine)
  const moved = line === undefined ? undefined : movedIn(line)
  return moved === undefined ? [] : [{ peer, id: moved.id, leaves: moved.to, context: {}, timers: [] }]
}

export const showOn = (svg: SVGSVGElement, player: Shown, at: number, machine: string): void => {
  for (const node of svg.querySelectorAll(".is-in, .took")) node.classList.remove("is-in", "took")
  const { peers } = player.setup
  const here = whereabouts(player, at, machine)
  const tokens = new Map<string, { readonly x: number; readonly y: number; readonly peer: number }>()
  for (const { leaves, peer } of here) {
    for (const leaf of leaves) {
      for (const path of upwards(leaf)) by(svg, "data-state", path)?.classList.add("is-in")
      const box = by(svg, "data-state", leaf)?.querySelector("rect")
      if (box === null || box === undefined) continue
      const i = peers.indexOf(peer)
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name))) as [
        number,
        number,
        number,
        number,
      ]
      tokens.set(`${peer} ${leaf.split(".")[0] === leaf ? "" : leaf.split(".")[0]}`, {
        x: x + (i === 0 ? 2 : i === 1 ? width - 2 : width / 2),
        y: y + (i < 2 ? 2 : height - 2),
        peer: i,
      })
    }
  }
  drawTokens(svg, tokens, peers)

  const before = player.moments[at - 1]?.lines ?? 0
  for (const line of player.lines.slice(before, player.moments[at]!.lines)) {
    const moved = movedIn(line)
    if (moved?.machine !== machine) continue
    const from = new Set(moved.from.flatMap(upwards))
    for (const rule of svg.querySelectorAll<SVGGElement>("[data-edge]")) {
      const source = rule.getAttribute("data-source") ?? ""
      if (rule.getAttribute("data-event") !== moved.event || !(source === "" || from.has(source))) continue
      rule.classList.add("took")
      svg.querySelector(`.edge[data-edges~="${rule.getAttribute("data-edge")}"]`)?.classList.add("took")
    }
  }
}

const SVG = "http://www.w3.org/2000/svg"

const drawTokens = (
  svg: SVGSVGElement,
  tokens: ReadonlyMap<string, { readonly x: number; readonly y: number; readonly peer: number }>,
  peers: ReadonlyArray<string>,
): void => {
  const layer = svg.querySelector(".tokens") ?? svg.appendChild(document.createElementNS(SVG, "g"))
  layer.setAttribute("class", "tokens")
  const old = new Map([...layer.children].map((node) => [node.getAttribute("data-token"), node as SVGGElement]))
  for (const [key, node] of old) if (!tokens.has(key!)) node.remove()
  for (const [key, { peer, x, y }] of tokens) {
    let node = old.get(key)
    if (node === undefined) {
      node = document.createElementNS(SVG, "g")
      node.setAttribute("data-token", key)
      node.setAttribute("class", `token peer-${peer}`)
      const circle = node.appendChild(document.createElementNS(SVG, "circle"))
      circle.setAttribute("r", "11")
      const letter = node.appendChild(document.createElementNS(SVG, "text"))
      letter.setAttribute("y", "4")
      letter.setAttribute("text-anchor", "middle")
      letter.textContent = letterOf(peers[peer] ?? "?")
      layer.append(node)
    }
    node.style.transform = `translate(${x}px, ${y}px)`
  }
}

/** Brings into sight whoever moved last. */
export const follow = (holder: HTMLElement, svg: SVGSVGElement): void => {
  const token = [".took", ".token", ".start"].flatMap((name) => svg.querySelector<SVGGElement>(name) ?? [])[0]
  if (token === undefined) return
  const [box, frame] = [token.getBoundingClientRect(), holder.getBoundingClientRect()]
  holder.scrollBy({
    left: box.left - frame.left - holder.clientWidth / 2 + box.width / 2,
    top: box.top - frame.top - holder.clientHeight / 2 + box.height / 2,
  })
}
