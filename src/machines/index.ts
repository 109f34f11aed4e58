/** `sotto/machines`: every statechart of the protocol, pure and without keys, to draw, step through or test. */

export { type Command, type Kind, kindOf } from "../core/host/command.ts"
export {
  begin,
  type Decision,
  fromRest,
  type Rest,
  type Snapshot,
  step,
  type TimerChange,
  toRest,
} from "../core/host/step.ts"
export { type BraidContext, type BraidEvent, braid, type ChunkArrived } from "./braid.ts"
export { type DeliveryContext, type DeliveryEvent, delivery, type Outcome } from "./delivery.ts"
export { type DoubleRatchetContext, type DoubleRatchetEvent, doubleRatchet } from "./double-ratchet.ts"
export { type ExpiryContext, type ExpiryEvent, expiry } from "./expiry.ts"
export { type InviterContext, type InviterEvent, inviter, type RefusalReason } from "./inviter.ts"
export { type JoinerContext, type JoinerEvent, joiner } from "./joiner.ts"
export {
  type FramePlace,
  type KemRatchetContext,
  type KemRatchetEvent,
  kemRatchet,
  type TurnIndex,
} from "./kem-ratchet.ts"
export { type LinkContext, type LinkEvent, link } from "./link.ts"
export { type ReceiptContext, type ReceiptEvent, receipt } from "./receipt.ts"
export { session } from "./session.ts"
export type { ChangeKind, NumberedKind, SessionContext, SessionEvent } from "./session-state.ts"
export { type StandingContext, type StandingEvent, standing } from "./standing.ts"
export { type VaultContext, type VaultEvent, type VaultInput, vault } from "./vault.ts"
