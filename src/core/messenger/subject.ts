import type * as Effect from "effect/Effect"
import type { LiveContact, Shown } from "../contact/contact.ts"
import type { SottoError } from "../errors.ts"
import type { HostId } from "../store.ts"

/** The contact that a conversation is with. */
export interface Subject {
  readonly id: HostId
  readonly shown: () => Shown
  /** Opens the contact's host if it is closed, and keeps it open meanwhile. */
  readonly use: <A>(act: (live: LiveContact) => Effect.Effect<A, SottoError>) => Effect.Effect<A, SottoError>
}
