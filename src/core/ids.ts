/**
 * Who is who in a session. A contact has two sides for its whole life: the one that made the invite and the one that
 * accepted it. Docs: protocol.md, "Handshake".
 */

/** The wire profile: every label that separates keys starts with it. */
export const PROFILE = "sotto/1"

/** Who made the invite, and who used it. */
export type Role = "inviter" | "joiner"

/** How a role is written on the wire, for `choice`. */
export const ROLE_NUMBERS = { inviter: 1, joiner: 2 } as const satisfies Record<Role, number>

export const peerOf = (role: Role): Role => (role === "inviter" ? "joiner" : "inviter")

/** Which way something travels. Bound into every layer, so that nothing can be reflected to its sender. */
export type Direction = "inviterToJoiner" | "joinerToInviter"

/** How a direction is written on the wire, for `choice`. */
export const DIRECTION_NUMBERS = { inviterToJoiner: 1, joinerToInviter: 2 } as const satisfies Record<Direction, number>

/** The way of what `role` sends. */
export const sentBy = (role: Role): Direction => (role === "inviter" ? "inviterToJoiner" : "joinerToInviter")

/** The way of what `role` receives. */
export const receivedBy = (role: Role): Direction => sentBy(peerOf(role))
