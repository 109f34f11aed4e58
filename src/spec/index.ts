/**
 * `sotto/spec`: the protocol's properties as values, the arbitraries that try them, and the games against the cascade. Needs
 * the package fast-check beside it.
 */
export * from "./arbitraries/wire.ts"
export { decoders } from "./decoders.ts"
export * from "./games/adversary.ts"
export * from "./games/braid-run.ts"
export * from "./games/cascade-run.ts"
export * from "./games/ratchet-run.ts"
export * from "./invariants/braid.ts"
export * from "./invariants/cascade.ts"
export * from "./invariants/invariant.ts"
export * from "./invariants/ratchet.ts"
