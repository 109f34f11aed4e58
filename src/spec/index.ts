/**
 * `sotto/spec`: the protocol's properties as values, the arbitraries that try them, and the games against the cascade. Needs
 * the package fast-check beside it.
 */
export * from "./arbitraries/wire.ts"
export { decoders } from "./decoders.ts"
export * from "./games/adversary.ts"
export * from "./games/braid-run.ts"
export * from "./games/cascade-run.ts"
export * from "./games/cascade-subject.ts"
export { type Attack, type Move, moves } from "./games/moves.ts"
export * from "./games/ratchet-run.ts"
export { type Step, schedule } from "./games/schedule.ts"
export * from "./invariants/braid.ts"
export * from "./invariants/cascade.ts"
export * from "./invariants/invariant.ts"
export * from "./invariants/ratchet.ts"
export * from "./invariants/simulation.ts"
export * from "./invariants/storage.ts"
export * from "./invariants/vault.ts"
export { scenarios } from "./scenarios/all.ts"
export * from "./scenarios/play.ts"
export * from "./scenarios/scenario.ts"
export * from "./simulation/choice.ts"
export * from "./simulation/faults.ts"
export type { Image } from "./simulation/image.ts"
export { isPaired, rest, until } from "./simulation/rest.ts"
export * from "./simulation/run.ts"
export {
  drawSchedule,
  FAULT_KINDS,
  type FaultKind,
  type Schedule,
  type ScheduleOptions,
} from "./simulation/schedule.ts"
export * from "./simulation/shrink.ts"
export * from "./simulation/simulate.ts"
export type * from "./simulation/simulation.ts"
export * from "./simulation/timeline.ts"
export type * from "./simulation/view.ts"
