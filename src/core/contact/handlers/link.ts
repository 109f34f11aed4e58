/** The commands of the link machine. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Handlers } from "../../host/handlers.ts"
import type { InstanceId } from "../../store.ts"
import { type ContactMachines, INVITER, INVITER_AGAIN, JOINER, SESSION, STANDING } from "../machines.ts"
import { Wire } from "../services.ts"

/** Pauses double from the first to the last of these, in milliseconds; each is drawn between half of it and the whole. */
const FIRST_PAUSE = 1_000
const LAST_PAUSE = 30_000

export const linkHandlers: Handlers<ContactMachines, never, Wire>["link"] = {
  prepare: {
    drawPause: Effect.fnUntraced(function* ({ attempt }) {
      const whole = Math.min(FIRST_PAUSE * 2 ** Math.min(attempt - 1, 16), LAST_PAUSE)
      // Jitter: after an outage of the broker its peers must not all come back in the same instant.
      return { events: [{ type: "PauseDrawn", pause: Math.round(whole / 2 + ((yield* Random.next) * whole) / 2) }] }
    }),

    announceOpen: ({ link: opened }, at) => {
      const event = { type: "LinkOpened", link: opened } as const
      const isAlive = (id: InstanceId) => at.contextOf(id) !== undefined
      return Effect.succeed({
        tell: [
          ...(isAlive(INVITER) ? [{ to: INVITER, event } as const] : []),
          ...(isAlive(JOINER) ? [{ to: JOINER, event } as const] : []),
          // The joiner beside a running session hears of a link once the peer has spoken over it.
          ...(isAlive(INVITER_AGAIN) ? [{ to: INVITER_AGAIN, event } as const] : []),
          { to: STANDING, event },
          { to: SESSION, event: { type: "LinkOpened" } },
        ],
      })
    },
  },
  perform: {
    dial: () =>
      Effect.as(
        Wire.use(({ dial }) => dial),
        [],
      ),
    probe: () =>
      Effect.as(
        Wire.use(({ probe }) => probe),
        [],
      ),
    hangUp: () =>
      Effect.as(
        Wire.use(({ hangUp }) => hangUp),
        [],
      ),
  },
}
