/** Everything that is seen, in the page's address: seed, peers, choices, where one stands, which frame and which machine. */
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { type Setup, setupOf } from "./shown.ts"

/** Raised whenever an address would mean another run than before. */
export const VERSION = 1

export interface Place {
  readonly setup: Setup
  readonly choices: ReadonlyArray<Choice>
  readonly at: number
  readonly frame: number | undefined
  readonly machine: string | undefined
  /** What the whole run's hash began with when the link was made. */
  readonly hash?: string | undefined
}

/** Of a hash in a link: enough to notice that the run is another one. */
export const HASH_DIGITS = 16

/** Equal choices in a row are said once, with their number. */
const written = (choices: ReadonlyArray<Choice>): string => {
  const parts: Array<readonly [text: string, times: number]> = []
  for (const choice of choices) {
    const text = choice[0] === "." ? "." : JSON.stringify(choice).slice(1, -1).replaceAll("~", "\\u007e")
    const last = parts.at(-1)
    if (last !== undefined && last[0] === text && text === ".") parts[parts.length - 1] = [text, last[1] + 1]
    else parts.push([text, 1])
  }
  return parts.map(([text, times]) => (times === 1 ? text : `.${times}`)).join("~")
}

const read = (text: string): ReadonlyArray<Choice> =>
  text === ""
    ? []
    : text.split("~").flatMap((part): ReadonlyArray<Choice> => {
        if (/^\.\d*$/.test(part)) return Array<Choice>(Math.min(Number(part.slice(1) || 1), MAX_CHOICES)).fill(["."])
        return [JSON.parse(`[${part}]`) as Choice]
      })

/** An address may come from anybody: a run of this length takes seconds. */
const MAX_CHOICES = 5_000

export const addressOf = ({ at, choices, frame, hash, machine, setup }: Place): string => {
  const fields = new URLSearchParams({
    v: String(VERSION),
    s: String(setup.seed),
    p: setup.peers.join(","),
    k: setup.crypto,
    ...(setup.vaults !== undefined && setup.vaults.length > 0 && { w: setup.vaults.join(",") }),
    c: written(choices),
    at: String(at),
  })
  if (frame !== undefined) fields.set("f", String(frame))
  if (machine !== undefined) fields.set("m", machine)
  if (hash !== undefined) fields.set("h", hash.slice(0, HASH_DIGITS))
  return `#${fields}`
}

/** The place, what is wrong with the address in words, or undefined for an address that says nothing of a run. */
export const placeIn = (hash: string): Place | string | undefined => {
  const fields = new URLSearchParams(hash.replace(/^#/, ""))
  if (!fields.has("s")) return undefined
  if (fields.get("v") !== String(VERSION))
    return `This link was made by another version (${fields.get("v")}, here it is ${VERSION}): the run may differ, so it is not shown.`
  try {
    const choices = read(fields.get("c") ?? "")
    const peers = (fields.get("p") ?? "alice,bob").split(",").filter((name) => /^[a-z]{1,12}$/.test(name))
    const vaults = peers.filter((name) => fields.get("w")?.split(",").includes(name))
    const frame = fields.get("f")
    if (choices.length > MAX_CHOICES || peers.length < 2 || peers.length > 3) throw new RangeError("out of bounds")
    return {
      setup: setupOf({
        ...{ seed: Number(fields.get("s")) | 0, peers, crypto: fields.get("k") === "real" ? "real" : "fast" },
        ...(vaults.length > 0 && { vaults }),
      }),
      choices,
      at: Number(fields.get("at") ?? choices.length),
      frame: frame === null ? undefined : Number(frame),
      machine: fields.get("m") ?? undefined,
      hash: fields.get("h") ?? undefined,
    }
  } catch {
    return "This link is damaged: it names no run that could be played."
  }
}
