/** The machines that one contact hosts. Docs: architecture.md, "Machines". */
import { delivery } from "../../machines/delivery.ts"
import { expiry } from "../../machines/expiry.ts"
import { inviter } from "../../machines/inviter.ts"
import { joiner } from "../../machines/joiner.ts"
import { link } from "../../machines/link.ts"
import { receipt } from "../../machines/receipt.ts"
import { session } from "../../machines/session.ts"
import { standing } from "../../machines/standing.ts"

export const machines = { session, standing, inviter, joiner, link, delivery, receipt, expiry }
export type ContactMachines = typeof machines

/** The instances that a contact has once. */
export const SESSION = "session/main"
export const LINK = "link/main"
export const INVITER = "inviter/main"
export const JOINER = "joiner/main"
/** While anything is to disappear. */
export const EXPIRY = "expiry/main"
export const STANDING = "standing/main"
/** A handshake beside a running session. */
export const INVITER_AGAIN = "inviter/again"
export const JOINER_AGAIN = "joiner/again"
