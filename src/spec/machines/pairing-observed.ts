/**
 * The pairing machines alone as an observation of a handshake: each verdict of a check is given by whoever tells the life,
 * and what the machine makes of it is observed. Docs: invariants.md, "Handshake".
 */
import type { Role } from "../../core/ids.ts"
import type { HandshakeAttempt, HandshakeFrame, HandshakeObservation } from "../invariants/handshake.ts"
import { NO_HANDSHAKE } from "../invariants/handshake.ts"
import { type Answers, commandsIn, isIn, type Step } from "./life.ts"

/** Answers each check as a handler does: genuine or refused, by choice. */
export const verdicts: Answers = ({ type }, choice) => {
  const frame = /^check(\w+)$/.exec(type)?.[1]
  if (frame === undefined) return []
  return [choice() % 2 === 0 ? { type: `${frame}Genuine` } : ({ type: `${frame}Refused`, reason: "invalid" } as never)]
}

const FRAMES: Readonly<Record<string, HandshakeFrame>> = {
  HelloArrived: "hello",
  BundleArrived: "bundle",
  AcceptArrived: "accept",
  ConfirmArrived: "confirm",
}

/** States in which keys are agreed: from there on nothing that was said before counts any more. */
const AGREED = ["agreed", "pairing.accepting", "established", "settled"]
const PAIRED = ["established", "settled"]

export const observedPairing = (role: Role, steps: ReadonlyArray<Step>): HandshakeObservation => {
  const attempts: Array<HandshakeAttempt> = []
  const stage = (names: ReadonlyArray<string>, state: Step["from"]) => names.some((name) => isIn(state, name))
  let agreed = false
  for (const { commands, event, from, to } of steps) {
    const frame = FRAMES[event.type]
    if (frame !== undefined && agreed && frame !== "confirm") {
      // Another handshake on top of one that has keys. What is repeated is repeated; nothing is computed anew.
      const computes = commands.some(({ kind, type }) => kind === "prepare" && /^(check|make)/.test(type))
      attempts.push({ attack: "replayed", frame, taken: computes, changed: computes })
    }
    if (/Refused$/.test(event.type)) {
      const changed = commands.some(({ kind }) => kind === "prepare") || stage(PAIRED, to)
      const name = FRAMES[event.type.replace("Refused", "Arrived")]!
      attempts.push({ attack: "altered", frame: name, taken: !agreed && stage(AGREED, to), changed })
    }
    agreed ||= stage(AGREED, to) && !stage(AGREED, from)
  }
  const genuine = (type: string) => steps.filter(({ event }) => event.type === type).length
  const isPaired = stage(PAIRED, steps.at(-1)!.to)
  return {
    ...NO_HANDSHAKE,
    attempts,
    ends: [
      {
        role,
        established: isPaired,
        heard: agreed ? "agreed" : undefined,
        sessions: commandsIn(steps, role === "inviter" ? "finish" : "establish").length,
      },
    ],
    oneTime: role === "inviter" ? [{ id: "one", agreements: genuine("AcceptGenuine"), kept: false }] : [],
  }
}
