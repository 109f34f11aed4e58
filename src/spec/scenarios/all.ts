/** Every scenario, in the order in which the documentation shows them. */
import { crash } from "./crash.ts"
import {
  crashedInviter,
  crashedJoiner,
  damagedBundle,
  lostAccept,
  lostConfirm,
  lostHello,
  replayedHello,
} from "./handshake.ts"
import { clocks, closed, locked, reconnect, silence, takenOver, three, twoTabs } from "./lives.ts"
import { loss } from "./loss.ts"
import { braidUnderLoss, crossing, damaged, expired, flood, offline, read, reordered, repeated } from "./messages.ts"
import { pairing } from "./pairing.ts"
import type { Scenario } from "./scenario.ts"

export const scenarios: ReadonlyArray<Scenario> = [
  ...[pairing, lostHello, lostAccept, lostConfirm, replayedHello, damagedBundle, crashedJoiner, crashedInviter],
  ...[loss, reordered, repeated, damaged, crossing, read, offline, expired, flood, braidUnderLoss],
  ...[crash, reconnect, silence, closed, locked, twoTabs, takenOver, clocks, three],
]
