import type { Changed } from "../host/host.ts"
import type { Notice } from "../host/transition.ts"
import type { Fault } from "../host/verdict.ts"
import type { ServiceNews } from "./listening.ts"
import type { ContactNews } from "./services.ts"

/** What a contact tells whoever holds it. None of these may throw. */
export interface ContactHooks {
  readonly news: (news: ContactNews) => void
  readonly changed: (changed: Changed) => void
  readonly inspected: (notice: Notice) => void
  readonly carried: (way: "out" | "in", bytes: Uint8Array) => void
  readonly fault: (fault: Fault) => void
  readonly service: (news: ServiceNews) => void
  readonly reassemblyDropped: () => void
  /** A link came, went, or said something of its path. */
  readonly linksChanged: () => void
}
