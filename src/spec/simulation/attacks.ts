/**
 * What an attacker does in a simulation: frames that come back, again, rewritten or in heaps, somebody in the middle, copied
 * disks and stolen keys. Each needs nothing but what such an attacker has. Docs: simulator.md, "Attackers".
 */

import { decodeFrame, encodeFrame } from "../../core/frame.ts"
import { envelope } from "../../core/handshake/envelope.ts"
import { helloBody } from "../../core/handshake/messages.ts"
import { ownStatics } from "../../core/handshake/own-keys.ts"
import type { Choice } from "./choice.ts"
import type { Disk } from "./disk.ts"
import type { Network } from "./network-values.ts"
import type { Thieves } from "./thieves.ts"

export interface AttackOptions {
  readonly peers: ReadonlyArray<string>
  readonly network: Network
  /** Of a peer whose storage is simulated; what an adapter under trial holds is not ours to damage. */
  readonly disk: (peer: string) => Disk | undefined
  /** Ends a peer's process. False where there is none. */
  readonly kill: (peer: string) => boolean
  readonly random: (length: number) => Uint8Array
  readonly thieves: Thieves
}

/** A Hello without its outermost layer, under the MAC that it had: nobody on the way can make another. */
export const withoutOutermost = (bytes: Uint8Array): Uint8Array | undefined => {
  const frame = decodeFrame(bytes)
  const found = frame?.kind === "hello" ? envelope.decode(frame.message) : undefined
  const hello = found && helloBody.decode(found.body)
  if (found === undefined || hello === undefined) return undefined
  const body = helloBody.encode({ ...hello, suites: hello.suites.slice(0, -1) })
  return encodeFrame({ kind: "hello", message: envelope.encode({ ...found, body }) })
}

/** Does it. False: it is not possible now. Undefined: it is no attack. */
export const attack = (choice: Choice, options: AttackOptions): boolean | undefined => {
  const { disk, kill, network, peers, random, thieves } = options
  switch (choice[0]) {
    case "reflect":
    case "replay":
      return choice[0] === "reflect" ? network.reflect(choice[1]) : network.replay(choice[1])
    case "strip":
      return network.rewrite(choice[1], withoutOutermost)
    case "flood":
      return network.flood(choice[1], choice[2])
    case "intercept":
      network.intercepted = choice[1]
      return true
    case "lose":
    case "replace": {
      const damaged = disk(choice[1])
      if (damaged === undefined || !kill(choice[1])) return false
      damaged.loseKeys()
      if (choice[0] === "replace") damaged.replaceIdentity(() => ownStatics.encode(strange(random)))
      return true
    }
    case "copy":
      disk(choice[1])?.copy()
      return disk(choice[1]) !== undefined
    case "putBack": {
      const damaged = disk(choice[1])
      if (damaged?.isCopied() !== true) return false
      kill(choice[1])
      return damaged.putBack()
    }
    case "steal":
      return peers.map((other) => thieves.steal(choice[1], other, choice[2])).some(Boolean)
    default:
      return undefined
  }
}

const strange = (random: (length: number) => Uint8Array) => ({
  signalIdentity: random(32),
  mlsSignature: random(32),
  kem: random(32),
})
