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
export { braid } from "./braid.ts"
export { delivery } from "./delivery.ts"
export { doubleRatchet } from "./double-ratchet.ts"
export { expiry } from "./expiry.ts"
export { inviter } from "./inviter.ts"
export { joiner } from "./joiner.ts"
export { kemRatchet } from "./kem-ratchet.ts"
export { link } from "./link.ts"
export { receipt } from "./receipt.ts"
export { session } from "./session.ts"
export { standing } from "./standing.ts"
export { vault } from "./vault.ts"
