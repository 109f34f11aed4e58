/** Whoever learnt an address and nothing else: opens links to it, and says what they like. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { decodeInvite, type Invite } from "../../src/core/handshake/invite.ts"
import type { Address, Link } from "../../src/core/transport.ts"
import type { World } from "../engine/world.ts"

export interface Stranger {
  readonly send: (frame: Uint8Array) => Promise<void>
  /** What came back. */
  readonly heard: ReadonlyArray<Uint8Array>
  readonly isOpen: () => boolean
  readonly binding: Uint8Array | undefined
  readonly close: () => Promise<void>
}

export const inviteIn = (text: string): Invite => {
  const invite = decodeInvite(text)
  if (typeof invite === "string") throw new TypeError(invite)
  return invite
}

/** Opens a link to somebody who listens there. `answers`: what to say to each frame. Throws where nobody listens. */
export const strangerAt = async (
  world: World,
  address: Address,
  answers: (frame: Uint8Array) => ReadonlyArray<Uint8Array> = () => [],
): Promise<Stranger> => {
  const scope = Scope.makeUnsafe()
  const link: Link = await world.hear(
    Effect.runPromise(Scope.provide(world.network.transport().connect(address), scope)),
  )
  const heard: Array<Uint8Array> = []
  let open = true
  const listen = Effect.gen(function* () {
    while (true) {
      const frame = yield* link.receive
      heard.push(frame)
      world.stir()
      for (const answer of answers(frame)) yield* link.send(answer)
    }
  })
  Effect.runFork(
    Effect.ensuring(
      Effect.ignore(listen),
      Effect.sync(() => void (open = false)),
    ),
  )
  return {
    heard,
    binding: link.binding,
    isOpen: () => open,
    send: async (frame) => {
      world.stir()
      await Effect.runPromise(Effect.ignore(link.send(frame)))
    },
    close: () => world.hear(Effect.runPromise(Scope.close(scope, Exit.void))),
  }
}
