/**
 * What links do, as events of the machines: each frame goes to the machine that waits for it. Docs: docs/architecture.md, "From
 * a link to the host".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { decodeFrame, decodeReassembled, encodeFrame, type Frame } from "../frame.ts"
import type { Attached, Host } from "../host/host.ts"
import type { InstanceId } from "../store.ts"
import type { Unreachable } from "../transport.ts"
import { bindingOf } from "./handlers/handshake-records.ts"
import type { ContactHooks } from "./hooks.ts"
import { makeInlets } from "./inlets.ts"
import type { Life } from "./life.ts"
import type { Links } from "./links.ts"
import {
  type ContactMachines,
  INVITER,
  INVITER_AGAIN,
  JOINER,
  JOINER_AGAIN,
  LINK,
  SESSION,
  STANDING,
} from "./machines.ts"

type TellHost = Parameters<Host<ContactMachines>["tell"]>

/** Turns what links do into events of the machines. */
export const linkEvents = (options: {
  readonly hooks: ContactHooks
  readonly life: Life
  readonly host: () => Host<ContactMachines> | undefined
  readonly links: () => Links
}) => {
  const { hooks } = options
  let arrived = 0
  const inlets = makeInlets()
  const early: Array<TellHost> = []
  const tell = (...post: TellHost) => {
    const host = options.host()
    // A listener may hear of a link while its host is still loading.
    if (host === undefined) early.push(post)
    else host.tell(...post)
  }

  const isAlive = (id: InstanceId) => options.host()?.instances.has(id) === true
  const joiner = () => (isAlive(JOINER_AGAIN) ? JOINER_AGAIN : JOINER)
  const inviter = () => (isAlive(INVITER_AGAIN) ? INVITER_AGAIN : INVITER)

  const dispatch = Effect.fnUntraced(function* (
    link: string,
    binding: Uint8Array | undefined,
    frame: Frame,
  ): Effect.fn.Return<void> {
    const name = `arrived/${++arrived}`
    // Whatever is more than a sign of life makes us work before we know who sent it.
    const isWork = frame.kind !== "fragment" && frame.kind !== "probe" && frame.kind !== "echo"
    if (isWork && !inlets.spend(link, yield* Clock.currentTimeMillis)) return
    switch (frame.kind) {
      case "hello": {
        const attached: Attached = [
          [name, frame.message],
          [bindingOf(name), binding ?? new Uint8Array()],
        ]
        // Beside a running session a greeting has to answer what was asked over its link.
        const to = isAlive(INVITER) ? INVITER : STANDING
        return tell({ to, event: { type: "HelloArrived", frame: name, via: link } }, attached)
      }
      case "bundle":
        return tell({ to: joiner(), event: { type: "BundleArrived", frame: name, via: link } }, [[name, frame.message]])
      case "accept":
        return tell({ to: inviter(), event: { type: "AcceptArrived", frame: name, via: link } }, [
          [name, frame.message],
        ])
      case "confirm": {
        const event = { type: "ConfirmArrived", frame: name, via: link } as const
        const attached: Attached = [[name, frame.ciphertext]]
        if (frame.role === "inviter") return tell({ to: joiner(), event }, attached)
        if (isAlive(inviter())) return tell({ to: inviter(), event }, attached)
        // The handshake is over: whoever confirms has not heard of us since.
        return tell({ to: SESSION, event: { type: "FrameArrived", frame: name } }, attached)
      }
      case "ask":
      case "tell": {
        const attached: Attached = [
          [name, frame.message],
          [bindingOf(name), binding ?? new Uint8Array()],
        ]
        inlets.carried(name, link)
        const type = frame.kind === "ask" ? "AskArrived" : "TellArrived"
        return tell({ to: STANDING, event: { type, frame: name, via: link } }, attached)
      }
      case "sealed": {
        inlets.carried(name, link)
        return tell({ to: SESSION, event: { type: "FrameArrived", frame: name } }, [[name, frame.ciphertext]])
      }
      case "fragment": {
        const { dropped, frame: completed } = inlets.add(link, frame)
        if (dropped > 0) hooks.reassemblyDropped()
        const whole = completed && decodeReassembled(completed)
        if (whole !== undefined) yield* dispatch(link, binding, whole)
        return
      }
      case "probe":
        yield* options.links().transmit(encodeFrame({ kind: "echo", number: frame.number }), link)
        return
      case "echo":
        if (yield* options.links().echoed(frame.number, link)) {
          tell({ to: LINK, event: { type: "EchoArrived" } })
          hooks.linksChanged()
        }
    }
  })

  return {
    events: {
      opened: (link: string, binding: Uint8Array | undefined) => {
        options.life.links.add(link)
        if (binding !== undefined) options.life.bindings.set(link, binding)
        tell({ to: LINK, event: { type: "LinkOpened", link } }, [[bindingOf(link), binding ?? new Uint8Array()]])
        hooks.linksChanged()
      },
      closed: (link: string) => {
        inlets.closed(link)
        options.life.links.delete(link)
        options.life.over.delete(link)
        options.life.bindings.delete(link)
      },
      lost: () => {
        tell({ to: LINK, event: { type: "LinkLost" } })
        tell({ to: STANDING, event: { type: "LinkLost" } })
        hooks.linksChanged()
      },
      found: () => tell({ to: LINK, event: { type: "PeerFound" } }),
      dialFailed: (failure: Unreachable | "nobody") => {
        if (failure === "nobody") return tell({ to: LINK, event: { type: "NobodyToDial" } })
        const { reason, service = null } = failure
        if (reason === "service" && service !== null) hooks.service({ service, reachable: false })
        tell({ to: LINK, event: { type: "DialFailed", reason, service } })
      },
      carried: hooks.carried,
      frame: (link: string, binding: Uint8Array | undefined, bytes: Uint8Array) => {
        const frame = decodeFrame(bytes)
        return frame === undefined ? Effect.void : dispatch(link, binding, frame)
      },
    },
    /** A frame opened: only the peer could have made it, so the link that it came over is the peer's. */
    genuine: (frame: string) => {
      const link = inlets.genuine(frame)
      if (link !== undefined) options.links().proven(link)
    },
    flush: () => {
      for (const post of early.splice(0)) tell(...post)
    },
  }
}
