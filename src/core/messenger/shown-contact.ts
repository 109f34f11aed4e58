/** What is shown of a contact: made when somebody first looks, because most of ten thousand are not looked at. */
import type { Shown } from "../contact/contact.ts"
import { type Cell, cell, type Derived, derived } from "../observable.ts"
import type { Path } from "../transport.ts"
import { connectionOf, machinesOf, sessionContext, sessionOf } from "./contact-view.ts"
import type { Connection, MachineView, Session } from "./values.ts"
import { Wakefulness } from "./wakefulness.ts"

/** What is made when somebody first looks at it. */
interface Views {
  connection?: Derived<Connection>
  session?: Derived<Session>
  machines?: Derived<ReadonlyArray<MachineView>>
  verified?: Derived<number | undefined>
  unread?: Derived<number>
  typing?: Cell<boolean>
}

/** One for all that sleep: nothing is written to it. */
export const NO_TIMES: Map<string, number> = new Map()

export abstract class ShownContact extends Wakefulness {
  readonly views: Views = {}
  /** What the links last said of themselves, while there are any. */
  path: Path | undefined
  /** A service that does not answer. */
  protected unreachable: string | undefined
  /** When each machine came to its state, while the host is open. */
  since: Map<string, number> = NO_TIMES

  get live(): Shown {
    return this.shown()!
  }

  get role() {
    return this.live.about().role
  }

  get createdAt() {
    return this.live.about().createdAt
  }

  name() {
    return this.live.about().name
  }

  pairedAt() {
    return this.live.about().pairedAt
  }

  get connection(): Derived<Connection> {
    this.views.connection ??= derived(() => connectionOf(this.live, this.path, this.unreachable))
    return this.views.connection
  }

  get session(): Derived<Session> {
    this.views.session ??= derived(() => sessionOf(this.live))
    return this.views.session
  }

  get machines(): Derived<ReadonlyArray<MachineView>> {
    this.views.machines ??= derived(() => machinesOf(this.live, this.since))
    return this.views.machines
  }

  get verified(): Derived<number | undefined> {
    this.views.verified ??= derived(() => this.live.about().comparedAt)
    return this.views.verified
  }

  get unread(): Derived<number> {
    this.views.unread ??= derived(() => sessionContext(this.live).unread)
    return this.views.unread
  }

  get typing(): Cell<boolean> {
    this.views.typing ??= cell(false)
    return this.views.typing
  }
}
