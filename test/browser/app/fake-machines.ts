/** The real statecharts, as far as the scripted contacts show them. */
export * from "../../../src/machines/delivery.ts"
export * from "../../../src/machines/double-ratchet.ts"
export * from "../../../src/machines/kem-ratchet.ts"
export * from "../../../src/machines/link.ts"
export * from "../../../src/machines/session.ts"
export * from "../../../src/machines/session-state.ts"
