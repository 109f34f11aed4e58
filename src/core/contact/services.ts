/**
 * What a contact's perform-handlers need of the world: the wire to the peer, and the application. Both are outward: a
 * prepare-handler that asks for them does not compile.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { RefusalReason } from "../../machines/inviter.ts"
import type { HealingReason } from "../../machines/standing.ts"

/** Live links to one peer; they belong to the process and are gone with it. */
export class Wire extends Context.Service<
  Wire,
  {
    /**
     * Hands a frame to the link `via` while that is open, else to the best open one. False without an open link. Frames
     * over 16 KiB are split. `only`: over `via` or not at all.
     */
    readonly transmit: (frame: Uint8Array, via?: string, only?: boolean) => Effect.Effect<boolean>
    /** Looks for the peer. What comes of it arrives as an event: LinkOpened, DialFailed or NobodyToDial. */
    readonly dial: Effect.Effect<void>
    readonly probe: Effect.Effect<void>
    readonly hangUp: Effect.Effect<void>
    /** Closes one link. */
    readonly leave: (link: string) => Effect.Effect<void>
    /** Closes all links but this one, if it has proved to be the peer's. */
    readonly leaveOthers: (link: string) => Effect.Effect<void>
    /** Whether peers may find us at our addresses. They may from the start. */
    readonly listen: (on: boolean) => Effect.Effect<void>
  }
>()("sotto/core/Wire") {}

/** What a contact's machines have to tell a person; at least once, so idempotent by its ids. */
export type ContactNews =
  | { readonly type: "paired" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "message"; readonly index: number }
  | { readonly type: "typing"; readonly active: boolean }
  | { readonly type: "identityChanged" }
  | { readonly type: "healed"; readonly reason: HealingReason }
  | { readonly type: "cloneDetected" }
  | { readonly type: "replaced" }
  | { readonly type: "refused"; readonly reason: RefusalReason }

export class Application extends Context.Service<
  Application,
  { readonly tell: (news: ContactNews) => Effect.Effect<void> }
>()("sotto/core/Application") {}
